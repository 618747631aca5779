"""The SQL clause against the oracle, on random worlds; and what must hold in every world."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from resana.accounts.factors.models import SecondFactor
from resana.accounts.life_models import Delegation
from resana.accounts.models import Account, AdminScope
from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.database import session
from resana.discussions.models import Thread
from resana.documents.models import Document, Folder, FolderGrant, Version
from resana.emergency.models import EmergencyAccess
from resana.permissions import RULES, Can, accounts_who, allowed, can, role_in
from resana.spaces.models import Grant, Role, Space, Stream

from .oracle import LEAD, MODERATOR, Cupboard, Line, Node, Person, Room, Slip, Thing, World

COMPARED = (
    (Can.SEE_SPACE, "rooms"),
    (Can.READ_SPACE, "rooms"),
    (Can.ASK_EMERGENCY_ACCESS, "rooms"),
    (Can.READ_SPACE_JOURNAL, "rooms"),
    (Can.BELONG_TO_SPACE, "rooms"),
    (Can.JOIN_SPACE, "rooms"),
    (Can.REQUEST_ACCESS, "rooms"),
    (Can.UNLOCK_SPACE, "rooms"),
    (Can.UPLOAD, "rooms"),
    (Can.INVITE_AGENT, "rooms"),
    (Can.CHANGE_VISIBILITY, "rooms"),
    (Can.ALLOW_GUESTS, "rooms"),
    (Can.INVITE_GUEST, "rooms"),
    (Can.ARCHIVE_SPACE, "rooms"),
    (Can.READ_FOLDER, "folders"),
    (Can.FILL_FOLDER, "folders"),
    (Can.CHANGE_FOLDER, "folders"),
    (Can.RESTRICT_FOLDER, "folders"),
    (Can.DISCLOSE_FOLDER, "folders"),
    (Can.SEE_FOLDER_GRANT, "slips"),
    (Can.CHANGE_FOLDER_GRANT, "slips"),
    (Can.TRASH_SPACE, "rooms"),
    (Can.RESTORE_SPACE, "rooms"),
    (Can.APPOINT_LEAD, "rooms"),
    (Can.READ_DOCUMENT, "documents"),
    (Can.WRITE_DOCUMENT, "documents"),
    (Can.TRASH_DOCUMENT, "documents"),
    (Can.RESTORE_DOCUMENT, "documents"),
    (Can.DISCLOSE_DOCUMENT, "documents"),
    (Can.READ_VERSION, "versions"),
    (Can.RESTORE_VERSION, "versions"),
    (Can.READ_THREAD, "threads"),
    (Can.POST_MESSAGE, "threads"),
    (Can.CLOSE_THREAD, "threads"),
    (Can.ADMINISTER_ACCOUNT, "people"),
    (Can.ERASE_ACCOUNT, "people"),
    (Can.SEE_PERSON, "people"),
    (Can.CREATE_ACCOUNT, "nodes"),
    (Can.SET_POLICY, "nodes"),
    (Can.OVERSEE_ADMINISTRATION, "nodes"),
    (Can.CREATE_ADMINISTRATION, "nodes"),
    (Can.EDIT_ADMINISTRATION, "nodes"),
    (Can.IDENTIFY_ADMINISTRATION, "nodes"),
    (Can.MOVE_ADMINISTRATION, "nodes"),
    (Can.CLOSE_ADMINISTRATION, "nodes"),
    (Can.APPOINT_ADMINISTRATOR, "nodes"),
    (Can.APPOINT_ACCOUNT, "people"),
)
POLICIES = st.sampled_from(["nobody", "nobody", "administrators", "everyone"])
STATES = ["active", "active", "active", "archived", "sequestered", "trashed"]
SETTINGS = settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a world is small enough to be read as it is
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A tree, people with scopes, spaces with grants of every kind, and things in them."""
    world = World(now=now())
    moments = st.sampled_from([None, world.now + timedelta(days=1), world.now - timedelta(days=1)])
    for index in range(draw(st.integers(1, 5))):
        parent = draw(st.one_of(st.none(), st.integers(0, index - 1))) if index else None
        creation = draw(st.sampled_from(["everyone", "team_leads", "validated"]))
        closed = index > 0 and draw(st.integers(0, 4)) == 0
        world.nodes.append(Node(parent, creation, closed=closed, second_factor=draw(POLICIES)))
    node = st.integers(0, len(world.nodes) - 1)
    for _ in range(draw(st.integers(1, 5))):
        guest = draw(st.integers(0, 4)) == 0
        world.people.append(
            Person(
                home=draw(node),
                kind="guest" if guest else "agent",
                status=draw(
                    st.sampled_from(["active", "active", "active", "suspended", "invited", "deactivated", "erased"])
                ),
                until=draw(moments.filter(bool)) if guest else None,
                team_lead=draw(st.booleans()),
                platform=draw(st.integers(0, 9)) == 0,
                scopes=tuple(draw(st.sets(node, max_size=2))),
                factor=draw(st.booleans()),
                lent=tuple(
                    (draw(node), world.now + timedelta(days=first), world.now + timedelta(days=first + 2))
                    for first in draw(st.lists(st.integers(-3, 1), max_size=2))
                ),
            )
        )
    person = st.integers(0, len(world.people) - 1)
    for _ in range(draw(st.integers(1, 3))):
        world.rooms.append(
            Room(
                draw(node),
                draw(st.sampled_from(STATES)),
                second_factor=draw(st.booleans()),
                takes_guests=draw(st.booleans()),
            )
        )
    room = st.integers(0, len(world.rooms) - 1)
    for one in world.people:
        one.glasses = tuple(draw(st.sets(room, max_size=2)))
    for _ in range(draw(st.integers(0, 8))):
        kind = draw(st.sampled_from(["account", "administration", "subtree", "agents"]))
        line = Line(
            space=draw(room),
            kind=kind,
            principal=draw(person) if kind == "account" else 0 if kind == "agents" else draw(node),
            role=draw(st.integers(0, LEAD if kind == "account" else 2)),
            visibility=kind != "account" and draw(st.booleans()),
            until=draw(moments),
        )
        taken = {(one.space, one.kind, one.principal, one.visibility) for one in world.lines}
        if (line.space, line.kind, line.principal, line.visibility) not in taken:
            world.lines.append(line)
    for index in range(draw(st.integers(0, 4))):
        parent = draw(st.one_of(st.none(), st.integers(0, index - 1))) if index else None
        world.folders.append(
            Cupboard(
                space=draw(room) if parent is None else world.folders[parent].space,
                by=draw(person),
                parent=parent,
                restricted=draw(st.booleans()) and world.restricted_by(parent) is None,
                trashed=draw(st.integers(0, 4)) == 0,
            )
        )
        if world.folders[index].restricted:
            for _ in range(draw(st.integers(0, 3))):
                kind = draw(st.sampled_from(["account", "account", "administration", "subtree", "agents"]))
                principal = draw(person) if kind == "account" else 0 if kind == "agents" else draw(node)
                slip = Slip(index, kind, principal, draw(st.integers(1, MODERATOR if kind == "account" else 2)))
                if all((one.folder, one.kind, one.principal) != (index, kind, principal) for one in world.slips):
                    world.slips.append(slip)
    for things in (world.documents, world.threads):
        for _ in range(draw(st.integers(0, 3))):
            things.append(Thing(draw(room), draw(person), draw(st.booleans()), draw(st.booleans())))
    for document in world.documents:
        here = [index for index, folder in enumerate(world.folders) if folder.space == document.space]
        document.folder = draw(st.sampled_from([None, *here]))
    return world


