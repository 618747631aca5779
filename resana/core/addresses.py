"""Addresses that came from outside, and that we are asked to lead to."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit


def local_path(address: str) -> str | None:
    """`address` if it is a path of ours, else None: nobody is led to another site (OWASP, open redirect).

    Refused too: what a browser or a proxy may come to read as "//evil" (backslashes, tabs, encoded or not).
    """
    for said in (address, unquote(address)):
        if not said.isprintable() or "\\" in said or not said.startswith("/") or said.startswith("//"):
            return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or "//" in unquote(parts.path):
        return None
    return address.rstrip("?")
