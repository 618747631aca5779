"""Codes of an application: six digits, each for thirty seconds (RFC 6238), each accepted once."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import logging
import re

import pyotp
import segno
from sqlalchemy import update

from resana.accounts.models import Account
from resana.core.clock import now
from resana.core.database import session

from .models import FactorKind, SecondFactor
from .sealing import Unreadable, opened, seal

STEP_S = 30
SLACK = 1
"""Steps by which the telephone's clock may be off, before and after."""
DRAFT_LIVES_S = 1800

log = logging.getLogger(__name__)

CODE = re.compile(r"[0-9]{6}")


def new_secret() -> str:
    """160 random bits in base32, as applications read them."""
    return pyotp.random_base32(32)


def address(secret: str, account: Account) -> str:
    """What the QR code says: `otpauth://totp/Resana:ines@dreal.example?secret=…&issuer=Resana`."""
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name="Resana")


def qr_code(secret: str, account: Account) -> str:
    """The same as a picture: an SVG as `data:` address, with its margin, black on white for cameras."""
    made = segno.make(address(secret, account), error="m", micro=False)
    return str(made.svg_data_uri(scale=4, border=4, dark="#000", light="#fff"))


def drafted(secret: str, account: Account) -> str:
    """A secret that is not in use yet, as the form keeps it: sealed, for this account, for half an hour."""
    said = json.dumps([secret, int(now().timestamp())]).encode()
    return base64.urlsafe_b64encode(seal(said, f"draft {account.public_id}")).decode()


def draft(text: str, account: Account) -> str | None:
    """The secret of a draft; None where it has ended or is not this account's."""
    try:
        secret, at = json.loads(opened(base64.urlsafe_b64decode(text[:1000]), f"draft {account.public_id}"))
    except (Unreadable, ValueError, binascii.Error):
        return None
    return str(secret) if now().timestamp() - at < DRAFT_LIVES_S else None


def sealed(secret: str, account: Account) -> bytes:
    """A secret as the database keeps it."""
    return seal(secret.encode(), f"totp {account.public_id}")


def step_of(secret: str, code: str) -> int | None:
    """The step whose code this is, if it is the present one or a neighbour's."""
    if not CODE.fullmatch(code):
        return None
    generator, present = pyotp.TOTP(secret), int(now().timestamp()) // STEP_S
    found = None
    for step in range(present - SLACK, present + SLACK + 1):
        if hmac.compare_digest(generator.generate_otp(step), code):
            found = step
    return found


def use(factors: list[SecondFactor], account: Account, code: str) -> SecondFactor | None:
    """The application of which this is a code that was not used before; it is used from now on. Within an action."""
    for factor in factors:
        if factor.kind != FactorKind.TOTP or factor.sealed_secret is None:
            continue
        try:
            secret = opened(factor.sealed_secret, f"totp {account.public_id}").decode()
        except Unreadable:
            log.error("the secret of second factor %s was sealed with another key", factor.public_id)
            continue
        step = step_of(secret, code)
        if step is not None and _take(factor, step):
            return factor
    return None


def _take(factor: SecondFactor, step: int) -> bool:
    """Whether the step was still to be had: of two who come at once with the same code, one gets it."""
    taken = session.execute(
        update(SecondFactor)
        .where(SecondFactor.id == factor.id, SecondFactor.last_step < step)
        .values(last_step=step, last_used_at=now())
        .returning(SecondFactor.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return taken is not None
