"""What pages load: addresses that follow the content, the import map, the icons."""

import gzip
import hashlib
import json
import os
from base64 import b64encode
from pathlib import Path

import pytest
from flask import Flask, render_template_string

from resana.core import assets
from resana.core.shelf import AssetError

PACKAGES = Path(__file__).parents[2] / "node_modules"
FONT = "fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2"
FOREVER = "public, max-age=31536000, immutable"


@pytest.fixture
def static(tmp_path):
    for name, text in {
        "css/base.css": '/* why */\n@layer tokens, base;\n@import "parts/tokens.css" layer(tokens);\nbody { x: y }\n',
        "css/parts/tokens.css": ":root { --paper: url(../../img/paper.svg#grain) }\n",
        "css/fonts.css": f'a {{ src: url("../{FONT}") format("woff2") }}\n',
        "css/outside.css": "a { background: url(data:image/png;base64,AAAA) } b { fill: url(#here) }\n",
        "img/paper.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "js/application.js": 'import { Application } from "@hotwired/stimulus"\n' + "// long enough\n" * 40,
        "js/documents/upload.js": 'import "resana/application.js"\n',
        "js/.hidden.js": "no",
    }.items():
        path = tmp_path / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "static"


def make_app(static, env="development"):
    app = Flask("trial", static_folder=None)
    app.config["ENV"] = env
    assets.init_app(app, static=static, packages=PACKAGES)
    app.extensions["assets"].pause = 0
    return app


@pytest.fixture
def app(static):
    return make_app(static)


@pytest.fixture
def client(app):
    return app.test_client()


def address(app, name):
    with app.test_request_context():
        return assets.asset(name)


def change(path, text):
    before = path.stat().st_mtime_ns
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_an_asset_is_served_for_ever_under_an_address_made_of_its_content(app, client):
    url = address(app, "js/application.js")
    answer = client.get(url)
    assert url == f"/assets/{hashlib.sha256(answer.data).hexdigest()[:16]}/js/application.js"
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == FOREVER
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_it_goes_compressed_to_whom_that_suits_and_only_to_them(app, client):
    url = address(app, "js/application.js")
    plain = client.get(url)
    packed = client.get(url, headers={"Accept-Encoding": "gzip, br"})
    refused = client.get(url, headers={"Accept-Encoding": "gzip;q=0"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data == refused.data
    assert len(packed.data) < len(plain.data)
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_a_font_is_not_compressed_again(app, client):
    url = address(app, FONT)
    answer = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.content_type == "font/woff2"
    assert "Content-Encoding" not in answer.headers


def test_who_has_it_already_is_told_so(app, client):
    url = address(app, "css/base.css")
    tag = client.get(url).headers["ETag"]
    again = client.get(url, headers={"If-None-Match": tag})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["Cache-Control"] == FOREVER


@pytest.mark.parametrize(
    "url",
    [
        "/assets/0123456789abcdef/css/base.css",
        "/assets/{digest}/css/other.css",
        "/assets/{digest}/../{name}",
        "/assets/{digest}/js/.hidden.js",
        "/assets/{digest}/../../../etc/passwd",
        "/assets/{digest}//etc/passwd",
        "/assets/{digest}/lucide-static/package.json",
        "/assets/{digest}/css/base.css%00",
    ],
)
def test_nothing_else_is_served(app, client, url):
    digest = address(app, "css/base.css").split("/")[2]
    assert client.get(url.format(digest=digest, name="css/base.css")).status_code in (404, 308)
    assert client.get(url.format(digest=digest, name="css/base.css"), follow_redirects=True).status_code == 404


def test_an_unknown_name_is_a_mistake_of_the_page(app):
    with app.test_request_context(), pytest.raises(AssetError, match="nothere"):
        assets.asset("css/nothere.css")


def test_a_style_brings_its_parts_along_with_their_addresses(app, client):
    text = client.get(address(app, "css/base.css")).text
    paper = address(app, "img/paper.svg")
    assert "why" not in text
    assert "@import" not in text
    assert f'@layer tokens {{\n:root {{ --paper: url("{paper}#grain") }}\n}}' in text
    assert text.index("@layer tokens, base;") < text.index(":root") < text.index("body")


def test_a_style_finds_the_fonts_of_a_package(app, client):
    text = client.get(address(app, "css/fonts.css")).text
    font = address(app, FONT)
    assert f'url("{font}") format("woff2")' in text
    assert client.get(font).data.startswith(b"wOF2")


def test_what_is_in_the_style_or_elsewhere_stays_as_it_is(app, client):
    text = client.get(address(app, "css/outside.css")).text
    assert text == "a { background: url(data:image/png;base64,AAAA) } b { fill: url(#here) }\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a { src: url(nowhere.png) }", "nowhere.png"),
        ('@import "nowhere.css";', "nowhere.css"),
        ('@import "broken.css";', "circle"),
        ('@import "base.css" screen;', "more than"),
    ],
)
def test_a_style_that_cannot_work_says_why(static, text, complaint):
    (static / "css" / "broken.css").write_text(text)
    with make_app(static).test_request_context(), pytest.raises(AssetError, match=complaint):
        assets.asset("css/base.css")