def _write(world: World) -> dict[str, list[Any]]:
    """The same world, in the database's present transaction."""
    nodes: list[Administration] = []
    for index, node in enumerate(world.nodes):
        nodes.append(
            Administration(
                parent_id=None if node.parent is None else nodes[node.parent].id,
                kind="service",
                name=f"N{index}",
                short_name=f"N{index}",
                search_name=f"n{index}",
                city="Pau",
                space_creation=node.creation,
                status="closed" if node.closed else "active",
                successor_id=nodes[0].id if node.closed else None,
                second_factor=node.second_factor,
            )
        )
        session.add(nodes[-1])
        session.flush()
    people = [
        Account(
            kind=person.kind,
            email=f"p{index}@random.example",
            first_name=f"P{index}",
            last_name="X",
            search_name=f"p{index} x",
            home_administration_id=nodes[person.home].id,
            status=person.status,
            valid_until=person.until,
            team_lead=person.team_lead,
            platform_admin=person.platform,
        )
        for index, person in enumerate(world.people)
    ]
    session.add_all(people)
    session.flush()
    for person, account in zip(world.people, people, strict=True):
        session.add_all(AdminScope(account_id=account.id, administration_id=nodes[scope].id) for scope in person.scopes)
        if person.factor:
            session.add(SecondFactor(account_id=account.id, kind="totp", name="T", sealed_secret=b"x"))
        session.add_all(
            Delegation(account_id=account.id, administration_id=nodes[node].id, starts_at=start, ends_at=end)
            for node, start, end in person.lent
        )
    rooms = [
        Space(
            owner_administration_id=nodes[room.owner].id,
            title=f"E{index}",
            search_title=f"e{index}",
            second_factor_required=room.second_factor,
            state=room.state,
            guests_allowed=room.takes_guests,
            created_by_id=people[0].id,
            stream=Stream(),
        )
        for index, room in enumerate(world.rooms)
    ]
    session.add_all(rooms)
    session.flush()
    for person, account in zip(world.people, people, strict=True):
        for index, space in enumerate(rooms):
            state, until = _glass_of(person.glasses, index, world.now)
            session.add(
                EmergencyAccess(space_id=space.id, account_id=account.id, reason="R", state=state, ends_at=until)
            )
    for line in world.lines:
        principal = {"account": people, "agents": None}.get(line.kind, nodes)
        session.add(
            Grant(
                space_id=rooms[line.space].id,
                principal_kind=line.kind,
                principal_id=principal[line.principal].id if principal else 0,
                role=line.role,
                origin="visibility" if line.visibility else "person" if line.kind == "account" else "administration",
                expires_at=line.until,
                granted_by_id=people[0].id,
            )
        )
    folders: list[Folder] = []
    for index, one in enumerate(world.folders):
        folder = Folder(
            space_id=rooms[one.space].id,
            parent_id=None if one.parent is None else folders[one.parent].id,
            name=f"F{index}",
            folded_name=f"f{index}",
            search_name=f"f{index}",
            created_by_id=people[one.by].id,
            trashed_at=world.now if one.trashed else None,
        )
        session.add(folder)
        session.flush()
        folders.append(folder)
        around = world.restricted_by(index)
        folder.restricted, folder.acl_folder_id = one.restricted, None if around is None else folders[around].id
        session.flush()
    slips = [
        FolderGrant(
            space_id=folders[slip.folder].space_id,
            folder_id=folders[slip.folder].id,
            principal_kind=slip.kind,
            principal_id={"account": people, "agents": None}.get(slip.kind, nodes)[slip.principal].id  # type: ignore[index]
            if slip.kind != "agents"
            else 0,
            role=slip.role,
            granted_by_id=people[0].id,
        )
        for slip in world.slips
    ]
    session.add_all(slips)
    documents = [
        Document(
            space_id=rooms[one.space].id,
            folder_id=None if one.folder is None else folders[one.folder].id,
            acl_folder_id=None if one.folder is None else folders[one.folder].acl_folder_id,
            name=f"D{index}",
            folded_name=f"d{index}",
            search_name=f"d{index}",
            size=1,
            sha256="0" * 64,
            content_type="text/plain",
            created_by_id=people[one.by].id,
            updated_by_id=people[one.by].id,
            trashed_at=world.now if one.trashed else None,
        )
        for index, one in enumerate(world.documents)
    ]
    threads = [
        Thread(
            space_id=rooms[one.space].id,
            stream_id=rooms[one.space].stream.id,
            title=f"T{index}",
            search_title=f"t{index}",
            state="closed" if one.closed else "open",
            created_by_id=people[one.by].id,
        )
        for index, one in enumerate(world.threads)
    ]
    session.add_all([*documents, *threads])
    session.flush()
    versions = [
        Version(
            space_id=one.space_id,
            document_id=one.id,
            number=1,
            key=f"k{one.id}",
            size=1,
            sha256="0" * 64,
            content_type="text/plain",
            created_by_id=one.created_by_id,
        )
        for one in documents
    ]
    session.add_all(versions)
    session.flush()
    return {
        "nodes": nodes,
        "people": people,
        "rooms": rooms,
        "folders": folders,
        "slips": slips,
        "documents": documents,
        "versions": versions,
        "threads": threads,
    }


