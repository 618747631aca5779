"""Opening many accounts at once from a list: a report first, in the administrator's words, then the accounts.

A report changes nothing. The worker then opens and corrects what the report promised, some at a time, each batch in a
transaction of its own: killed in the middle it goes on where it was, and a list that is sent twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import delete, func, insert, select

from resana.acts import Act
from resana.administrations.models import Administration, AdministrationSiret
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Refused
from resana.core.jobs import enqueue, job
from resana.core.languages import present_language
from resana.core.text import searchable
from resana.permissions import Can, allowed

from . import actions, life, links, queries
from .import_file import NO, YES, Line, People
from .models import (
    Account,
    AccountImport,
    AccountImportRow,
    AccountStatus,
    ImportState,
    Verdict,
)

BATCH = 100
KEPT = timedelta(days=30)
"""How long a report is kept: it names people."""
FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""A name that a spreadsheet would take for a formula is no name (OWASP, CSV injection)."""


@action
def check(people: People, *, file_name: str, home: Administration | None, by: Account) -> AccountImport:
    """Look at each line, and keep what it would come to. `home` is for the lines that name no administration."""
    session.execute(
        delete(AccountImport)
        .where(AccountImport.created_at < now() - KEPT)
        .execution_options(synchronize_session=False)
    )
    made = AccountImport(by=by, file_name=file_name[:200], unknown_columns=people.unknown_columns)
    session.add(made)
    session.flush()
    rows = [
        {"import_id": made.id, "done": False, **_judged(line, seen)} for line, seen in _beside(people.lines, by, home)
    ]
    session.execute(insert(AccountImportRow), rows)
    return made


@action
def start(found: AccountImport) -> None:
    """Have the worker do what the report says; a second time does no harm."""
    if found.state != ImportState.CHECKED:
        return
    found.state = ImportState.RUNNING
    found.started_at = now()
    enqueue("import_accounts", {"import_id": found.id, "language": present_language()})


@job("import_accounts")
def carry_out(payload: dict[str, Any]) -> None:
    """Open and correct the accounts of an import, batch by batch."""
    with force_locale(str(payload["language"])):
        while _batch(int(payload["import_id"])):
            continue


def counts(found: AccountImport) -> dict[str, int]:
    """How many lines come to what, and how many of them are done ("done")."""
    rows = session.execute(
        select(AccountImportRow.verdict, AccountImportRow.done, func.count())
        .where(AccountImportRow.import_id == found.id)
        .group_by(AccountImportRow.verdict, AccountImportRow.done)
    ).all()
    said = {verdict.value: 0 for verdict in Verdict} | {"done": 0, "all": 0}
    for verdict, done, number in rows:
        said[verdict] += number
        said["all"] += number
        if verdict in (Verdict.SAME, Verdict.REFUSED) or done:
            said["done"] += number
    return said


# What a line comes to.


class _Seen:
    """What is there beside a line: who has its address, which administrations may be meant."""

    def __init__(self, known: dict[str, tuple[Account, bool]], places: dict[str, list[int]], home: int | None) -> None:
        self.known = known
        self.places = places
        self.home = home
        self.lines: dict[str, int] = {}


def _beside(lines: Sequence[Line], by: Account, home: Administration | None) -> Iterable[tuple[Line, _Seen]]:
    seen = _Seen(_known(lines, by), _places(by), home.id if home is not None else None)
    return ((line, seen) for line in lines)


def _known(lines: Sequence[Line], by: Account) -> dict[str, tuple[Account, bool]]:
    """The accounts that have these addresses, each with whether `by` administers it."""
    emails = sorted({line.email.lower() for line in lines if line.email.isprintable()})
    found: dict[str, tuple[Account, bool]] = {}
    for start_at in range(0, len(emails), 500):
        some = emails[start_at : start_at + 500]
        accounts = session.execute(select(Account).where(Account.email.in_(some))).scalars().all()
        mine = allowed(by, Can.ADMINISTER_ACCOUNT, Account.id).where(Account.id.in_([one.id for one in accounts]))
        ids = set(session.execute(mine).scalars())
        found |= {account.email: (account, account.id in ids) for account in accounts}
    return found


def _places(by: Account) -> dict[str, list[int]]:
    """The administrations in which `by` may open accounts, by each of their names, ids and SIRETs."""
    found: dict[str, list[int]] = {}
    places = queries.places_for_accounts(by)
    for place in places:
        for name in {searchable(place.name), searchable(place.short_name), place.public_id}:
            found.setdefault(name, []).append(place.id)
    ids = {place.id for place in places}
    for siret, place_id in session.execute(select(AdministrationSiret.siret, AdministrationSiret.administration_id)):
        if place_id in ids:
            found.setdefault(siret, []).append(place_id)
    return found


def _judged(said: Line, seen: _Seen) -> dict[str, Any]:
    row: dict[str, Any] = {
        "line": said.number,
        "email": said.email[:254],
        "first_name": said.first_name[:100],
        "last_name": said.last_name[:100],
        "job_title": said.job_title[:100],
        "team_lead": None,
        "administration_id": None,
        "verdict": Verdict.REFUSED,
        "problem": "",
        "about": "",
    }
    problem, about = _problem(said, seen, row)
    if problem:
        # What cannot be written into the database is not repeated.
        shown = {name: _plain(str(row[name])) for name in ("email", "first_name", "last_name", "job_title")}
        return row | shown | {"problem": problem, "about": _plain(about)[:200]}
    return row


