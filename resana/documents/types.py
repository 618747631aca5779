"""What a file is, by its content; what its sender or its name says counts for nothing, except between kinds of text.

What is not recognised is `application/octet-stream`, which is only ever downloaded.
"""

from __future__ import annotations

import re
import struct

import puremagic
from puremagic import PureError

from resana.core.storage import Draft

from .names import split

UNKNOWN = "application/octet-stream"
HEAD = 64 * 1024
DIRECTORY = 1024 * 1024
"""Bytes of a zip's directory that are looked at."""
SURE_ENOUGH = 0.4
"""What puremagic's confidence must reach: at least four bytes in common."""

PDF = "application/pdf"
IMAGES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp", "image/tiff")
"""What is shown in the page, re-encoded."""
TEXTS = ("text/plain", "text/markdown", "text/csv", "application/json")
"""What is shown in the page as it is written."""
DANGEROUS = ("text/html", "image/svg+xml", "application/xhtml+xml", "text/xml")
"""What a browser would run; sent as unknown bytes."""

_TEXT_BY_NAME = {
    ".csv": "text/csv",
    ".tsv": "text/csv",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".json": "application/json",
}
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|script|iframe|h1|div|font|table|a|style|title|b|br|p|img|form|object"
    rb"|embed|meta|link|base)[\s>/]",
    re.IGNORECASE,
)
_SVG = re.compile(rb"<svg[\s>/]", re.IGNORECASE)
_XML = re.compile(rb"<\?xml[\s?]|<!doctype\s|<[a-z][^<>]{0,2000}xmlns", re.IGNORECASE)
_SIGNATURES = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_OOXML = (
    (b"word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/presentation.xml", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
)
_WITH_MACROS = (
    (b"word/vbaProject.bin", "application/vnd.ms-word.document.macroenabled.12"),
    (b"xl/vbaProject.bin", "application/vnd.ms-excel.sheet.macroenabled.12"),
    (b"ppt/vbaProject.bin", "application/vnd.ms-powerpoint.presentation.macroenabled.12"),
)
_ODF = re.compile(rb"application/vnd\.oasis\.opendocument\.[a-z-]{4,30}")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLE_BY_NAME = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
    ".msg": "application/vnd.ms-outlook",
}
_MEDIA_TYPE = re.compile(r"(?:image|audio|video|application|font)/[a-z0-9][a-z0-9.+-]{0,90}")


def detect(draft: Draft, name: str) -> str:
    """The media type of a draft. `name` only chooses between kinds of text, and between old office formats."""
    head = draft.part(0, HEAD)
    extension = split(name)[1].lower()
    if not head:
        return _TEXT_BY_NAME.get(extension, "text/plain" if extension == ".txt" else UNKNOWN)
    for signature, media_type in _SIGNATURES:
        if head.startswith(signature):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and len(head) > 26 and struct.unpack_from("<I", head, 2)[0] == draft.size:
        return "image/bmp"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _archive(draft, head)
    if head.startswith(_OLE):
        return _OLE_BY_NAME.get(extension, "application/x-ole-storage")
    if _is_text(head, complete=draft.size <= HEAD):
        return _text(head, extension)
    return _by_magic(head)


def served(media_type: str) -> str:
    """The Content-Type that a download carries: what a browser might run is only bytes."""
    if media_type in DANGEROUS:
        return UNKNOWN
    if media_type.startswith("text/"):
        return f"{media_type}; charset=utf-8"
    return media_type


def kind(media_type: str) -> str:
    """The family that its icon stands for: pdf, image, sheet, slides, text, archive, sound, film or other."""
    if media_type == PDF:
        return "pdf"
    if media_type.startswith("image/"):
        return "image"
    if "spreadsheet" in media_type or "excel" in media_type or media_type == "text/csv":
        return "sheet"
    if "presentation" in media_type or "powerpoint" in media_type:
        return "slides"
    if media_type.startswith("text/") or media_type in ("application/json", "application/rtf") or "word" in media_type:
        return "text"
    if "opendocument.text" in media_type:
        return "text"
    if re.search(r"zip|tar|7z|rar|compress", media_type):
        return "archive"
    if media_type.startswith("audio/"):
        return "sound"
    return "film" if media_type.startswith("video/") else "other"


def _archive(draft: Draft, head: bytes) -> str:
    """A zip, or what an office writes as one. Nothing is unpacked."""
    if head[30:38] == b"mimetype" and (found := _ODF.match(head, 38)) is not None:
        return found[0].decode()
    directory = _directory(draft)
    if b"[Content_Types].xml" in directory:
        for mark, media_type in (*_WITH_MACROS, *_OOXML):
            if mark in directory:
                return media_type
    return "application/zip"


def _directory(draft: Draft) -> bytes:
    """The zip's list of entries, as far as it is looked at."""
    tail_at = max(0, draft.size - 65_557)
    tail = draft.part(tail_at, 65_557)
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or len(tail) < end + 22:
        return b""
    size, offset = struct.unpack_from("<II", tail, end + 12)
    return draft.part(min(offset, draft.size), min(size, DIRECTORY))


def _is_text(head: bytes, *, complete: bool) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head[: len(head) // 2 * 2].decode("utf-16", errors="replace")
        return "\ufffd" not in text.rstrip("\ufffd") and "\x00" not in text
    if _BINARY.search(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as wrong:
        if not complete and wrong.start > len(head) - 4:
            return True
        # What is not UTF-8 may be the Windows text of an older spreadsheet; noise has too few letters for that.
        plain = sum(32 <= byte < 127 or byte in b"\r\n\t" for byte in head)
        return plain > 0.7 * len(head)
    return True


def _text(head: bytes, extension: str) -> str:
    start = _without_comments(head.removeprefix(b"\xef\xbb\xbf"))
    if start[:1] == b"<" and _SVG.search(start[:4096]):
        return "image/svg+xml"
    if _MARKUP.match(start):
        return "text/html"
    if _XML.match(start):
        return "application/xhtml+xml" if b"<html" in start[:4096].lower() else "text/xml"
    if start.startswith(b"{\\rtf"):
        return "application/rtf"
    return _TEXT_BY_NAME.get(extension, "text/plain")


def _without_comments(text: bytes) -> bytes:
    """The text from its first element on; a comment without an end is one to its end."""
    text = text.lstrip()
    while text.startswith(b"<!--"):
        end = text.find(b"-->", 4)
        text = text[end + 3 :].lstrip() if end >= 0 else b"<html>"
    return text


def _by_magic(head: bytes) -> str:
    try:
        found = puremagic.magic_string(head)
    except (PureError, ValueError, IndexError, struct.error):
        return UNKNOWN
    for match in found:
        media_type = match.mime_type.lower()
        if match.confidence >= SURE_ENOUGH and _MEDIA_TYPE.fullmatch(media_type) and media_type not in DANGEROUS:
            # Only our own signatures lead to a preview.
            return UNKNOWN if media_type in (PDF, *IMAGES) else media_type
    return UNKNOWN