def test_a_module_that_imports_by_a_relative_address_is_refused(static):
    (static / "js" / "wrong.js").write_text('import { x } from "./application.js"')
    with make_app(static).test_request_context(), pytest.raises(AssetError, match=r"wrong\.js"):
        assets.import_map()


def test_an_address_changes_with_what_the_asset_draws_in(app, static):
    before = address(app, "css/base.css")
    change(static / "img" / "paper.svg", "<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>")
    assert address(app, "css/base.css") != before


def test_in_development_a_changed_a_new_and_a_removed_file_are_noticed(app, client, static):
    before = address(app, "js/application.js")
    change(static / "js" / "application.js", "export {}")
    after = address(app, "js/application.js")
    assert after != before
    assert client.get(after).data == b"export {}"
    assert client.get(before).status_code == 404

    (static / "js" / "late.js").write_text("export {}")
    assert client.get(address(app, "js/late.js")).status_code == 200
    (static / "js" / "late.js").unlink()
    with pytest.raises(AssetError):
        address(app, "js/late.js")


def test_in_production_the_files_are_read_once(static):
    app = make_app(static, "production")
    before = address(app, "js/application.js")
    change(static / "js" / "application.js", "export {}")
    assert address(app, "js/application.js") == before
    assert app.test_client().get(before).status_code == 200


def test_the_import_map_leads_every_module_to_its_file(app, client):
    with app.test_request_context():
        imports = json.loads(assets.import_map())["imports"]
    assert set(imports) == {
        "@hotwired/turbo",
        "@hotwired/stimulus",
        "socket.io-client",
        "pdfjs-dist",
        "pdfjs-dist/build/pdf.worker.mjs",
        "resana/application.js",
        "resana/documents/upload.js",
    }
    for url in imports.values():
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.content_type.startswith("text/javascript")


def test_the_import_map_has_the_hash_of_what_stands_in_the_page(app):
    with app.test_request_context():
        page = render_template_string('<script type="importmap">{{ import_map() }}</script>')
        text = page.removeprefix('<script type="importmap">').removesuffix("</script>")
        digest = b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert assets.import_map_hash() == f"'sha256-{digest}'"
    assert "&" not in text
    assert "<" not in text


def test_an_icon_is_decoration_unless_it_says_something(app):
    with app.test_request_context():
        decoration = render_template_string("{{ icon('file-text') }}")
        image = render_template_string("{{ icon('file-text', 'Fichier « a » <b>', size=16) }}")
    assert decoration.startswith('<svg class="icon" width="20" height="20" viewBox="0 0 24 24"')
    assert 'aria-hidden="true"' in decoration
    assert "<path" in decoration
    assert "style=" not in decoration
    assert 'role="img" aria-label="Fichier « a » &lt;b&gt;"' in image
    assert 'width="16"' in image
    assert "aria-hidden" not in image


@pytest.mark.parametrize("name", ["no-such-icon", "../package", "", "File", "../../../../etc/passwd"])
def test_an_unknown_icon_is_a_mistake_of_the_page(app, name):
    with app.test_request_context(), pytest.raises(AssetError):
        assets.icon(name)


def test_a_package_that_is_not_installed_is_said_plainly(static, tmp_path):
    app = Flask("trial", static_folder=None)
    assets.init_app(app, static=static, packages=tmp_path / "nowhere")
    with app.test_request_context(), pytest.raises(AssetError, match="make run"):
        assets.import_map()
