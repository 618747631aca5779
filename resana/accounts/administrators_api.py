"""Who administers an administration, for programs. Appointing is a sensitive act: no access token does it."""

from __future__ import annotations

from resana.administrations.models import Administration
from resana.core.api import In, Out, Page, Time, TimeIn, speaks
from resana.core.guarding import current_account, guard
from resana.permissions import Can, obtain

from . import administrators
from .blueprint import api
from .models import Account


class AdministratorOut(Out):
    """Somebody who administers an administration, by a scope on it or on one above (`administration_id`)."""

    account_id: str
    name: str
    administration_id: str
    ends_at: Time | None


class Appointment(In):
    """Until when; null or left out: until somebody ends it."""

    ends_at: TimeIn | None = None


@api.get("/administrations/<administration_id>/administrators")
@guard(Can.OVERSEE_ADMINISTRATION)
@speaks(gives=Page[AdministratorOut])
def list_administrators(administration: Administration) -> Page[AdministratorOut]:
    """Who administers it, by a scope on it or above; the nearest first."""
    return Page[AdministratorOut](
        items=[
            AdministratorOut(
                account_id=one.account.public_id,
                name=one.account.full_name,
                administration_id=one.scope.administration.public_id,
                ends_at=one.scope.ends_at,
            )
            for one in administrators.administrators_of(administration)
        ]
    )


@api.put("/administrations/<administration_id>/administrators/<account_id>")
@guard(Can.APPOINT_ADMINISTRATOR, fresh=True)
@speaks(takes=Appointment, gives=AdministratorOut)
def appoint(administration: Administration, account_id: str, body: Appointment) -> AdministratorOut:
    """Let a person administer it and all below it; again, to change the end."""
    me = current_account._get_current_object()
    account: Account = obtain(me, Can.APPOINT_ACCOUNT, account_id=account_id)
    scope = administrators.appoint(account, administration, by=me, ends_at=body.ends_at)
    return AdministratorOut(
        account_id=account.public_id,
        name=account.full_name,
        administration_id=administration.public_id,
        ends_at=scope.ends_at,
    )


@api.delete("/administrations/<administration_id>/administrators/<account_id>")
@guard(Can.APPOINT_ADMINISTRATOR, fresh=True)
@speaks(status=204)
def dismiss(administration: Administration, account_id: str) -> None:
    """End it, at once."""
    me = current_account._get_current_object()
    account: Account = obtain(me, Can.APPOINT_ACCOUNT, account_id=account_id)
    administrators.dismiss(account, administration, by=me)
