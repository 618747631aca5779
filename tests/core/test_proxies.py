"""Whose address is it? Only the trusted proxies are believed."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask, request
from werkzeug.test import EnvironBuilder, run_wsgi_app

from config import Settings
from resana.core import proxies


@pytest.mark.parametrize(("hops", "seen"), [(0, "10.0.0.1"), (1, "198.51.100.9"), (2, "203.0.113.7")])
def test_the_address_is_what_the_trusted_proxies_say(tmp_path: Path, hops: int, seen: str) -> None:
    app = Flask("resana")
    app.config["SETTINGS"] = Settings(data=tmp_path, proxy_hops=hops)
    proxies.init_app(app)
    app.add_url_rule("/", view_func=lambda: str(request.remote_addr))
    environ = EnvironBuilder(
        headers={"X-Forwarded-For": "1.2.3.4, 203.0.113.7, 198.51.100.9"}, environ_base={"REMOTE_ADDR": "10.0.0.1"}
    ).get_environ()
    body, _status, _headers = run_wsgi_app(app.wsgi_app, environ)
    assert b"".join(body).decode() == seen
