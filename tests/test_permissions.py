"""The four questions of permissions.py agree with each other, on the cast."""

from types import SimpleNamespace

import pytest
from sqlalchemy import select

from resana.core.database import session
from resana.core.errors import NotAllowed, NotThere
from resana.permissions import Can, abilities, accounts_who, allowed, can, obtain, role_in
from resana.spaces import actions, grants
from resana.spaces.models import Role, Space


def test_each_person_has_the_role_that_the_grants_give(cast: SimpleNamespace) -> None:
    roles = {name: role_in(getattr(cast, name), cast.space) for name in ("ines", "marc", "bruno", "lucie", "adam")}
    assert roles == {
        "ines": Role.LEAD,
        "marc": Role.MODERATOR,
        "bruno": Role.CONTRIBUTOR,
        "lucie": Role.READER,
        "adam": Role.READER,
    }
    assert role_in(cast.olga, cast.space) is None
    assert role_in(cast.sami, cast.space) is None


def test_obtain_tells_unseen_from_forbidden(cast: SimpleNamespace) -> None:
    assert obtain(cast.bruno, Can.READ_SPACE, space_id=cast.space.public_id) is cast.space
    with pytest.raises(NotThere):
        obtain(cast.olga, Can.READ_SPACE, space_id=cast.space.public_id)
    with pytest.raises(NotAllowed):
        obtain(cast.lucie, Can.UPLOAD, space_id=cast.space.public_id)
    with pytest.raises(NotThere):
        obtain(cast.ines, Can.READ_SPACE, space_id="x' OR 1=1 --\x00")


def test_lists_and_audiences_agree_with_checks(cast: SimpleNamespace) -> None:
    everybody = [cast.ines, cast.marc, cast.bruno, cast.lucie, cast.adam, cast.olga, cast.sami, cast.rose, cast.petra]
    for right in (Can.SEE_SPACE, Can.READ_SPACE, Can.UPLOAD, Can.INVITE_AGENT, Can.ARCHIVE_SPACE, Can.LEAVE_SPACE):
        who = set(session.execute(accounts_who(right, cast.space)).scalars())
        for person in everybody:
            listed = cast.space in session.execute(allowed(person, right)).scalars().all()
            assert listed == can(person, right, cast.space) == (person in who), (right, person.email)
            assert abilities(person, cast.space)[right.value] == listed if listed else True


def test_an_administrator_of_accounts_reads_nothing_by_that(cast: SimpleNamespace) -> None:
    assert can(cast.rose, Can.SEE_SPACE, cast.space)
    assert not can(cast.rose, Can.READ_SPACE, cast.space)
    assert can(cast.rose, Can.ADMINISTER_ACCOUNT, cast.adam)
    assert not can(cast.adam, Can.ADMINISTER_ACCOUNT, cast.rose)
    assert not can(cast.adam, Can.ADMINISTER_ACCOUNT, cast.adam)
    assert not can(cast.rose, Can.ADMINISTER_ACCOUNT, cast.petra)
    assert not can(cast.adam, Can.ADMINISTER_ACCOUNT, cast.olga)


def test_a_person_who_moves_gains_and_loses_at_the_next_statement(cast: SimpleNamespace) -> None:
    assert can(cast.lucie, Can.READ_SPACE, cast.space)
    cast.lucie.home_administration = cast.at.rectorat
    session.flush()
    assert not can(cast.lucie, Can.READ_SPACE, cast.space)


def test_the_last_lead_stays(cast: SimpleNamespace) -> None:
    from resana.core.errors import Conflict

    with pytest.raises(Conflict):
        grants.leave(cast.space, by=cast.ines)
    assert role_in(cast.ines, cast.space) == Role.LEAD


def test_an_archived_space_is_read_and_not_written(cast: SimpleNamespace) -> None:
    actions.archive(cast.space, by=cast.ines)
    assert can(cast.bruno, Can.READ_SPACE, cast.space)
    assert not can(cast.bruno, Can.UPLOAD, cast.space)
    assert session.execute(select(Space.state)).scalar_one() == "archived"
