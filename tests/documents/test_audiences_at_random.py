"""Whatever people do to folders, in whatever order: each thing has the audience of its restricted folder."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from resana.core.database import session
from resana.core.errors import No
from resana.core.storage import draft_of
from resana.documents import actions, restricting, trash
from resana.documents.models import Document, Folder
from resana.documents.writing import deposit
from resana.permissions import Can, can
from resana.spaces.models import Role

PEOPLE = ("ines", "marc", "bruno")
DEEDS = ("folder", "deposit", "move", "restrict", "open", "let_in", "trash", "restore", "rename")


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    deeds=st.lists(
        st.tuples(st.sampled_from(DEEDS), st.sampled_from(PEOPLE), st.integers(0, 99), st.integers(0, 99)),
        min_size=8,
        max_size=25,
    )
)
def test_audiences_follow_folders(cast: SimpleNamespace, deeds: list[tuple[str, str, int, int]]) -> None:
    for rank, (deed, who, one, other) in enumerate([("folder", "ines", 0, 0), ("restrict", "ines", 0, 0), *deeds]):
        folders = list(session.execute(select(Folder).order_by(Folder.id)).scalars())
        documents = list(session.execute(select(Document).order_by(Document.id)).scalars())
        things: list[Any] = [*folders, *documents]
        by, thing = getattr(cast, who), things[one % len(things)] if things else None
        place = [None, *folders][other % (len(folders) + 1)]
        seen = {(type(of).__name__, of.id, him) for of in things for him in PEOPLE if _sees(getattr(cast, him), of)}
        try:
            _do(deed, cast, by, thing, place, rank)
        except No:
            session.rollback()
        session.expire_all()
        _check(cast)
        if deed in ("restrict", "trash", "rename"):
            now_seen = {
                (type(of).__name__, of.id, him) for of in things for him in PEOPLE if _sees(getattr(cast, him), of)
            }
            assert now_seen <= seen, deed


def _sees(person: Any, thing: Any) -> bool:
    return can(person, Can.READ_FOLDER if isinstance(thing, Folder) else Can.READ_DOCUMENT, thing)


def _do(deed: str, cast: SimpleNamespace, by: Any, thing: Any, place: Folder | None, rank: int) -> None:
    name = f"{deed}{rank % 4}"
    if deed == "folder":
        actions.create_folder(cast.space, name, parent=place, by=by)
    elif deed == "deposit":
        with draft_of(b"x") as draft:
            deposit(cast.space, place, name, draft, by=by)
    elif deed == "move" and thing is not None:
        actions.rearrange(thing, name=None, place=place, moves=True, by=by, shown=True)
    elif deed == "rename" and thing is not None:
        actions.rearrange(thing, name=name, place=None, moves=False, by=by)
    elif deed == "trash" and thing is not None:
        trash.trash_folder(thing, by=by) if isinstance(thing, Folder) else trash.trash(thing, by=by)
    elif deed == "restore" and thing is not None:
        trash.restore_folder(thing, by=by) if isinstance(thing, Folder) else trash.restore(thing, by=by)
    elif isinstance(thing, Folder) and deed == "restrict":
        restricting.restrict(thing, by=by)
    elif isinstance(thing, Folder) and deed == "open":
        restricting.open_up(thing, by=by)
    elif isinstance(thing, Folder) and deed == "let_in":
        restricting.let_in(thing, cast.marc if rank % 2 else cast.bruno, Role.CONTRIBUTOR, by=by)


def _check(cast: SimpleNamespace) -> None:
    folders = {one.id: one for one in session.execute(select(Folder)).scalars()}
    for folder in folders.values():
        above, around = folder, []
        while above is not None:
            around += [above.id] if above.restricted else []
            above = folders[above.parent_id] if above.parent_id is not None else None
        assert len(around) <= 1, "one restricted folder stands in another"
        assert folder.acl_folder_id == (around[0] if around else None)
        if folder.trashed_at is None and folder.parent_id is not None:
            assert folders[folder.parent_id].trashed_at is None, "lost under something in the trash"
    for document in session.execute(select(Document)).scalars():
        place = folders[document.folder_id] if document.folder_id is not None else None
        assert document.acl_folder_id == (place.acl_folder_id if place is not None else None)
