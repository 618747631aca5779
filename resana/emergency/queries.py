"""Reading exceptional accesses."""

from __future__ import annotations

from sqlalchemy import select

from resana.accounts.models import Account
from resana.core.clock import now
from resana.core.database import session

from .models import EmergencyAccess, EmergencyState


def living_of(account: Account) -> list[EmergencyAccess]:
    """Those by which an account reads a space now."""
    return list(
        session.execute(
            select(EmergencyAccess).where(
                EmergencyAccess.account_id == account.id,
                EmergencyAccess.state == EmergencyState.APPROVED,
                EmergencyAccess.ends_at > now(),
            )
        ).scalars()
    )
