"""Proving a second time who one is: by a code of an application, a recovery code, or a passkey."""

from __future__ import annotations

from sqlalchemy import select

from resana.accounts.models import Account, SignInSession
from resana.core.database import session
from resana.core.guarding import current_account

from . import notices, passkeys, recovery, totp
from .models import FactorKind, PendingSignIn, SecondFactor

RECOVERY = "recovery"


def factors_of(account: Account) -> list[SecondFactor]:
    """The second factors of an account, the oldest first."""
    return list(
        session.execute(
            select(SecondFactor)
            .where(SecondFactor.account_id == account.id)
            .order_by(SecondFactor.id)
            .execution_options(populate_existing=True)
        ).scalars()
    )


def kinds_of(account: Account) -> list[str]:
    """What would do as the second step: ["passkey", "totp", "recovery"]; empty where none is owed."""
    kinds = {factor.kind for factor in factors_of(account)}
    found = [str(kind.value) for kind in FactorKind if kind.value in kinds]
    return [*found, RECOVERY] if found and recovery.left(account) else found


def my_kinds() -> list[str]:
    """The same for the signed-in account: what its confirmation page asks for."""
    return kinds_of(current_account._get_current_object())


def use(account: Account, holder: PendingSignIn | SignInSession, *, code: str = "", passkey: str = "") -> str | None:
    """How the person has proved it ("passkey", "totp", "recovery"); None where they have not. It serves no second time.

    Within an action that goes on whatever the answer: what was tried stays tried.
    """
    if passkey:
        return FactorKind.PASSKEY.value if passkeys.use(account, holder, passkey) is not None else None
    typed = "".join(code[:100].split())
    if totp.CODE.fullmatch(typed):
        return FactorKind.TOTP.value if totp.use(factors_of(account), account, typed) is not None else None
    if factors_of(account) and recovery.use(account, typed):
        notices.recovery_code_used(account, recovery.left(account))
        return RECOVERY
    return None
