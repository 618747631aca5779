"""From a half sign-in to a session."""

from __future__ import annotations

import logging
from typing import Any

from flask_babel import gettext as _

from resana.accounts import devices, sessions, signing_in, throttling
from resana.core.actions import action
from resana.core.errors import NotSignedIn, Refused

from . import passkeys, pending, proving
from .models import PendingSignIn

log = logging.getLogger(__name__)


def complete(secret: str, browser: signing_in.Browser, *, code: str = "", passkey: str = "") -> signing_in.SignedIn:
    """Open the session that a half sign-in was waiting for.

    Raises NotSignedIn where it has ended, Refused at `code` or `passkey` for a wrong one, TooMany after many.
    """
    found = pending.living(secret)
    if found is None:
        raise ended()
    signed_in = _try(found, browser, code, passkey)
    if signed_in is not None:
        return signed_in
    log.info("second step failed for account %s", found.account_id)
    if pending.living(secret) is None:
        raise NotSignedIn(_("Trop d’essais. Recommencez par votre adresse et votre mot de passe."))
    if passkey:
        raise Refused(_("Cette clé n’a pas été reconnue. Recommencez, ou choisissez un autre moyen."), "passkey")
    raise Refused(
        _("Ce code ne convient pas, ou a déjà servi. Attendez le suivant, et vérifiez l’heure de votre téléphone."),
        "code",
    )


@action
def _try(found: PendingSignIn, browser: signing_in.Browser, code: str, passkey: str) -> signing_in.SignedIn | None:
    """None where the second factor was wrong: that it was tried stays noted."""
    account = signing_in.locked(found.account_id)
    if not account.is_active or not pending.count_try(found):
        raise ended()
    known = sessions.hashed(browser.device) if devices.knows(account, browser.device) else None
    counts = throttling.counts_of_factor(account.id, known)
    throttling.check(counts)  # under the lock: whoever sends a thousand at once has to wait like the others
    if proving.use(account, found, code=code, passkey=passkey) is None:
        throttling.note_failure(counts)
        return None
    if not pending.end(found):
        raise ended()
    return signing_in.let_in(account, counts, browser, aal=2)


def challenge(secret: str) -> dict[str, Any]:
    """What the browser asks a passkey to sign. Raises NotSignedIn where the half sign-in has ended."""
    found = pending.living(secret)
    if found is None:
        raise ended()
    return passkeys.ask_to_sign(found.account, found)


def ended() -> NotSignedIn:
    """What is said of a half sign-in that is over."""
    return NotSignedIn(_("Cette connexion est à reprendre : redonnez votre adresse et votre mot de passe."))
