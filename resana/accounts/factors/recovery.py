"""Recovery codes: ten, of eighty random bits each, shown once, used once."""

from __future__ import annotations

import base64
import re
import secrets

from sqlalchemy import delete, func, select, update

from resana.accounts.models import Account
from resana.core.clock import now
from resana.core.database import session

from .models import RecoveryCode
from .sealing import keyed_hash

HOW_MANY = 10
_CODE = re.compile(r"[a-z2-7]{16}")


def renew(account: Account) -> list[str]:
    """Ten new codes in groups of four letters; the former ones serve no more. Within an action."""
    forget(account)
    codes = [base64.b32encode(secrets.token_bytes(10)).decode().lower() for _number in range(HOW_MANY)]
    session.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(account, code)) for code in codes)
    session.flush()
    return ["-".join(code[at : at + 4] for at in range(0, 16, 4)) for code in codes]


def forget(account: Account) -> None:
    """No recovery code of this account serves any more. Within an action."""
    session.execute(
        delete(RecoveryCode).where(RecoveryCode.account_id == account.id).execution_options(synchronize_session=False)
    )


def left(account: Account) -> int:
    """How many codes have not been used."""
    return session.execute(
        select(func.count()).where(RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    ).scalar_one()


def use(account: Account, typed: str) -> bool:
    """Whether `typed` is an unused code of this account; it is used from now on. Within an action."""
    code = plain(typed)
    if code is None:
        return False
    taken = session.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.code_hash == _hash(account, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    return taken is not None


def are_unused(account: Account, codes: list[str]) -> bool:
    """Whether all of these are codes of this account that still serve: only those are written into a file."""
    hashes = {_hash(account, code) for typed in codes if (code := plain(typed)) is not None}
    known = session.execute(
        select(func.count()).where(
            RecoveryCode.account_id == account.id,
            RecoveryCode.used_at.is_(None),
            RecoveryCode.code_hash.in_(hashes),
        )
    ).scalar_one()
    return len(codes) == len(hashes) == known > 0


def plain(typed: str) -> str | None:
    """A code as it was made, without the dashes, blanks and capitals of whoever typed it; None for anything else."""
    code = re.sub(r"[\s-]", "", typed[:100]).lower()
    return code if _CODE.fullmatch(code) else None


def _hash(account: Account, code: str) -> str:
    return keyed_hash(f"recovery {account.public_id} {code}")
