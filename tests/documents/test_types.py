"""What a file is, by its content; whatever its name says."""

from __future__ import annotations

import io
import zipfile

import pytest
from flask import Flask
from PIL import Image

from resana.core.storage import draft_of
from resana.demo import files
from resana.documents import types


def picture(form: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, form)
    return out.getvalue()


def archive(*inside: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name in inside:
            made.writestr(name, "x")
    return out.getvalue()


OFFICE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MACROS = "application/vnd.ms-word.document.macroenabled.12"
CASES = [
    ("a.pdf", b"%PDF-1.7\n%\xe2\xe3", "application/pdf"),
    ("a.txt", b"%PDF-1.7 that lies", "application/pdf"),
    ("a.pdf", b"Bonjour", "text/plain"),
    ("a.png", picture("PNG"), "image/png"),
    ("a.png", picture("JPEG"), "image/jpeg"),
    ("a", picture("GIF"), "image/gif"),
    ("a", picture("WEBP"), "image/webp"),
    ("a", picture("BMP"), "image/bmp"),
    ("a", picture("TIFF"), "image/tiff"),
    ("a.png", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "image/svg+xml"),
    ("a.svg", b"<?xml version='1.0'?><!-- x --><svg/>", "image/svg+xml"),
    ("a.pdf", b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
    ("a.txt", b"  \n<script>alert(1)</script>", "text/html"),
    ("a.txt", b"\xef\xbb\xbf<html>", "text/html"),
    ("a.txt", b"<!-- a --><!-- b --><iframe src=x>", "text/html"),
    ("a.txt", b"<!----><!---->" * 4000, "text/plain"),
    ("a.txt", b"<!--" * 4000, "text/html"),
    ("a.xhtml", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'/>", "application/xhtml+xml"),
    ("a.xml", b"<?xml version='1.0'?><x/>", "text/xml"),
    ("a.csv", "Ville;Niveau\r\nPoitiers;été".encode("utf-8-sig"), "text/csv"),
    ("a.csv", "Ville;Niveau\r\nPoitiers;été".encode("cp1252"), "text/csv"),
    ("a.txt", "Bonjour à tous".encode("utf-16"), "text/plain"),
    ("LISEZMOI.md", b"# Titre", "text/markdown"),
    ("a.json", b'{"a": 1}', "application/json"),
    ("a.docx", archive("[Content_Types].xml", "word/document.xml"), OFFICE),
    ("a.docx", archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), MACROS),
    ("a.docx", archive("other.txt"), "application/zip"),
    ("a.docx", b"PK\x03\x04 noise", "application/zip"),
    ("a.docx", b"\x00\x01\x02" * 50, "application/octet-stream"),
    ("a.pdf", b"", "application/octet-stream"),
    ("a.txt", b"", "text/plain"),
    ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "application/msword"),
    ("a.rtf", b"{\\rtf1 Bonjour}", "application/rtf"),
    ("a.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 50, "application/x-7z-compressed"),
    ("a.mp4", b"\0\0\0\x18ftypmp42" + b"\0" * 50, "video/mp4"),
    ("a.exe", b"MZ" + b"\x90\0" * 100, "application/vnd.microsoft.portable-executable"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "media_type"), CASES)
def test_the_type_comes_from_the_content(app: Flask, name: str, content: bytes, media_type: str) -> None:
    with draft_of(content) as draft:
        assert types.detect(draft, name) == media_type


def test_real_documents_are_recognised(app: Flask) -> None:
    for make, name, media_type in (
        (lambda: files.docx("# Note\n\nBonjour"), "a.docx", OFFICE),
        (lambda: files.ods({"A": [["x", 1]]}), "a.ods", "application/vnd.oasis.opendocument.spreadsheet"),
        (lambda: files.pdf("# Note\n\nBonjour"), "a.pdf", "application/pdf"),
        (lambda: files.csv([["x", 1]]), "a.csv", "text/csv"),
    ):
        with draft_of(make()) as draft:
            assert types.detect(draft, name) == media_type


@pytest.mark.parametrize("media_type", types.DANGEROUS)
def test_what_a_browser_would_run_is_sent_as_bytes(media_type: str) -> None:
    assert types.served(media_type) == "application/octet-stream"