def _glass_of(glasses: tuple[int, ...], index: int, present: datetime) -> tuple[str, datetime | None]:
    """An access that goes on; else, one after the other, one that has ended, that waits, that was refused."""
    if index in glasses:
        return "approved", present + timedelta(hours=1)
    others = (("approved", present - timedelta(seconds=1)), ("waiting", None), ("refused", None))
    return others[index % 3]


@SETTINGS
@given(world=worlds())
def test_the_clause_says_what_the_oracle_says(app: Flask, world: World) -> None:
    try:
        rows = _write(world)
        for right, plural in COMPARED:
            things = rows[plural]
            model = RULES[right].on
            for who, account in enumerate(rows["people"]):
                expected = {thing.id for index, thing in enumerate(things) if world.may(who, right.value, index)}
                here = [thing.id for thing in things]
                listed = session.execute(allowed(account, right, model.id).where(model.id.in_(here))).scalars()
                assert set(listed) == expected, (right, who)
            for index, thing in enumerate(things):
                who_may = session.execute(accounts_who(right, thing)).scalars()
                ours = {account.id for account in who_may} & {account.id for account in rows["people"]}
                assert ours == {
                    account.id for who, account in enumerate(rows["people"]) if world.may(who, right.value, index)
                }, right
        for who, account in enumerate(rows["people"]):
            for right in (Can.CREATE_SPACE, Can.BROWSE_ADMINISTRATIONS, Can.CREATE_TOP_ADMINISTRATION):
                assert can(account, right) == world.may(who, right.value), right
    finally:
        session.rollback()


