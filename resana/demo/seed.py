"""Writing the demonstration: everything that happened, in the order in which it happened."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from sqlalchemy import select

from resana.accounts import account_requests, administrators
from resana.accounts import actions as accounts_actions
from resana.accounts import guests as from_outside
from resana.accounts.models import Account, AccountStatus
from resana.accounts.passwords import hashed
from resana.administrations import actions as administrations_actions
from resana.administrations import closing
from resana.administrations.models import AccountOpening, Administration, SpaceCreation
from resana.core.actions import action
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.core.storage import draft_of
from resana.discussions import actions as threads
from resana.discussions import messages, reading
from resana.discussions.models import Thread
from resana.documents import actions as folders
from resana.documents import restricting
from resana.documents.models import Document, Folder
from resana.documents.writing import deposit, replace
from resana.spaces import actions as spaces_actions
from resana.spaces import grants, guests, requests
from resana.spaces.models import Role, Space, Visibility
from resana.spaces.reading import mark_all_read

from . import story
from .administrations import ADMINISTRATIONS
from .administrations import BY_KEY as NODES
from .people import PASSWORD, PEOPLE, SHOWN
from .spaces import SPACE_REQUESTS, SPACES
from .story import moment

LAST_VISITS_DAYS = (1, 2, 2, 3)
"""Working days ago that people last looked, one after the other: what came later, from others, is unread."""

Happening = tuple[datetime, int, Callable[[], object]]


def seeded() -> bool:
    """Whether the database has somebody in it already."""
    return session.execute(select(Account.id).limit(1)).first() is not None


def accounts() -> list[dict[str, str]]:
    """The accounts shown to newcomers."""
    return [
        {
            "email": person.email,
            "password": PASSWORD,
            "name": person.name,
            "administration": NODES[person.administration].name,
            "city": NODES[person.administration].city,
            "what": person.what or "",
        }
        for person in SHOWN
    ] + [
        {
            "email": guest.email,
            "password": PASSWORD,
            "name": f"{guest.first_name} {guest.last_name}",
            "administration": guest.organisation,
            "city": "",
            "what": guest.what,
        }
        for space in SPACES
        for guest in space.guests
    ]


def seed() -> None:
    """Write all of it, or nothing."""
    session.rollback()  # a password is hashed outside of any transaction: it takes a while
    _write(hashed(PASSWORD))


@action
def _write(password_hash: str) -> None:
    nodes = _administrations()
    people = _people(nodes, password_hash)
    happenings: list[Happening] = []
    for told in SPACES:
        happenings += _Telling(told, nodes, people, password_hash).happenings(len(happenings))
    for asked in SPACE_REQUESTS:
        happenings.append((moment(now(), asked.days_ago, asked.at), len(happenings), _asking(asked, people)))
    for at, _rank, happen in sorted(happenings, key=itemgetter(0, 1)):
        with pretending(at):
            happen()
    for person in PEOPLE:
        people[person.key].status = AccountStatus(person.status)
    _ask_for_an_account(nodes["dreal"])


def _ask_for_an_account(place: Administration) -> None:
    """Somebody of an administration that wants to agree first: its administrator has a request to answer."""
    administrations_actions.set_policy(place, account_opening=AccountOpening.VALIDATED, by=None)
    domain = NODES["dreal"].mail_domains[0]
    with pretending(now() - timedelta(hours=3)):
        secret = account_requests.begin(
            {
                "email": f"capucine.renoncule@{domain}",
                "first_name": "Capucine",
                "last_name": "Renoncule",
                "job_title": "Chargée d’études biodiversité",
                "language": "fr",
            }
        )
        assert secret is not None
        account_requests.confirm(secret)


def _administrations() -> dict[str, Administration]:
    nodes: dict[str, Administration] = {}
    for node in ADMINISTRATIONS:
        nodes[node.key] = administrations_actions.create(
            name=node.name,
            short_name=node.short_name,
            kind=node.kind,
            city=node.city,
            parent=nodes[node.parent] if node.parent else None,
            sirets=node.sirets,
            mail_domains=node.mail_domains,
            space_creation=SpaceCreation(node.policy),
            all_agents_may_read=node.all_agents_may_read,
        )
    for node in ADMINISTRATIONS:
        if node.successor is not None:
            closing.close(nodes[node.key], nodes[node.successor], by=None)
    return nodes


def _people(nodes: dict[str, Administration], password_hash: str) -> dict[str, Account]:
    people: dict[str, Account] = {}
    for person in PEOPLE:
        account = accounts_actions.create(
            email=person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            job_title=person.job_title,
            administration=nodes[person.administration],
            team_lead=person.team_lead,
            by=None,
        )
        account.status = AccountStatus.ACTIVE
        account.password_hash = password_hash
        account.platform_admin = person.platform_admin
        for scope in person.scopes:
            administrators.appoint(account, nodes[scope])
        people[person.key] = account
    session.flush()
    return people


def _asking(asked: story.SpaceRequest, people: dict[str, Account]) -> Callable[[], object]:
    return lambda: requests.ask_for_space(
        title=asked.title,
        description=asked.description,
        purpose=f"{asked.purpose}\n\n{asked.reason}",
        visibility=Visibility(asked.visibility),
        open_to_read=asked.visibility_level == "reader",
        by=people[asked.by],
    )


class _Telling:
    """One space, while it is being told."""

    def __init__(
        self, told: story.Space, nodes: dict[str, Administration], people: dict[str, Account], password_hash: str
    ) -> None:
        self.told = told
        self.password_hash = password_hash
        self.nodes = nodes
        self.people = people
        self.space: Space
        self.folders: dict[str | None, Folder | None] = {None: None}
        self.documents: dict[str, Document] = {}
        self.threads: dict[str, Thread] = {}

    def happenings(self, rank: int) -> list[Happening]:
        """What happened, each with its moment; `rank` keeps the order of what happened at once."""
        return [(at, rank + index, happen) for index, (at, happen) in enumerate(self._all())]

    def _all(self) -> Iterator[tuple[datetime, Callable[[], object]]]:
        told, present = self.told, now()
        yield moment(present, told.created_days_ago, "08:00"), self._open
        for guest in told.guests:
            yield moment(present, guest.invited_days_ago, guest.at), self._later(self._invite, guest, present)
        for document in told.documents:
            for number, version in enumerate(document.versions):
                yield moment(present, version.days_ago, version.at), self._later(self._leave, document, number)
        for thread in told.threads:
            for number, message in enumerate(thread.messages):
                yield moment(present, message.days_ago, message.at), self._later(self._say, thread, number)
        for asked in told.access_requests:
            yield moment(present, asked.days_ago, asked.at), self._later(self._ask, asked)
        for rank, person in enumerate(PEOPLE):
            days_ago = LAST_VISITS_DAYS[rank % len(LAST_VISITS_DAYS)]
            yield moment(present, days_ago, "18:45"), self._later(self._looked, self.people[person.key])

    @staticmethod
    def _later(do: Callable[..., object], *arguments: Any) -> Callable[[], object]:
        return lambda: do(*arguments)

    def _open(self) -> None:
        told, by = self.told, self.people[self.told.created_by]
        self.space = spaces_actions.create(title=told.title, description=told.description, purpose=told.purpose, by=by)
        self.space.owner_administration = self.nodes[told.owner]
        for grant in told.grants:
            if grant.principal == "person" and grant.key == told.created_by:
                continue
            grants.bring_in(
                self.space,
                self.people[grant.key] if grant.principal == "person" else self.nodes[grant.key],
                Role.of(grant.role),
                by=by,
                their_role=Role.LEAD,
                subtree=grant.principal == "subtree",
            )
        session.flush()
        spaces_actions.change_visibility(
            self.space,
            Visibility(told.visibility),
            open_to_read=told.visibility_level == "reader" and told.visibility != "private",
            by=by,
        )
        for path in told.folders:
            parent, _slash, name = path.rpartition("/")
            self.folders[path] = folders.create_folder(self.space, name, parent=self.folders[parent or None], by=by)
        for restricted in told.restricted:
            folder = self.folders[restricted.folder]
            assert folder is not None
            restricting.restrict(folder, by=by)
            for grant in restricted.grants:
                principal = self.people[grant.key] if grant.principal == "person" else self.nodes[grant.key]
                role, subtree = Role.of(grant.role), grant.principal == "subtree"
                restricting.let_in(folder, principal, role, by=by, subtree=subtree)

    def _invite(self, guest: story.Guest, present: datetime) -> None:
        by = self.people[guest.invited_by]
        until = present + timedelta(days=guest.ends_in_days)
        guests.allow(self.space, True, by=by)
        account = from_outside.described(
            email=guest.email,
            first_name=guest.first_name,
            last_name=guest.last_name,
            organisation=guest.organisation,
            home=self.space.owner_administration,
        )
        from_outside.open_account(account, sponsor=by, valid_until=until, password_hash=self.password_hash)
        guests.admit(self.space, account, Role.of(guest.role), until, by=by)
        self.people[guest.key] = account

    def _leave(self, document: story.Document, number: int) -> None:
        version = document.versions[number]
        by = self.people[version.by]
        with draft_of(version.make()) as draft:
            if number == 0:
                folder = self.folders[document.folder]
                self.documents[document.name] = deposit(self.space, folder, document.name, draft, by=by)
            else:
                replace(self.documents[document.name], draft, by=by)

    def _say(self, thread: story.Thread, number: int) -> None:
        message = thread.messages[number]
        by = self.people[message.by]
        if number == 0:
            self.threads[thread.title] = threads.create(self.space, thread.title, by=by)
        stored = messages.post(
            self.threads[thread.title],
            message.first_written or message.body,
            by=by,
            client_uuid=str(uuid.uuid4()),
            reply_to_no=message.reply_to,
            attachments=[self.documents[name].public_id for name in message.attachments],
        ).message
        reading.read(stored.thread, stored.no, by=by)
        if message.first_written:
            messages.edit(stored, message.body, by=by)
        if message.deleted:
            messages.delete(stored, by=by)

    def _ask(self, asked: story.AccessRequest) -> None:
        requests.ask_for_access(self.space, reason=asked.message, by=self.people[asked.by])

    def _looked(self, person: Account) -> None:
        mark_all_read(self.space, by=person)
