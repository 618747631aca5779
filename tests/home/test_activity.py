"""What happened lately, in sentences."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from resana.core.clock import now
from resana.core.database import session
from resana.spaces import actions, grants
from resana.spaces.models import PrincipalKind, Role, Visibility


def test_who_comes_by_themselves_has_joined_and_was_not_brought_in(
    cast: SimpleNamespace, sign_in: Callable[[Any], Any]
) -> None:
    space = actions.create(title="Étiage", visibility=Visibility.AGENTS, open_to_read=True, by=cast.ines)
    newcomer = sign_in(cast.olga)
    newcomer.post(f"/spaces/{space.public_id}/membership")
    for path in ("/", f"/spaces/{space.public_id}"):
        assert "a rejoint l’espace" in newcomer.get(path).text
        assert "a fait entrer quelqu’un" not in newcomer.get(path).text
    grants.bring_in(space, cast.bruno, Role.READER, by=cast.ines, their_role=Role.LEAD)
    assert "a fait entrer quelqu’un" in newcomer.get("/").text


def test_who_comes_back_after_their_access_ended_has_joined(
    cast: SimpleNamespace, sign_in: Callable[[Any], Any]
) -> None:
    space = actions.create(title="Étiage", visibility=Visibility.AGENTS, open_to_read=True, by=cast.ines)
    grants.bring_in(space, cast.olga, Role.READER, by=cast.ines, their_role=Role.LEAD)
    grant = grants.grant_of(space, PrincipalKind.ACCOUNT, cast.olga.id)
    assert grant is not None
    grant.expires_at = now() - timedelta(days=1)
    session.commit()
    grants.join(space, by=cast.olga)
    page = sign_in(cast.ines).get(f"/spaces/{space.public_id}").text
    assert "a rejoint l’espace" in page and "a changé le rôle" not in page