@SETTINGS
@given(world=worlds(), data=st.data())
def test_taking_a_grant_away_never_gives_anybody_more(app: Flask, world: World, data: st.DataObject) -> None:
    try:
        rows = _write(world)
        if not world.lines:
            return
        before = _digest(rows)
        grants = (
            session.execute(select(Grant).where(Grant.space_id.in_([space.id for space in rows["rooms"]])))
            .scalars()
            .all()
        )
        session.delete(data.draw(st.sampled_from(grants)))
        session.flush()
        assert _digest(rows) <= before
    finally:
        session.rollback()


@SETTINGS
@given(world=worlds(), data=st.data())
def test_restricting_a_folder_never_gives_anybody_more(app: Flask, world: World, data: st.DataObject) -> None:
    """And opening it gives nobody less (permissions.md, I7)."""
    try:
        free = [index for index in range(len(world.folders)) if world.restricted_by(index) is None]
        below = {index: [other for other in free if _stands_in(world, other, index)] for index in free}
        inside = {index for index, one in enumerate(world.folders) if one.restricted}
        fit = [index for index in free if not any(_stands_in(world, one, index) for one in inside)]
        if not fit:
            return
        rows = _write(world)
        before = _digest(rows)
        chosen = data.draw(st.sampled_from(fit))
        for index in [chosen, *below[chosen]]:
            rows["folders"][index].restricted = index == chosen
            rows["folders"][index].acl_folder_id = rows["folders"][chosen].id
            session.flush()
        for index, document in enumerate(world.documents):
            if document.folder in (chosen, *below[chosen]):
                rows["documents"][index].acl_folder_id = rows["folders"][chosen].id
        session.flush()
        assert _digest(rows) <= before
    finally:
        session.rollback()


