"""The members' page: what it says when nothing may be changed."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from resana.core.database import session
from resana.spaces.models import Grant, PrincipalKind, Role


@pytest.mark.parametrize("what", ["role", "removal", "leaving"])
def test_the_last_lead_is_told_on_the_page_why_nothing_changed(
    cast: SimpleNamespace, sign_in: Callable[..., Any], what: str
) -> None:
    query = select(Grant).where(
        Grant.space_id == cast.space.id,
        Grant.principal_kind == PrincipalKind.ACCOUNT,
        Grant.principal_id == cast.ines.id,
    )
    grant = session.execute(query).scalar_one()
    members = f"/spaces/{cast.space.public_id}/members"
    calls = {
        "role": (f"/grants/{grant.public_id}/role", {"role": "reader"}),
        "removal": (f"/grants/{grant.public_id}/removal", {}),
        "leaving": (f"/spaces/{cast.space.public_id}/membership/end", {}),
    }
    url, data = calls[what]
    client = sign_in(cast.ines)
    answer = client.post(url, data=data)
    assert (answer.status_code, answer.location) == (303, members)
    assert "Un espace garde toujours un responsable." in client.get(members).text
    assert session.execute(query).scalar_one().role == Role.LEAD