def _problem(said: Line, seen: _Seen, row: dict[str, Any]) -> tuple[str, str]:
    """Complete `row`, or say why it is refused: a code, and what it is about."""
    try:
        row["email"] = actions.clean_email(said.email)
    except Refused:
        return ("email" if said.email else "no_email"), ""
    if any(cell.startswith(FORMULAS) for cell in (said.first_name, said.last_name, said.job_title)):
        return "formula", ""
    first = seen.lines.setdefault(row["email"], said.number)
    if first != said.number:
        return "twice", str(first)
    row["team_lead"] = _yes(said.team_lead)
    if said.team_lead is not None and row["team_lead"] is None:
        return "team_lead", said.team_lead
    account, mine = seen.known.get(row["email"], (None, False))
    if account is not None and not mine:
        return "elsewhere", ""
    if account is not None and account.status == AccountStatus.DEACTIVATED:
        return "closed", ""
    places = seen.places.get(searchable(said.administration) if said.administration else "", [])
    if said.administration and not places:
        return "no_such_administration", said.administration
    if len(places) > 1:
        return "several_administrations", said.administration
    home = account.home_administration_id if account is not None else seen.home
    row["administration_id"] = places[0] if places else home
    if row["administration_id"] is None:
        return "no_administration", ""
    if account is not None and row["administration_id"] != account.home_administration_id:
        return "moves", ""
    try:
        described = actions.described(
            email=row["email"],
            first_name=said.first_name,
            last_name=said.last_name,
            job_title=said.job_title,
            team_lead=bool(row["team_lead"]),
            administration=Administration(id=row["administration_id"]),
        )
    except Refused as no:
        return f"wrong_{no.field}", ""
    row |= {name: getattr(described, name) for name in ("first_name", "last_name", "job_title")}
    row["verdict"] = _comes_to(account, row)
    return "", ""


def _comes_to(account: Account | None, row: dict[str, Any]) -> Verdict:
    if account is None:
        return Verdict.OPEN
    return Verdict.EDIT if _differences(account, row) else Verdict.SAME


def _differences(account: Account, row: dict[str, Any]) -> dict[str, Any]:
    said = {name: row[name] for name in ("first_name", "last_name", "job_title", "team_lead")}
    return {name: value for name, value in said.items() if value is not None and value != getattr(account, name)}


def _yes(said: str | None) -> bool | None:
    if said is None:
        return None
    word = searchable(said)
    return True if word in YES else False if word in NO else None


def _plain(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


# Doing it.


@action
def _batch(import_id: int) -> bool:
    """Do some lines of a running import; whether there was anything to do.

    Rights are asked for again, on behalf of who started it: whoever lost their scope in between opens nothing more.
    """
    found = session.execute(
        select(AccountImport).where(AccountImport.id == import_id).with_for_update(of=AccountImport)
    ).scalar_one_or_none()
    if found is None or found.state != ImportState.RUNNING:
        return False
    wanted = select(AccountImportRow).where(
        AccountImportRow.import_id == found.id,
        AccountImportRow.done.is_(False),
        AccountImportRow.verdict.in_([Verdict.OPEN, Verdict.EDIT]),
    )
    rows = session.execute(wanted.order_by(AccountImportRow.line).limit(BATCH)).scalars().all()
    if not rows:
        _finish(found)
        return False
    emails = [row.email for row in rows]
    known = {account.email: account for account in session.execute(_locked(emails)).scalars()}
    mine = allowed(found.by, Can.ADMINISTER_ACCOUNT, Account.id).where(Account.email.in_(emails))
    mine_ids = set(session.execute(mine).scalars())
    places = {place.id: place for place in queries.places_for_accounts(found.by)}
    opened = []
    for row in rows:
        row.done = True
        account = known.get(row.email)
        place = places.get(row.administration_id or 0)
        if account is None and place is not None:
            opened.append(_opened(row, place))
        elif account is not None and account.id in mine_ids:
            _correct(account, row, by=found.by)
        else:
            row.verdict, row.problem = Verdict.REFUSED, "elsewhere" if account is not None else "no_longer"
    session.add_all(opened)
    session.flush()
    for account in opened:
        life.told(Act.ACCOUNT_OPENED, account, by=found.by)
        links.write(account, by=found.by)
    return True


def _locked(emails: list[str]) -> Any:
    return select(Account).where(Account.email.in_(emails)).with_for_update(of=Account)


def _opened(row: AccountImportRow, place: Administration) -> Account:
    return actions.described(
        email=row.email,
        first_name=row.first_name,
        last_name=row.last_name,
        job_title=row.job_title,
        team_lead=bool(row.team_lead),
        administration=place,
    )


def _correct(account: Account, row: AccountImportRow, *, by: Account) -> None:
    said = {name: getattr(row, name) for name in ("first_name", "last_name", "job_title", "team_lead")}
    if differences := _differences(account, said):
        row.verdict = Verdict.EDIT
        actions.change(account, **differences, by=by)
    else:
        row.verdict = Verdict.SAME


def _finish(found: AccountImport) -> None:
    found.state = ImportState.DONE
    found.finished_at = now()
    said = counts(found)
    tell(
        Act.ACCOUNTS_IMPORTED,
        by=found.by,
        of=found,
        administration_id=found.by.home_administration_id,
        opened=said[Verdict.OPEN],
        edited=said[Verdict.EDIT],
        refused=said[Verdict.REFUSED],
    )
