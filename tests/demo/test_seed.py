"""The demonstration as it stands in a database: what people see first must be believable."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from config import Settings
from resana import create_app
from resana.accounts.models import Account
from resana.cli import migrate
from resana.core.database import engine, session
from resana.demo.people import PEOPLE
from resana.demo.seed import accounts, seed
from resana.discussions.models import Message, Thread
from resana.discussions.reading import positions
from resana.permissions import Can, allowed
from resana.spaces.models import Space
from resana.spaces.reading import unread_by_space
from tests.accounts.factors.conftest import give_application


@pytest.fixture
def told(tmp_path: Path) -> Iterator[None]:
    """A seeded database of its own, embedded."""
    settings = Settings(env="development", data=tmp_path, database_url="", redis_url="", worker="separate")
    with create_app(settings).app_context():
        migrate()
        seed()
        yield
        session.remove()
        engine().dispose()


@pytest.mark.usefixtures("told")
def test_two_guests_show_what_guests_are() -> None:
    found = {
        account.first_name: account
        for account in session.execute(select(Account).where(Account.kind == "guest")).scalars()
    }
    gael, gilda = found["Gaël"], found["Gilda"]
    assert session.execute(allowed(gael, Can.UPLOAD)).first() is None, "they owe a second factor first"
    give_application(gael, "A" * 32)
    (space,) = session.execute(allowed(gael, Can.UPLOAD)).scalars()
    assert space.title == "Labo’mobile" and gael.is_active
    assert not gilda.is_active and session.execute(allowed(gilda, Can.SEE_SPACE)).first() is None
    assert {one["email"] for one in accounts()} >= {gael.email, gilda.email}


@pytest.mark.usefixtures("told")
def test_people_have_read_most_and_their_own_words_entirely() -> None:
    some = 0
    for person in PEOPLE:
        account = session.execute(select(Account).where(Account.email == person.email)).scalar_one()
        spaces = session.execute(allowed(account, Can.BELONG_TO_SPACE)).scalars().all()
        unread = unread_by_space(account, spaces)
        some += sum(bool(number) for number in unread.values())
        assert sum(number or 0 for number in unread.values()) <= 20, person.email
        for space in spaces:
            _has_read_own_words(account, space)
    assert some, "somebody finds something new"


def _has_read_own_words(account: Account, space: Space) -> None:
    threads = session.execute(select(Thread).where(Thread.space_id == space.id)).scalars().all()
    places = positions(threads, account)
    own = session.execute(
        select(Message.thread_id, Message.no).where(
            Message.author_id == account.id, Message.thread_id.in_([thread.id for thread in threads])
        )
    )
    for thread_id, no in own:
        assert no <= places[thread_id].last_read_no, (account.email, space.title)
