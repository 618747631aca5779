"""Secrets that have to be read again: encrypted with keys that are derived from the product's secret key."""

from __future__ import annotations

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

NONCE = 12


class Unreadable(Exception):
    """What was sealed for somebody or something else, by another key, or never by us."""


def seal(secret: bytes, about: str) -> bytes:
    """`secret` encrypted (AES-256-GCM); it opens only with the same `about`."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(_key("seal")).encrypt(nonce, secret, about.encode())


def opened(sealed: bytes, about: str) -> bytes:
    """What was sealed. Raises Unreadable."""
    try:
        return AESGCM(_key("seal")).decrypt(sealed[:NONCE], sealed[NONCE:], about.encode())
    except (InvalidTag, ValueError) as wrong:
        raise Unreadable from wrong


def keyed_hash(text: str) -> str:
    """What is kept of a short secret: who has the database alone cannot try them all."""
    return hmac.new(_key("hash"), text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _key(purpose: str) -> bytes:
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"resana second factor: {purpose}".encode())
    return derive.derive(str(current_app.secret_key).encode())
