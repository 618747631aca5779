"""The policy, in a real browser: what the pages load works under it, and nothing of theirs is refused."""

import os
import threading
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from resana.core import assets, headers

PACKAGES = Path(__file__).parents[2] / "node_modules"

PAGE = """<!doctype html><html lang="fr"><title>Essai</title>
<link rel="stylesheet" href="{{ asset('css/base.css') }}">
<script type="importmap">{{ import_map() }}</script>
<script type="module" src="{{ asset('js/application.js') }}"></script>
<p>Une page {{ icon('file-text', 'Fichier') }}</p><canvas></canvas>"""

APPLICATION = """
import * as Turbo from "@hotwired/turbo"
import { Application } from "@hotwired/stimulus"
import { io } from "socket.io-client"
import { getDocument, GlobalWorkerOptions } from "pdfjs-dist"

GlobalWorkerOptions.workerSrc = import.meta.resolve("pdfjs-dist/build/pdf.worker.mjs")
const source = await (await fetch("/paper.pdf")).arrayBuffer()
const paper = await getDocument({ data: source, useWasm: false }).promise
const page = await paper.getPage(1)
const canvas = document.querySelector("canvas")
const viewport = page.getViewport({ scale: 1 })
canvas.width = viewport.width
canvas.height = viewport.height
await page.render({ canvas, viewport }).promise
const dots = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data
const dark = dots.some((value, index) => index % 4 == 0 && value < 99)
await document.fonts.load("16px Trial")
const font = [...document.fonts].every((face) => face.status == "loaded")
const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules])
const bar = rules.some((rule) => rule.selectorText == ".turbo-progress-bar")
const all = Turbo.session && Application && io && dark && font && bar
document.body.dataset.done = all ? "well" : JSON.stringify({ dark, font, bar })
"""

STYLE = '@font-face { font-family: "Trial"; src: url("../fonts/atkinson-hyperlegible-next-latin-wght-normal.woff2") }\n'


def a_small_pdf():
    drawing = b"BT /F1 40 Tf 20 40 Td (Resana) Tj ET"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(drawing), drawing),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj%b endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 6\n0000000000 65535 f \n%btrailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(body),
    )


@pytest.fixture
def address(tmp_path):
    for name, text in {"css/base.css": STYLE, "js/application.js": APPLICATION}.items():
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    app = Flask("trial", static_folder=None)
    headers.init_app(app)
    assets.init_app(app, static=tmp_path, packages=PACKAGES)
    app.add_url_rule("/", view_func=lambda: render_template_string(PAGE), endpoint="page")
    app.add_url_rule("/paper.pdf", view_func=a_small_pdf, endpoint="paper")
    app.add_url_rule("/favicon.ico", view_func=lambda: "", endpoint="favicon")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
def test_modules_fonts_icons_and_pdf_pages_work_under_the_policy(address):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("RESANA_CHROMIUM") or None)
        page = browser.new_page()
        said = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(address)
        page.wait_for_selector("[data-done]")
        assert page.get_attribute("body", "data-done") == "well"
        browser.close()
    assert said == []
