"""Passkeys and security keys (WebAuthn): what a browser is asked to sign, and whether it did.

A challenge belongs to one pending sign-in or one session and to one purpose; whoever answers it, rightly or not, has
used it up. The origin and the domain come from the settings, never from what the answer says.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from flask import current_app, request
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from resana.accounts.models import Account, SignInSession
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, Refused

from .models import Challenge, FactorKind, PendingSignIn, SecondFactor

LIVES = timedelta(minutes=5)
LONGEST_ANSWER = 64 * 1024
LONGEST_CREDENTIAL_ID = 1023  # WebAuthn level 3, 4 "Credential ID"

MISUNDERSTOOD = (WebAuthnException, ValueError, TypeError, KeyError, RecursionError)
"""What py_webauthn raises for answers of any shape."""

Holder = PendingSignIn | SignInSession


def origin() -> str:
    """Where pages come from, in a browser's words: `https://resana.example`.

    In development a page may also be asked for at localhost, the one name for which browsers need no TLS.
    """
    settings = current_app.config["SETTINGS"]
    parts = urlsplit(settings.address)
    if not settings.production:
        asked = urlsplit(request.host_url)
        if asked.hostname == "localhost":
            parts = asked
    return f"{parts.scheme}://{parts.netloc}"


def domain() -> str:
    """The domain that keys are bound to."""
    return urlsplit(origin()).hostname or ""


def are_possible() -> bool:
    """Whether browsers can bind a key to where we are: not to a bare address."""
    try:
        ip_address(domain())
    except ValueError:
        return bool(domain())
    return False


@action
def ask_to_register(account: Account, here: SignInSession) -> dict[str, Any]:
    """The options of `navigator.credentials.create`, as JSON."""
    challenge = _new_challenge("register", here)
    options = webauthn.generate_registration_options(
        rp_id=domain(),
        rp_name="Resana",
        user_id=account.public_id.encode(),
        user_name=account.email,
        user_display_name=account.full_name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_descriptor(one) for one in of(account)],
    )
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found


@action
def ask_to_sign(account: Account, holder: Holder) -> dict[str, Any]:
    """The options of `navigator.credentials.get`, as JSON: for the second step, or for confirming who sits there."""
    confirms = isinstance(holder, SignInSession)
    challenge = _new_challenge("confirm" if confirms else "sign_in", holder)
    options = webauthn.generate_authentication_options(
        rp_id=domain(),
        challenge=challenge,
        allow_credentials=[_descriptor(one) for one in of(account)],
        user_verification=UserVerificationRequirement.REQUIRED if confirms else UserVerificationRequirement.PREFERRED,
    )
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found


def registered(here: SignInSession, answer: str) -> VerifiedRegistration:
    """The new key that a browser answers with, to be kept by `keep`. Raises Refused at `answer`."""
    challenge = _consumed("register", here)
    if challenge is None or len(answer) > LONGEST_ANSWER:
        raise _not_understood()
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=domain(),
            expected_origin=origin(),
        )
    except MISUNDERSTOOD as wrong:
        raise _not_understood() from wrong
    if len(found.credential_id) > LONGEST_CREDENTIAL_ID:
        raise _not_understood()
    return found


def keep(account: Account, found: VerifiedRegistration, name: str) -> SecondFactor:
    """Know this key from now on. Within an action. Raises Conflict where somebody has it already."""
    factor = SecondFactor(
        account_id=account.id,
        kind=FactorKind.PASSKEY,
        name=name,
        credential_id=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
    )
    session.add(factor)
    try:
        session.flush()
    except IntegrityError as known:
        raise Conflict(_("Cette clé est déjà enregistrée."), "answer") from known
    return factor


def use(account: Account, holder: Holder, answer: str) -> SecondFactor | None:
    """The key of this account that signed the holder's challenge; None for any other answer. Within an action."""
    confirms = isinstance(holder, SignInSession)
    challenge = _consume("confirm" if confirms else "sign_in", holder)
    if challenge is None or len(answer) > LONGEST_ANSWER:
        return None
    try:
        said = json.loads(answer)
        identity = said["id"] if isinstance(said, dict) else None
        factor = next((one for one in of(account) if bytes_to_base64url(one.credential_id or b"") == identity), None)
        if factor is None or factor.public_key is None:
            return None
        verified = webauthn.verify_authentication_response(
            credential=said,
            expected_challenge=challenge,
            expected_rp_id=domain(),
            expected_origin=origin(),
            credential_public_key=factor.public_key,
            credential_current_sign_count=factor.sign_count,
            require_user_verification=confirms,
        )
    except MISUNDERSTOOD:
        return None
    session.execute(
        update(SecondFactor)
        .where(SecondFactor.id == factor.id)
        .values(sign_count=verified.new_sign_count, last_used_at=now())
        .execution_options(synchronize_session=False)
    )
    return factor


def of(account: Account) -> Sequence[SecondFactor]:
    """The keys of an account."""
    return (
        session.execute(
            select(SecondFactor)
            .where(SecondFactor.account_id == account.id, SecondFactor.kind == FactorKind.PASSKEY)
            .order_by(SecondFactor.id)
            .execution_options(populate_existing=True)
        )
        .scalars()
        .all()
    )


def _new_challenge(purpose: str, holder: Holder) -> bytes:
    """The one challenge of this holder for this purpose; a former one is forgotten."""
    session.execute(delete(Challenge).where(Challenge.expires_at < now()).execution_options(synchronize_session=False))
    session.execute(
        delete(Challenge).where(_held(purpose, holder)).execution_options(synchronize_session=False),
    )
    challenge = webauthn.helpers.generate_challenge()
    column = "session_id" if isinstance(holder, SignInSession) else "pending_id"
    session.add(Challenge(purpose=purpose, challenge=challenge, expires_at=now() + LIVES, **{column: holder.id}))
    session.flush()
    return challenge


@action
def _consumed(purpose: str, holder: Holder) -> bytes | None:
    """The same in a transaction of its own: what is refused afterwards does not give it back."""
    return _consume(purpose, holder)


def _consume(purpose: str, holder: Holder) -> bytes | None:
    """The challenge that was asked, which serves no second time. Within an action."""
    return (
        session.execute(
            delete(Challenge)
            .where(_held(purpose, holder), Challenge.expires_at > now())
            .returning(Challenge.challenge)
            .execution_options(synchronize_session=False)
        )
        .scalars()
        .first()
    )


def _held(purpose: str, holder: Holder) -> ColumnElement[bool]:
    column = Challenge.session_id if isinstance(holder, SignInSession) else Challenge.pending_id
    return (Challenge.purpose == purpose) & (column == holder.id)


def _descriptor(factor: SecondFactor) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(id=factor.credential_id or b"")


def _not_understood() -> Refused:
    return Refused(_("Votre navigateur n’a pas confirmé la clé. Recommencez."), "answer")
