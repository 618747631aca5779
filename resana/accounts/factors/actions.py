"""Adding, naming and removing one's second factors and recovery codes.

Whoever changes how they sign in is signed out everywhere else: what was opened without the new proof does not stay.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from webauthn.registration.verify_registration_response import VerifiedRegistration

from resana.accounts import sessions, signing_in
from resana.accounts.models import Account, SignInSession
from resana.accounts.presence import bump
from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import Conflict, NotSignedIn, Refused
from resana.core.text import line

from . import notices, passkeys, policy, proving, recovery, totp
from .models import FactorKind, SecondFactor

MOST = 10


@action
def add_application(account: Account, *, name: str, draft: str, code: str, here: SignInSession) -> list[str] | None:
    """Take an application whose secret was drafted, once it shows the right code.

    The first factor brings its ten recovery codes: they are returned, and never again. Raises Refused at `name`,
    `code` or `draft`, Conflict beyond `MOST`.
    """
    account = _held(account, here)
    secret = totp.draft(draft, account)
    if secret is None:
        raise Refused(_("Ce QR code n’est plus valable. Scannez le nouveau."), "draft")
    step = totp.step_of(secret, "".join(code.split()))
    if step is None:
        raise Refused(
            _(
                "Ce code n’est pas celui que nous attendons. "
                "Vérifiez l’heure de votre téléphone, puis écrivez le code affiché."
            ),
            "code",
        )
    factor = SecondFactor(
        account_id=account.id,
        kind=FactorKind.TOTP,
        name=line(name, "name", 100),
        sealed_secret=totp.sealed(secret, account),
        last_step=step,
    )
    _room_for_one(account)
    session.add(factor)
    session.flush()
    return _added(account, factor, here)


def add_passkey(account: Account, *, name: str, answer: str, here: SignInSession) -> list[str] | None:
    """Take the key that a browser answers with. Returns and raises as `add_application`, Refused at `answer`."""
    name = line(name, "name", 100)
    return _add_passkey(account, name, passkeys.registered(here, answer), here)


@action
def _add_passkey(account: Account, name: str, found: VerifiedRegistration, here: SignInSession) -> list[str] | None:
    account = _held(account, here)
    _room_for_one(account)
    return _added(account, passkeys.keep(account, found, name), here)


@action
def rename(factor: SecondFactor, name: str) -> None:
    """Call a second factor otherwise. Raises Refused at `name`."""
    factor.name = line(name, "name", 100)


@action
def remove(account: Account, factor: SecondFactor, *, here: SignInSession) -> None:
    """Take a second factor away; with the last one go the recovery codes. Raises Conflict where one is demanded."""
    account = _held(account, here)
    kept = [one for one in proving.factors_of(account) if one.id != factor.id]
    if not kept and policy.is_demanded(account):
        raise Conflict(
            _("Une vérification en deux étapes vous est demandée : ajoutez un autre moyen avant de retirer celui-ci.")
        )
    name, kind = factor.name, factor.kind
    session.delete(factor)
    if not kept:
        recovery.forget(account)
    session.flush()
    sessions.revoke_all(account, but=here)
    bump(account)
    notices.factor_removed(account, name)
    _told(Act.FACTOR_REMOVED, account, kind=kind)


@action
def renew_codes(account: Account, *, here: SignInSession) -> list[str]:
    """Ten new recovery codes, shown this once. Raises Conflict where there is no second factor."""
    account = _held(account, here)
    if not proving.factors_of(account):
        raise Conflict(_("Les codes de secours accompagnent une clé ou une application : ajoutez-en une d’abord."))
    codes = recovery.renew(account)
    notices.codes_renewed(account)
    _told(Act.RECOVERY_CODES_MADE, account)
    return codes


def _held(account: Account, here: SignInSession) -> Account:
    """The account under its lock, and the session if it has not ended meanwhile."""
    held = signing_in.locked(account.id)
    if not held.is_active or session.get_one(SignInSession, here.id, populate_existing=True).revoked_at is not None:
        raise NotSignedIn
    return held


def _room_for_one(account: Account) -> None:
    if len(proving.factors_of(account)) >= MOST:
        raise Conflict(_("Vous avez déjà %(most)d moyens. Retirez ceux qui ne servent plus.", most=MOST))


def _added(account: Account, factor: SecondFactor, here: SignInSession) -> list[str] | None:
    here.aal = 2
    sessions.revoke_all(account, but=here)
    bump(account)
    notices.factor_added(account, factor.name)
    _told(Act.FACTOR_ADDED, account, kind=factor.kind)
    return None if recovery.left(account) else recovery.renew(account)


def _told(act: Act, account: Account, **facts: Any) -> None:
    tell(act, by=account, of=account, administration_id=account.home_administration_id, **facts)
