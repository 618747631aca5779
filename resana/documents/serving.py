"""Sending the bytes of a version: whole or in part (RFC 9110, sections 13 and 14), never run by a browser.

What is needed of the database is read before; no transaction is open while bytes flow.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

from flask import Response, current_app, request
from flask_babel import gettext as _
from werkzeug.http import unquote_etag

from resana.core.answers import say_no
from resana.core.database import session
from resana.core.errors import Damaged
from resana.core.storage import Missing, Stored, storage

from . import types
from .models import Version

log = logging.getLogger(__name__)

CHECKED = 1024 * 1024
"""Bytes up to which a whole file's hash is verified before it is sent; of larger ones, the length is."""
SANDBOX = "sandbox; default-src 'none'"

_RANGES = re.compile(r"\s*bytes\s*=\s*(.*)", re.IGNORECASE)
_RANGE = re.compile(r"(\d{0,18})\s*-\s*(\d{0,18})")
_NOT_ASCII = re.compile(r"[^A-Za-z0-9 !#$&+.^_`|~()\[\]{}@,=-]")


class Flow:
    """Bytes on their way to the client; lets go of the file at the end, and when the client has gone."""

    def __init__(self, stored: Stored, start: int, length: int) -> None:
        self._stored = stored
        self._pieces = stored.pieces(start, length)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._pieces
        finally:
            self.close()

    def close(self) -> None:
        """Called by the server, whatever happened."""
        self._stored.close()


def serve(version: Version, name: str) -> Response:
    """The answer to a GET or HEAD of a version's bytes, as an attachment of that name. Raises Damaged."""
    key, size, sha256 = version.key, version.size, version.sha256
    headers = {
        "ETag": f'"{sha256}"',
        "Accept-Ranges": "bytes",
        "Content-Type": types.served(version.content_type),
        "Content-Disposition": disposition(name),
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
        "Vary": "Cookie, Authorization",
    }
    session.rollback()
    if_match = request.headers.get("If-Match")
    if if_match is not None and not matches(if_match, sha256):
        return say_no(412)
    if_none_match = request.headers.get("If-None-Match")
    if if_none_match is not None and matches(if_none_match, sha256, weak=True):
        del headers["Content-Type"], headers["Content-Disposition"]
        return current_app.response_class(b"", 304, headers)
    span = _asked_for(size, sha256)
    if span is not None and not span:
        response = say_no(416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    stored = _opened(key, size)
    start, length = (span.start, len(span)) if span is not None else (0, size)
    headers["Content-Length"] = str(length)
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    if request.method == "HEAD":
        stored.close()
        return current_app.response_class(None, 200, headers)
    if span is None and size <= CHECKED:
        content = b"".join(stored.pieces(0, size))
        stored.close()
        _verify(content, key, sha256)
        return current_app.response_class(content, 200, headers)
    return current_app.response_class(
        Flow(stored, start, length), 206 if span is not None else 200, headers, direct_passthrough=True
    )


def disposition(name: str) -> str:
    """Content-Disposition of a download: an ASCII name for old programs, the whole one for all others (RFC 6266)."""
    plain = _NOT_ASCII.sub("_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def matches(header: str, sha256: str, weak: bool = False) -> bool:
    """Whether an `If-Match` (strong) or `If-None-Match` (weak) names this hash."""
    if header.strip() == "*":
        return True
    for tag in header[:4096].split(","):
        value, is_weak = unquote_etag(tag.strip())
        if value == sha256 and '"' in tag and (weak or not is_weak):
            return True
    return False


def _asked_for(size: int, sha256: str) -> range | None:
    """The one range to send; None for the whole; an empty one for a range that the file does not have.

    Several ranges, another unit or a malformed header: the whole, as RFC 9110 14.2 allows.
    """
    header = request.headers.get("Range")
    if header is None or request.method != "GET":
        return None
    condition = request.headers.get("If-Range")
    if condition is not None and (condition.strip() == "*" or not matches(condition, sha256)):
        return None
    found = _RANGES.fullmatch(header)
    one = _RANGE.fullmatch(found[1].strip()) if found is not None else None
    if one is None or not (one[1] or one[2]):
        return None
    if not one[1]:
        return range(max(0, size - int(one[2])), size)
    start = int(one[1])
    if one[2] and int(one[2]) < start:
        return None
    return range(start, min(int(one[2]) + 1 if one[2] else size, size))


def opened(version: Version) -> Stored:
    """The bytes of a version, open for reading. Raises Damaged."""
    return _opened(version.key, version.size)


def _opened(key: str, size: int) -> Stored:
    try:
        stored = storage().open(key)
    except Missing as missing:
        log.error("the bytes %s are missing", key)
        raise _damaged() from missing
    if stored.size != size:
        stored.close()
        log.error("the bytes %s are %s instead of %s", key, stored.size, size)
        raise _damaged()
    return stored


def _verify(content: bytes, key: str, sha256: str) -> None:
    if hashlib.sha256(content).hexdigest() != sha256:
        log.error("the bytes %s have another hash than at their arrival", key)
        raise _damaged()


def _damaged() -> Damaged:
    return Damaged(_("Le contenu de ce document est abîmé, et n’est donc pas envoyé. Prévenez le contact du service."))
