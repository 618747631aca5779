"""Whatever people write, what comes out may stand in a page, soon."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resana.core.errors import Refused
from resana.core.markdown import plain, rendered

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:x)",
    "[a](file:///etc/passwd)",
    "[a](//evil.example)",
    "<javascript:alert(1)>",
    "![a](https://evil.example/pixel.png)",
    "![a](javascript:alert(1))",
    '![a"onerror="alert(1)](https://x.example/"onerror="alert(1))',
    '[a](https://x.example "t\\" onmouseover=\\"alert(1)")',
    "[a]: javascript:alert(1)\n\n[a]",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>`",
    "| <b onclick=x> |\n|---|\n| <iframe src=//evil> |",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<a href="https://x.example" style="position:fixed">x</a>',
    "# <script>\n\n> <style>*{}</style>",
]
ALLOWED_TAG = re.compile(
    r"</?(?:p|br|hr|strong|em|s|code|pre|blockquote|ul|ol|li|h[3-6]|table|thead|tbody|tr|th|td)>|</a>"
    r'|<ol start="\d+">'
    r'|<a href="(?:https?:|mailto:)[^"<>]*"(?: title="[^"]*")? rel="noopener noreferrer nofollow">',
    re.IGNORECASE,
)


def only_what_is_allowed(written: str) -> bool:
    return "<" not in ALLOWED_TAG.sub("", written)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_out(text: str) -> None:
    assert only_what_is_allowed(rendered(text)), rendered(text)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.text(alphabet="ab <>\"'&;:/()[]!*_`~|-#\n\t1.=\\x", max_size=120))
def test_nothing_but_the_allowed_tags_ever_comes_out(text: str) -> None:
    try:
        written = rendered(text)
    except Refused:
        return
    assert only_what_is_allowed(written), written


def test_what_people_write_is_set_as_they_mean_it() -> None:
    assert rendered("**a** *b* ~~c~~ `d`\ne") == ("<p><strong>a</strong> <em>b</em> <s>c</s> <code>d</code><br>\ne</p>")
    assert "<table>" in rendered("| a | b |\n|---|---|\n| 1 | 2 |")
    assert "☑ fait" in rendered("- [x] fait\n- [ ] à faire") and "☐ à faire" in rendered("- [ ] à faire")
    assert rendered("# Titre") == "<h3>Titre</h3>"
    assert 'href="https://x.example/p"' in rendered("![plan](https://x.example/p)")
    assert plain(rendered("Bonjour **à tous**\n\n- un\n- deux & trois")) == "Bonjour à tous un deux & trois"


@pytest.mark.parametrize(
    "text",
    ["> " * 10_000, ">" * 10_000 + "a", "- " * 9_999, "[" * 20_000, "![[" * 6_000, "*a " * 6_000, "1. a\n" * 4_000,
     "`" * 20_000, "|a|b|\n|-|-|\n" + "|c|d|\n" * 3_000, "[a](" * 5_000, "_a*" * 6_000, "<" * 20_000],
)  # fmt: skip
def test_any_text_is_rendered_or_refused_quickly(app: Flask, text: str) -> None:
    began = time.thread_time()
    with app.test_request_context(), contextlib.suppress(Refused):
        rendered(text)
    assert time.thread_time() - began < 1
