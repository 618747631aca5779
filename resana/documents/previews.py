"""What can be looked at without downloading it: images drawn anew, and the beginning of a text.

An image is decoded and encoded again, so that nothing of the sender's bytes reaches the page, and neither where nor
with what it was taken. The result is kept beside the documents, by the content's hash.
"""

from __future__ import annotations

import codecs
import io
import threading
import warnings
from typing import NamedTuple

from flask import Response, current_app
from PIL import Image, ImageOps

from resana.core.database import session
from resana.core.errors import NotThere
from resana.core.storage import Missing, draft_of, storage, whole

from . import types
from .models import Version
from .serving import SANDBOX, opened

MOST_PIXELS = 50_000_000
MOST_BYTES = 64 * 1024 * 1024
LARGEST_SIDE = 2000
SHOWN = 256 * 1024
"""Bytes of a text that are shown."""

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
# Fifty million pixels take 200 MB while they are drawn: one at a time.
_one_at_a_time = threading.Semaphore(1)


class Text(NamedTuple):
    """The beginning of a text, and whether there is more."""

    words: str
    cut: bool


def kind(version: Version) -> str | None:
    """How a version can be shown: "pdf", "image", "text", or None."""
    if version.content_type == types.PDF:
        return "pdf"
    if version.content_type in types.IMAGES and version.size <= MOST_BYTES:
        return "image"
    if version.content_type in types.TEXTS:
        return "text"
    return None


def text(version: Version) -> Text:
    """The beginning of a text, in whatever encoding it came."""
    stored = opened(version)
    try:
        content = b"".join(stored.pieces(0, SHOWN))
    finally:
        stored.close()
    return Text(_decoded(content), version.size > SHOWN)


def image(version: Version) -> Response:
    """The image, drawn anew as WebP. Raises NotThere where it cannot be."""
    if kind(version) != "image":
        raise NotThere
    key, sha256 = f"previews/{version.sha256}", version.sha256
    stored = opened(version)
    session.rollback()
    try:
        try:
            kept = storage().open(key)
        except Missing:
            with _one_at_a_time:
                content = _drawn(whole(stored, MOST_BYTES))
            with draft_of(content) as draft:
                storage().keep(draft, key)
        else:
            content = whole(kept, MOST_BYTES).getvalue()
            kept.close()
    finally:
        stored.close()
    response: Response = current_app.response_class(content, mimetype="image/webp")
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Vary"] = "Cookie, Authorization"
    response.set_etag(f"{sha256}-webp")
    return response


def _drawn(source: io.BytesIO) -> bytes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF"]) as found:
                if found.width * found.height > MOST_PIXELS:
                    raise NotThere
                found.draft("RGB", (LARGEST_SIDE, LARGEST_SIDE))
                picture = ImageOps.exif_transpose(found)
                picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
                transparent = "A" in picture.getbands() or "transparency" in picture.info
                bare = picture.convert("RGBA" if transparent else "RGB")
                bare.info.clear()
                out = io.BytesIO()
                bare.save(out, "WEBP", quality=85, method=2)
    except NotThere:
        raise
    except Exception as wrong:  # whatever a decoder stumbles over in bytes that somebody made for it
        raise NotThere from wrong
    return out.getvalue()


def _decoded(content: bytes) -> str:
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, errors="replace")
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        return decoder.decode(content)
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
