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
    archived: bool = False
    takes_guests: bool = False


@dataclass
class Thing:
    """Something in a space: by whom, and in which state."""

    space: int
    by: int
    trashed: bool = False
    closed: bool = False


@dataclass
class World:
    """All there is."""

    now: datetime
    nodes: list[Node] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    rooms: list[Room] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
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
        return person.status == "active" and (person.until is None or person.until > self.now)

    def speaks_to(self, line: Line, who: int) -> bool:
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
            return person.home == line.principal
        return line.principal in self.above(person.home)

    def role(self, who: int, space: int, member: bool = False) -> int | None:
        """The effective role, or None."""
        if not self.alive(who):
            return None
        roles = [
            line.role
            for line in self.lines
            if line.space == space and self.speaks_to(line, who) and not (member and line.visibility)
        ]
        if not roles:
            return None
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
            or self.administers(who, self.rooms[space].owner)
            or (self.people[who].platform and self.people[who].kind == "agent")
        )

    def read_space(self, who: int, space: int) -> bool:
        return self.has(who, space, READER)

    def belong_to_space(self, who: int, space: int) -> bool:
        role = self.role(who, space, member=True)
        return role is not None and role >= READER

    def join_space(self, who: int, space: int) -> bool:
        return self.has(who, space, READER) and not self.belong_to_space(who, space) and not self.rooms[space].archived

    def request_access(self, who: int, space: int) -> bool:
        return self.has(who, space, CARD) and not self.has(who, space, READER) and not self.rooms[space].archived

    def upload(self, who: int, space: int) -> bool:
        return self.has(who, space, CONTRIBUTOR) and not self.rooms[space].archived

    def invite_agent(self, who: int, space: int) -> bool:
        return self.has(who, space, MODERATOR) and not self.rooms[space].archived

    def allow_guests(self, who: int, space: int) -> bool:
        return self.has(who, space, LEAD) and not self.rooms[space].archived

    def invite_guest(self, who: int, space: int) -> bool:
        return self.allow_guests(who, space) and self.rooms[space].takes_guests

    def meets(self, one: int, other: int) -> bool:
        """Are the two in one space, where each may read, otherwise than by its visibility?"""
        spaces = [
            {
                line.space
                for line in self.lines
                if not line.visibility and line.role >= READER and self.speaks_to(line, who)
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
            return True
        return self.meets(who, other)

    def change_visibility(self, who: int, space: int) -> bool:
        return self.has(who, space, LEAD) and not self.rooms[space].archived

    def archive_space(self, who: int, space: int) -> bool:
        return self.has(who, space, LEAD) or self.administers(who, self.rooms[space].owner)

    def read_document(self, who: int, document: int) -> bool:
        one = self.documents[document]
        return self.has(who, one.space, READER) and not one.trashed

    def trash_document(self, who: int, document: int) -> bool:
        one = self.documents[document]
        own = one.by == who and self.has(who, one.space, CONTRIBUTOR)
        return (
            self.read_document(who, document)
            and (own or self.has(who, one.space, MODERATOR))
            and not self.rooms[one.space].archived
        )

    def post_message(self, who: int, thread: int) -> bool:
        one = self.threads[thread]
        return self.has(who, one.space, CONTRIBUTOR) and not one.closed and not self.rooms[one.space].archived

    def close_thread(self, who: int, thread: int) -> bool:
        one = self.threads[thread]
        return self.has(who, one.space, MODERATOR) and not self.rooms[one.space].archived

    def administer_account(self, who: int, other: int) -> bool:
        person = self.people[other]
        return (
            who != other
            and not person.platform
            and self.administers(who, person.home)
            and all(self.administers(who, scope, strictly=True) for scope in person.scopes)
        )

    def create_account(self, who: int, node: int) -> bool:
        return self.administers(who, node)

    def create_space(self, who: int, _thing: None) -> bool:
        person = self.people[who]
        if person.kind != "agent":
            return False
        policy = self.nodes[person.home].creation
        return policy != "team_leads" or person.team_lead or self.administers(who, person.home)
