"""What every answer tells the browser not to do."""

import pytest
from flask import Flask, Response, session

from resana.core import assets, headers
from tests.core.test_assets import PACKAGES, address, static  # noqa: F401 - a fixture


@pytest.fixture
def app(static):  # noqa: F811
    return make_app(static)


def make_app(static, env="development"):  # noqa: F811
    app = Flask("trial", static_folder=None)
    app.config.update(ENV=env, SECRET_KEY="for these tests")
    headers.init_app(app)
    assets.init_app(app, static=static, packages=PACKAGES)

    @app.get("/")
    def page():
        session["seen"] = "yes"
        return "a page"

    @app.get("/download")
    def download():
        policy = {"Content-Security-Policy": "sandbox; default-src 'none'", "Cache-Control": "private, max-age=60"}
        return Response("bytes", headers=policy)

    @app.get("/broken")
    def broken():
        raise RuntimeError

    return app


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/nowhere", 404), ("/broken", 500)])
def test_every_answer_is_private_and_protected(app, path, status):
    answer = app.test_client().get(path)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer.headers["Vary"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer.headers["Permissions-Policy"]


def test_the_policy_starts_from_nothing_and_allows_nothing_unsafe(app):
    policy = dict(
        part.split(" ", 1) for part in app.test_client().get("/").headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == policy["connect-src"] == policy["worker-src"] == "'self'"
    with app.test_request_context():
        assert policy["script-src"] == f"'self' {assets.import_map_hash()}"
        assert policy["style-src"] == f"'self' {assets.progress_bar_hash()}"
    assert not any(word in " ".join(policy.values()) for word in ("unsafe", "*", "http:", "https:", "nonce"))


def test_an_answer_keeps_what_it_has_set_itself(app):
    answer = app.test_client().get("/download")
    assert answer.headers.getlist("Content-Security-Policy") == ["sandbox; default-src 'none'"]
    assert answer.headers["Cache-Control"] == "private, max-age=60"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_an_asset_is_protected_and_still_kept_for_ever(app):
    answer = app.test_client().get(address(app, "css/base.css"))
    assert answer.headers["Cache-Control"].startswith("public")
    assert "Cookie" not in answer.headers["Vary"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_only_production_insists_on_tls(static):  # noqa: F811
    assert "Strict-Transport-Security" not in make_app(static).test_client().get("/").headers
    answer = make_app(static, "production").test_client().get("/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
