"""A security key in software: it makes P-256 key pairs and signs, as WebAuthn level 2 describes it (6.1, 6.5)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from dataclasses import dataclass, field
from typing import Any

from cbor2 import dumps
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass
class Authenticator:
    """`origin` and `domain` are what its browser believes; a counter of 0 forever is a passkey in the cloud."""

    origin: str
    domain: str
    verifies: bool = True
    counter: int = 0
    identity: bytes = field(default_factory=lambda: os.urandom(32))
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> str:
        """What `navigator.credentials.create` gives."""
        numbers = self.key.public_key().public_numbers()
        cose = dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(16) + struct.pack(">H", len(self.identity)) + self.identity + cose
        data = self._data(ATTESTED) + attested
        attestation = dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer(
            clientDataJSON=text(self._client("webauthn.create", options)), attestationObject=text(attestation)
        )

    def sign(self, options: dict[str, Any], **changed: Any) -> str:
        """What `navigator.credentials.get` gives; `changed` replaces what the browser says (`origin`, `type`)."""
        self.counter += 1 if self.counter else 0
        data, client = self._data(), self._client("webauthn.get", options, **changed)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._answer(clientDataJSON=text(client), authenticatorData=text(data), signature=text(signature))

    def _data(self, more: int = 0) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | more
        return hashlib.sha256(self.domain.encode()).digest() + struct.pack(">BI", flags, self.counter)

    def _client(self, kind: str, options: dict[str, Any], **changed: Any) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        return json.dumps(said | changed).encode()

    def _answer(self, **response: str) -> str:
        name = text(self.identity)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})
