"""The same for programs: a space goes into the trash and comes back, and one without a lead gets one."""

from __future__ import annotations

from resana.accounts.models import Account
from resana.core.api import In, speaks
from resana.core.guarding import current_account, guard
from resana.permissions import Can, obtain

from . import actions, keeping
from .api import SpaceOut, space_out
from .blueprint import api
from .models import Space


class NewLead(In):
    """Who is to lead."""

    account_id: str


@api.delete("/spaces/<space_id>")
@guard(Can.TRASH_SPACE, fresh=True)
@speaks(status=204)
def trash_space(space: Space) -> None:
    """Put the space into the trash, for 30 days."""
    actions.trash(space, by=current_account._get_current_object())


@api.post("/spaces/<space_id>/restoration")
@guard(Can.RESTORE_SPACE)
@speaks(gives=SpaceOut)
def restore_space(space: Space) -> SpaceOut:
    """Bring it back."""
    actions.restore(space, by=current_account._get_current_object())
    return space_out(space)


@api.post("/spaces/<space_id>/lead")
@guard(Can.APPOINT_LEAD, fresh=True)
@speaks(takes=NewLead, gives=SpaceOut)
def appoint_space_lead(space: Space, body: NewLead) -> SpaceOut:
    """Appoint a lead of a space that has none."""
    account: Account = obtain(current_account, Can.SEE_PERSON, account_id=body.account_id)
    keeping.appoint_lead(space, account, by=current_account._get_current_object())
    return space_out(space)
