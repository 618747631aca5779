"""A second definition of who may do what, in plain Python and from the words of the rules; the SQL is compared with it.

It knows nothing of resana/permissions.py, and resana/ knows nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

CARD, READER, CONTRIBUTOR, MODERATOR, LEAD = range(5)


@dataclass
class Node:
    """An administration."""

    parent: int | None
    creation: str = "team_leads"
    closed: bool = False
    second_factor: str = "nobody"


@dataclass
class Person:
    """An account: its home, and what it administers."""

    home: int
    kind: str = "agent"
    status: str = "active"
    until: datetime | None = None
    team_lead: bool = False
    platform: bool = False
    scopes: tuple[int, ...] = ()
    factor: bool = False
    glasses: tuple[int, ...] = ()
    """Spaces to which an exceptional access of theirs has been agreed to, and goes on."""
    lent: tuple[tuple[int, datetime, datetime], ...] = ()
    """Where they also belong, from when to when."""


@dataclass
class Line:
    """A grant."""

    space: int
    kind: str
    principal: int
    role: int
    visibility: bool = False
    until: datetime | None = None


@dataclass
class Room:
    """A space."""

    owner: int
    state: str = "active"
    second_factor: bool = False
    takes_guests: bool = False

    @property
    def open(self) -> bool:
        """Is it read?"""
        return self.state in ("active", "archived")


@dataclass
class Thing:
    """Something in a space: by whom, and in which state."""

    space: int
    by: int
    trashed: bool = False
    closed: bool = False
    folder: int | None = None


@dataclass
class Cupboard:
    """A folder; a restricted one is for those whom its lines name, and for the leads of the space."""

    space: int
    by: int
    parent: int | None = None
    restricted: bool = False
    trashed: bool = False


@dataclass
class Slip:
    """Who has which role in a restricted folder."""

    folder: int
    kind: str
    principal: int
    role: int
    until: None = None


@dataclass
class World:
    """All there is."""

    now: datetime
    nodes: list[Node] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    folders: list[Cupboard] = field(default_factory=list)
    slips: list[Slip] = field(default_factory=list)
    documents: list[Thing] = field(default_factory=list)
    threads: list[Thing] = field(default_factory=list)

    def above(self, node: int | None) -> list[int]:
        """The node and all above it."""
        found = []
        while node is not None:
            found.append(node)
            node = self.nodes[node].parent
        return found

    def alive(self, who: int) -> bool:
        """May this person do anything at all?"""
        person = self.people[who]
        if person.status != "active" or (person.until is not None and person.until <= self.now):
            return False
        return person.factor or not self.must_have_factor(who)

    def must_have_factor(self, who: int) -> bool:
        """Is a second factor demanded of this person?"""
        person = self.people[who]
        policy = self.nodes[person.home].second_factor
        if person.kind == "guest" or policy == "everyone":
            return True
        if policy == "administrators" and (person.platform or person.scopes):
            return True
        return any(self.nodes[scope].second_factor != "nobody" for scope in person.scopes)

    def speaks_to(self, line: Line | Slip, who: int) -> bool:
        """Does a grant speak to this person?"""
        person = self.people[who]
        if line.until is not None and line.until <= self.now:
            return False
        if line.kind == "account":
            return line.principal == who
        if person.kind != "agent":
            return False
        if line.kind == "agents":
            return True
        if line.kind == "administration":
            lent = any(node == line.principal and start <= self.now < end for node, start, end in person.lent)
            return lent or person.home == line.principal
        return line.principal in self.above(person.home)

    def role(self, who: int, space: int, member: bool = False) -> int | None:
        """The effective role, or None."""
        return self.role_if_open(who, space, member) if self.rooms[space].open else None

    def role_if_open(self, who: int, space: int, member: bool = False) -> int | None:
        """The role that this person has, or would have if the space were not shut."""
        if not self.alive(who):
            return None
        roles = [
            line.role
            for line in self.lines
            if line.space == space and self.speaks_to(line, who) and not (member and line.visibility)
        ]
        if not roles:
            return None
        if self.rooms[space].second_factor and not self.people[who].factor:
            return CARD
        return min(max(roles), CONTRIBUTOR) if self.people[who].kind == "guest" else max(roles)

    def administers(self, who: int, node: int, strictly: bool = False) -> bool:
        """Is the node in one of this person's scopes?"""
        person = self.people[who]
        if person.kind != "agent" or not self.alive(who):
            return False
        inside = self.above(node)[1:] if strictly else self.above(node)
        return any(scope in inside for scope in person.scopes)

    def may(self, who: int, right: str, thing: int | None = None) -> bool:
        """Whether a person has a right on a thing."""
        return self.alive(who) and bool(getattr(self, right)(who, thing))

    def has(self, who: int, space: int, least: int) -> bool:
        """Whether the role reaches so far."""
        role = self.role(who, space)
        return role is not None and role >= least

    # The rights, by their codes.

    def see_space(self, who: int, space: int) -> bool:
        return (
            self.has(who, space, CARD)
            or self.role_if_open(who, space) == LEAD
            or self.administers(who, self.rooms[space].owner)
            or (self.people[who].platform and self.people[who].kind == "agent")
        )

    def read_space(self, who: int, space: int) -> bool:
        return self.has(who, space, READER) or self.glass(who, space)

    def glass(self, who: int, space: int) -> bool:
        person = self.people[who]
        return person.kind == "agent" and person.platform and space in person.glasses

    def read_thread(self, who: int, thread: int) -> bool:
        return self.read_space(who, self.threads[thread].space)

    def ask_emergency_access(self, who: int, space: int) -> bool:
        person = self.people[who]
        return person.platform and person.kind == "agent" and not self.read_space(who, space)

    def read_space_journal(self, who: int, space: int) -> bool:
        person = self.people[who]
        administers = self.administers(who, self.rooms[space].owner) or (person.platform and person.kind == "agent")
        return self.has(who, space, LEAD) or administers

    def belong_to_space(self, who: int, space: int) -> bool:
        role = self.role(who, space, member=True)
        return role is not None and role >= READER

    def join_space(self, who: int, space: int) -> bool:
        return (
            self.has(who, space, READER)
            and not self.belong_to_space(who, space)
            and self.rooms[space].state == "active"
        )

    def request_access(self, who: int, space: int) -> bool:
        return (
            self.has(who, space, CARD)
            and not self.has(who, space, READER)
            and not self.unlock_space(who, space)
            and self.rooms[space].state == "active"
        )

    def unlock_space(self, who: int, space: int) -> bool:
        """Let in by a grant, and kept out by the second factor that the space asks for."""
        if not self.rooms[space].open or not self.rooms[space].second_factor or self.people[who].factor:
            return False
        lines = [line for line in self.lines if line.space == space and self.speaks_to(line, who)]
        return any(line.role >= READER for line in lines)

    def upload(self, who: int, space: int) -> bool:
        return self.has(who, space, CONTRIBUTOR) and self.rooms[space].state == "active"

    def invite_agent(self, who: int, space: int) -> bool:
        return self.has(who, space, MODERATOR) and self.rooms[space].state == "active"

    def allow_guests(self, who: int, space: int) -> bool:
        return self.has(who, space, LEAD) and self.rooms[space].state == "active"

    def invite_guest(self, who: int, space: int) -> bool:
        return self.allow_guests(who, space) and self.rooms[space].takes_guests

    def meets(self, one: int, other: int) -> bool:
        """Are the two in one space, which the first may read, otherwise than by its visibility?"""
        spaces = [
            {
                line.space
                for line in self.lines
                if not line.visibility
                and line.role >= READER
                and self.speaks_to(line, who)
                and (who == other or self.people[who].factor or not self.rooms[line.space].second_factor)
            }
            for who in (one, other)
        ]
        return bool(spaces[0] & spaces[1])

    def see_person(self, who: int, other: int) -> bool:
        me, them = self.people[who], self.people[other]
        if who == other or self.administer_account(who, other):
            return True
        if them.status == "invited":
            return False
        if me.kind == them.kind == "agent":
            return them.status != "erased"
        return self.meets(who, other)

    def change_visibility(self, who: int, space: int) -> bool:
        return self.has(who, space, LEAD) and self.rooms[space].state == "active"

    def archive_space(self, who: int, space: int) -> bool:
        return self.rooms[space].open and (self.has(who, space, LEAD) or self.administers(who, self.rooms[space].owner))

    def trash_space(self, who: int, space: int) -> bool:
        return self.has(who, space, LEAD)

    def restore_space(self, who: int, space: int) -> bool:
        leads = self.role_if_open(who, space) == LEAD
        return self.rooms[space].state == "trashed" and (leads or self.administers(who, self.rooms[space].owner))

    def appoint_lead(self, who: int, space: int) -> bool:
        led = any(self.role_if_open(one, space) == LEAD for one in range(len(self.people)))
        return self.rooms[space].state != "trashed" and not led and self.administers(who, self.rooms[space].owner)

    def restricted_by(self, folder: int | None) -> int | None:
        """The restricted folder at or above this one."""
        while folder is not None and not self.folders[folder].restricted:
            folder = self.folders[folder].parent
        return folder

    def inside(self, who: int, space: int, folder: int | None, least: int) -> bool:
        """Whether the role reaches so far in a folder: the lesser of those in the space and in the restricted one."""
        role, around = self.role(who, space), self.restricted_by(folder)
        if role is None:
            return False
        if around is None or role == LEAD:
            return role >= least
        slips = [slip.role for slip in self.slips if slip.folder == around and self.speaks_to(slip, who)]
        return bool(slips) and min(role, max(slips)) >= least

    def read_folder(self, who: int, folder: int) -> bool:
        one = self.folders[folder]
        reads = self.inside(who, one.space, folder, READER) or self.glass(who, one.space)
        return reads and not one.trashed

    def fill_folder(self, who: int, folder: int) -> bool:
        one = self.folders[folder]
        return self.read_folder(who, folder) and self.inside(who, one.space, folder, CONTRIBUTOR) and self.open(one)

    def change_folder(self, who: int, folder: int) -> bool:
        one = self.folders[folder]
        own = one.by == who and self.inside(who, one.space, folder, CONTRIBUTOR)
        moderated = self.inside(who, one.space, folder, MODERATOR)
        return self.read_folder(who, folder) and (own or moderated) and self.open(one)

    def restrict_folder(self, who: int, folder: int) -> bool:
        one = self.folders[folder]
        by_their_role_in_it = one.restricted and self.inside(who, one.space, folder, MODERATOR)
        may = self.has(who, one.space, LEAD) or by_their_role_in_it
        return self.read_folder(who, folder) and may and self.open(one)

    def disclose_folder(self, who: int, folder: int) -> bool:
        one = self.folders[folder]
        return self.read_folder(who, folder) and self.inside(who, one.space, folder, MODERATOR) and self.open(one)

    def see_folder_grant(self, who: int, slip: int) -> bool:
        folder = self.slips[slip].folder
        return self.inside(who, self.folders[folder].space, folder, READER)

    def change_folder_grant(self, who: int, slip: int) -> bool:
        one = self.slips[slip]
        room = self.folders[one.folder].space
        moderated = self.inside(who, room, one.folder, MODERATOR) and one.role <= CONTRIBUTOR
        return (self.has(who, room, LEAD) or moderated) and self.open(self.folders[one.folder])

    def open(self, one: Thing | Cupboard) -> bool:
        return self.rooms[one.space].state == "active"

    def read_document(self, who: int, document: int) -> bool:
        one = self.documents[document]
        reads = self.inside(who, one.space, one.folder, READER) or self.glass(who, one.space)
        return reads and not one.trashed

    def write_document(self, who: int, document: int) -> bool:
        one = self.documents[document]
        return (
            self.read_document(who, document)
            and self.inside(who, one.space, one.folder, CONTRIBUTOR)
            and self.open(one)
        )

    def trash_document(self, who: int, document: int) -> bool:
        one = self.documents[document]
        own = one.by == who and self.inside(who, one.space, one.folder, CONTRIBUTOR)
        moderated = self.inside(who, one.space, one.folder, MODERATOR)
        return self.read_document(who, document) and (own or moderated) and self.open(one)

    def restore_document(self, who: int, document: int) -> bool:
        one = self.documents[document]
        own = one.by == who and self.inside(who, one.space, one.folder, CONTRIBUTOR)
        moderated = self.inside(who, one.space, one.folder, MODERATOR)
        return one.trashed and (own or moderated) and self.open(one)

    def disclose_document(self, who: int, document: int) -> bool:
        one = self.documents[document]
        return (
            self.read_document(who, document) and self.inside(who, one.space, one.folder, MODERATOR) and self.open(one)
        )

    def read_version(self, who: int, document: int) -> bool:
        return self.read_document(who, document)

    def restore_version(self, who: int, document: int) -> bool:
        return self.trash_document(who, document)

    def post_message(self, who: int, thread: int) -> bool:
        one = self.threads[thread]
        return self.has(who, one.space, CONTRIBUTOR) and not one.closed and self.rooms[one.space].state == "active"

    def close_thread(self, who: int, thread: int) -> bool:
        one = self.threads[thread]
        return self.has(who, one.space, MODERATOR) and self.rooms[one.space].state == "active"

    def administer_account(self, who: int, other: int) -> bool:
        person = self.people[other]
        return (
            who != other
            and person.status != "erased"
            and not person.platform
            and self.administers(who, person.home)
            and all(self.administers(who, scope, strictly=True) for scope in person.scopes)
        )

    def erase_account(self, who: int, other: int) -> bool:
        return self.people[other].status == "deactivated" and self.administer_account(who, other)

    def create_account(self, who: int, node: int) -> bool:
        return self.administers(who, node) and not self.nodes[node].closed

    def runs(self, who: int) -> bool:
        """Is this person an administrator of the platform?"""
        return self.people[who].platform and self.people[who].kind == "agent"

    def oversee_administration(self, who: int, node: int) -> bool:
        return self.runs(who) or self.administers(who, node)

    def set_policy(self, who: int, node: int) -> bool:
        return self.oversee_administration(who, node)

    def create_administration(self, who: int, node: int) -> bool:
        return self.oversee_administration(who, node) and not self.nodes[node].closed

    def edit_administration(self, who: int, node: int) -> bool:
        return self.oversee_administration(who, node) and not self.nodes[node].closed

    def identify_administration(self, who: int, node: int) -> bool:
        return self.runs(who) and not self.nodes[node].closed

    def move_administration(self, who: int, node: int) -> bool:
        return (self.runs(who) or self.administers(who, node, strictly=True)) and not self.nodes[node].closed

    def close_administration(self, who: int, node: int) -> bool:
        return self.move_administration(who, node)

    def appoint_administrator(self, who: int, node: int) -> bool:
        return self.move_administration(who, node)

    def appoint_account(self, who: int, other: int) -> bool:
        if self.people[other].kind != "agent":
            return False
        return self.see_person(who, other) and (
            self.administer_account(who, other) or (self.runs(who) and who != other)
        )

    def browse_administrations(self, who: int, _thing: None) -> bool:
        person = self.people[who]
        return person.kind == "agent" and (person.platform or bool(person.scopes))

    def create_top_administration(self, who: int, _thing: None) -> bool:
        return self.runs(who)

    def create_space(self, who: int, _thing: None) -> bool:
        person = self.people[who]
        if person.kind != "agent":
            return False
        home = self.nodes[person.home]
        by_policy = not home.closed and (home.creation != "team_leads" or person.team_lead)
        return by_policy or self.administers(who, person.home)
