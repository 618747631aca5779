"""A small world of the measurements is as consistent as one that the actions made."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from config import Settings
from resana import create_app
from resana.administrations.models import Administration, AdministrationClosure
from resana.cli import migrate
from resana.core import database
from resana.core.database import session
from resana.core.storage import storage
from resana.discussions.models import Message, Thread
from resana.documents.models import Document, Version
from resana.spaces.models import Grant, Space, Stream, StreamEvent, StreamMember

from .measures import Figure, figure, median
from .world import Size, build

SMALL = Size(accounts=60, services=8, spaces=12, files=5, messages=40, listeners=3)


@pytest.fixture
def small(tmp_path: Path):
    """A small world, in a database of its own."""
    app = create_app(Settings(env="development", data=tmp_path, database_url="", secret_key="for a small world" * 3))
    with app.app_context():
        migrate()
        yield build(SMALL)
        session.remove()
        database.engine().dispose()


def test_a_small_world_is_consistent(small):
    assert len(small.actors) == 8 and len(small.listeners) == 3
    for stream in session.execute(select(Stream)).scalars():
        seqs = session.execute(
            select(StreamEvent.seq).where(StreamEvent.stream_id == stream.id).order_by(StreamEvent.seq)
        ).scalars()
        assert list(seqs) == list(range(1, stream.last_seq + 1))
        said = session.execute(select(Message.seq).where(Message.stream_id == stream.id)).scalars().all()
        assert stream.message_count == len(said)
        for member in session.execute(select(StreamMember).where(StreamMember.stream_id == stream.id)).scalars():
            assert member.read_count == sum(seq <= member.baseline_seq for seq in said)
    for thread in session.execute(select(Thread)).scalars():
        numbers = session.execute(select(Message.no).where(Message.thread_id == thread.id).order_by(Message.no))
        assert list(numbers.scalars()) == list(range(1, thread.message_count + 1))
    for version in session.execute(select(Version)).scalars():
        stored = storage().open(version.key)
        assert stored.size == version.size
        stored.close()


def test_a_small_world_has_what_is_measured(small):
    long = session.execute(select(Thread.message_count).where(Thread.public_id == small.thread)).scalar_one()
    files = select(func.count()).select_from(Document).join(Space, Space.id == Document.space_id)
    assert long == 40
    assert session.execute(files.where(Space.public_id == small.files_space)).scalar_one() == 5
    assert {row[0] for row in session.execute(select(Grant.principal_kind))} >= {"account", "administration", "subtree"}
    own = session.execute(select(func.count()).select_from(Administration)).scalar_one()
    assert session.execute(select(func.count()).where(AdministrationClosure.depth == 0)).scalar_one() == own


def test_a_figure_is_the_median_of_its_runs():
    assert figure([0.01, 0.02, 0.03], 0.5) == Figure(20.0, 30.0, 6.0)
    assert median([Figure(1, 5, 9), Figure(2, 4, 7), Figure(3, 3, 8)]) == Figure(2, 4, 8)