@SETTINGS
@given(world=worlds(), data=st.data())
def test_ending_a_delegation_never_gives_anybody_more(app: Flask, world: World, data: st.DataObject) -> None:
    try:
        rows = _write(world)
        lent = session.execute(select(Delegation)).scalars().all()
        if not lent:
            return
        before = _digest(rows)
        session.delete(data.draw(st.sampled_from(lent)))
        session.flush()
        assert _digest(rows) <= before
    finally:
        session.rollback()


def _stands_in(world: World, folder: int, around: int) -> bool:
    parent = world.folders[folder].parent
    return parent is not None and (parent == around or _stands_in(world, parent, around))


@SETTINGS
@given(world=worlds())
def test_a_guest_has_what_was_given_in_person_until_the_date_and_is_never_more_than_a_contributor(
    app: Flask, world: World
) -> None:
    """I15 (permissions.md)."""
    try:
        rows = _write(world)
        rooms = {space.id: index for index, space in enumerate(rows["rooms"])}
        for who, account in enumerate(rows["people"]):
            person = world.people[who]
            if person.kind != "guest":
                continue
            personal = {
                line.space
                for line in world.lines
                if line.kind == "account" and line.principal == who and (line.until is None or line.until > world.now)
            }
            for right, rule in RULES.items():
                if rule.on is not Space:
                    continue
                listed = session.execute(allowed(account, right, Space.id).where(Space.id.in_(rooms))).scalars().all()
                assert {rooms[one] for one in listed} <= personal, right
                assert not listed or world.alive(who), right
                assert not listed or right not in MORE_THAN_A_CONTRIBUTOR, right
            for space in rows["rooms"]:
                role = role_in(account, space)
                assert role is None or role <= Role.CONTRIBUTOR
            assert not any(can(account, right) for right, rule in RULES.items() if rule.on is None)
    finally:
        session.rollback()


MORE_THAN_A_CONTRIBUTOR = {
    *(Can.INVITE_AGENT, Can.ADD_ADMINISTRATION, Can.EDIT_SPACE, Can.CHANGE_VISIBILITY, Can.ARCHIVE_SPACE),
    *(Can.ALLOW_GUESTS, Can.INVITE_GUEST),
}


@SETTINGS
@given(world=worlds())
def test_nobody_does_anything_to_what_they_do_not_see(app: Flask, world: World) -> None:
    try:
        rows = _write(world)
        for account in rows["people"]:
            for model, plural, seen in (
                (Space, "rooms", Can.SEE_SPACE),
                (Folder, "folders", Can.READ_FOLDER),
                (FolderGrant, "slips", Can.SEE_FOLDER_GRANT),
                (Document, "documents", Can.READ_DOCUMENT),
                (Version, "versions", Can.READ_VERSION),
                (Thread, "threads", Can.READ_THREAD),
            ):
                here = [thing.id for thing in rows[plural]]
                sees = set(session.execute(allowed(account, seen, model.id).where(model.id.in_(here))).scalars())
                for right, rule in RULES.items():
                    if rule.on is model and rule.seen is not None:
                        does = session.execute(allowed(account, right, model.id).where(model.id.in_(here))).scalars()
                        assert set(does) <= sees, right
    finally:
        session.rollback()


def _digest(rows: dict[str, list[Any]]) -> set[tuple[int, str, int]]:
    """Who may read or write which space, folder, document and version."""
    found = set()
    for account in rows["people"]:
        for right in (
            Can.SEE_SPACE,
            Can.READ_SPACE,
            Can.UPLOAD,
            Can.INVITE_AGENT,
            Can.CHANGE_VISIBILITY,
            Can.READ_FOLDER,
            Can.FILL_FOLDER,
            Can.CHANGE_FOLDER,
            Can.READ_DOCUMENT,
            Can.WRITE_DOCUMENT,
            Can.TRASH_DOCUMENT,
            Can.RESTORE_DOCUMENT,
            Can.READ_VERSION,
        ):
            model: Any = RULES[right].on
            listed = session.execute(allowed(account, right, model.id)).scalars()
            found |= {(account.id, right.value, one) for one in listed}
    return found
