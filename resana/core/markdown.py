"""What people write, as safe HTML: Markdown without raw HTML, and an allow-list on what comes out.

Two walls: the renderer never lets HTML through, and nh3 keeps only the tags, attributes and schemes named here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any

import nh3
from flask_babel import gettext as _
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from .errors import Refused

DEEPEST = 40
"""Levels of quotations and lists; deeper ones would be dropped without a word, so they are refused."""

MOST_BRACKETS = 2_000
"""Opening brackets in one text: what each might begin is looked for up to the end."""

TAGS = {
    *("p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "a", "ul", "ol", "li"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
REL = "noopener noreferrer nofollow"

_SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\] ")


def rendered(text: str, field: str = "body") -> str:
    """`text` as HTML that may stand in any page. Raises Refused, naming `field`, where it is nested too deeply."""
    tokens = _markdown.parse(text) if text.count("[") <= MOST_BRACKETS else None
    if tokens is None or any(token.level >= DEEPEST - 1 for token in tokens):
        raise Refused(
            _("Ce texte imbrique trop de citations, de listes ou de crochets. Simplifiez-le puis recommencez."), field
        )
    written = _markdown.renderer.render(tokens, _markdown.options, {})
    return nh3.clean(written, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel=REL).strip()


def plain(written: str, longest: int = 200) -> str:
    """The words of rendered HTML in one line, for an excerpt."""
    head = written[: longest * 20]
    words = html.unescape(nh3.clean(re.sub(r"</(?:p|li|td|th|h\d|pre)>|<br>", " ", head), tags=set()))
    words = " ".join(words.split())
    return words if len(words) <= longest else words[: longest - 1].rstrip() + "…"


def _link_is_safe(address: str) -> bool:
    return _SAFE_LINK.match(address) is not None


def _image_as_link(renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """A remote image would tell its host who reads: it is a link that one may follow."""
    token = tokens[index]
    address = str(token.attrGet("src") or "")
    words = token.content or address
    return f'<a href="{escapeHtml(address)}">{escapeHtml(words)}</a>'


def _tasks_as_boxes(state: StateCore) -> None:
    """`- [x] done` begins with a box that is a character: a form control would need a label."""
    for item, paragraph, token in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        if token.type != "inline" or not token.children:
            continue
        if item.type != "list_item_open" or paragraph.type != "paragraph_open":
            continue
        first = token.children[0]
        found = _TASK.match(first.content) if first.type == "text" else None
        if found:
            first.content = ("☐ " if found[1] == " " else "☑ ") + first.content[found.end() :]


def _headings_below_the_page(state: StateCore) -> None:
    """A page has its own h1 and h2: what is written in a message comes below."""
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 2)}"


def _build() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True, "maxNesting": DEEPEST})
    markdown.enable(["table", "strikethrough"])
    markdown.disable(["html_block", "html_inline"])
    markdown.validateLink = _link_is_safe  # type: ignore[assignment, method-assign]
    markdown.add_render_rule("image", _image_as_link)
    markdown.core.ruler.push("boxes", _tasks_as_boxes)
    markdown.core.ruler.push("headings", _headings_below_the_page)
    return markdown


_markdown = _build()
