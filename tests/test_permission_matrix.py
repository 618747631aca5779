"""The role × action matrix (permission_matrix.toml), executed over HTTP for every actor."""

from __future__ import annotations

import io
import re
import tomllib
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from resana.accounts import actions as accounts
from resana.accounts import administrators, life
from resana.accounts.factors import resets
from resana.accounts.factors.models import SecondFactor
from resana.accounts.models import Account, AccountStatus
from resana.administrations import actions as administrations
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.storage import draft_of
from resana.discussions import actions as threads
from resana.discussions import messages
from resana.documents import actions as folders
from resana.documents import restricting, trash
from resana.documents.models import Folder
from resana.documents.writing import deposit
from resana.spaces import actions as spaces
from resana.spaces import invitations, transfers
from resana.spaces.grants import give
from resana.spaces.models import Grant, PrincipalKind, Role

ROWS = tomllib.loads((Path(__file__).parent / "permission_matrix.toml").read_text(encoding="utf-8"))["row"]
ACTORS = {
    "lead": "ines",
    "moderator": "marc",
    "contributor": "bruno",
    "reader": "lucie",
    "card": "olga",
    "outsider": "xavier",
    "administrator": "rose",
    "platform": "petra",
    "guest": "gael",
}
STATUS = {"no": {403}, "hidden": {404}, "last": {409}, "yes": {200, 201, 202, 204, 303}}
UNKNOWN = "a" * 26


class Things:
    """Makes what a row speaks of, at the moment it is spoken of, so that each actor meets it untouched."""

    def __init__(self, cast: SimpleNamespace, actor: Account, role: str) -> None:
        self.cast, self.actor, self.role = cast, actor, role
        self.made: dict[str, Any] = {}

    def named(self, name: str) -> str:
        """The id that stands for `{name}` in the row."""
        if name not in self.made:
            self.made[name] = getattr(self, f"_{name}")()
        return str(self.made[name])

    def _document(self, by: Account | None = None, folder: Folder | None = None) -> str:
        with draft_of(uuid.uuid4().bytes) as draft:
            found = deposit(self.cast.space, folder, f"{uuid.uuid4()}.txt", draft, by=by or self.cast.ines)
        self.made["etag"] = found.sha256
        return found.public_id

    def _own_document(self) -> str:
        return self._document(self.actor)

    def _trashed(self) -> str:
        with draft_of(b"x") as draft:
            found = deposit(self.cast.space, None, f"{uuid.uuid4()}.txt", draft, by=self.cast.ines)
        trash.trash(found, by=self.cast.ines)
        return found.public_id

    def _folder(self) -> str:
        return folders.create_folder(self.cast.space, str(uuid.uuid4()), by=self.cast.ines).public_id

    def _secret(self) -> str:
        self.secret = folders.create_folder(self.cast.space, str(uuid.uuid4()), by=self.cast.ines)
        restricting.restrict(self.secret, by=self.cast.ines)
        return self.secret.public_id

    def _secret_document(self) -> str:
        self.named("secret")
        return self._document(folder=self.secret)

    def _inside(self) -> str:
        self.inside = folders.create_folder(self.cast.space, str(uuid.uuid4()), by=self.cast.ines)
        restricting.restrict(self.inside, by=self.cast.ines)
        for person, role in (
            (self.cast.marc, Role.MODERATOR),
            (self.cast.bruno, Role.CONTRIBUTOR),
            (self.cast.lucie, Role.READER),
        ):
            restricting.let_in(self.inside, person, role, by=self.cast.ines)
        self.line = restricting.let_in(self.inside, self.cast.at.dreal_limoges, Role.READER, by=self.cast.ines)
        return self.inside.public_id

    def _inside_document(self) -> str:
        self.named("inside")
        return self._document(folder=self.inside)

    def _own_inside_document(self) -> str:
        self.named("inside")
        return self._document(self.actor, folder=self.inside)

    def _line(self) -> str:
        self.named("inside")
        return self.line.public_id

    def _another_reader(self) -> str:
        return self.cast.adam.public_id

    def _thread(self) -> str:
        self.thread = threads.create(self.cast.space, "Question", by=self.cast.ines, body="Bonjour")
        return self.thread.public_id

    def _say(self, by: Account) -> int:
        self.named("thread")
        return messages.post(self.thread, "Bonjour", by=by, client_uuid=str(uuid.uuid4())).message.no

    def _no(self) -> int:
        self.named("thread")
        return 1

    def _own_no(self) -> int:
        return self._say(self.actor)

    def _others_no(self) -> int:
        return self._say(self.cast.bruno if self.role != "contributor" else self.cast.marc)

    def _space(self) -> str:
        return self.cast.space.public_id

    def _orphan(self) -> str:
        life.suspend(self.cast.ines, by=self.cast.adam)
        return self.cast.space.public_id

    def _shut(self) -> str:
        spaces.trash(self.cast.space, by=self.cast.ines)
        return self.cast.space.public_id

    def _rectorat(self) -> str:
        return self.cast.at.rectorat.public_id

    def _prefecture(self) -> str:
        return self.cast.at.prefecture.public_id

    def _state(self) -> str:
        return self.cast.at.state.public_id

    def _region(self) -> str:
        return self.cast.at.region.public_id

    def _bureau(self) -> str:
        return administrations.create(
            name="Bureau", short_name="Bureau", kind="office", city="Limoges", parent=self.cast.at.rectorat
        ).public_id

    def _other_top(self) -> str:
        return administrations.create(
            name="Collectivités", short_name="Collectivités", kind="partners", city="Bordeaux"
        ).public_id

    def _appointed(self) -> str:
        account = session.execute(select(Account).where(Account.public_id == self._newcomer())).scalar_one()
        administrators.appoint(account, self.cast.at.prefecture)
        return account.public_id

    def _unique(self) -> str:
        return str(uuid.uuid4())

    def _newcomer(self) -> str:
        @action
        def make() -> Account:
            account = accounts.create(
                email=f"n{uuid.uuid4().hex}@prefecture.example",
                first_name="Nino",
                last_name="Arrivant",
                administration=self.cast.at.prefecture,
                by=None,
            )
            account.status = AccountStatus.ACTIVE
            return account

        return make().public_id

    def _factor_of(self, account: Account) -> str:
        @action
        def make() -> str:
            factor = SecondFactor(account_id=account.id, kind="totp", name="T", sealed_secret=b"x")
            session.add(factor)
            session.flush()
            return factor.public_id

        return make()

    def _own_factor(self) -> str:
        return self._factor_of(self.actor)

    def _others_factor(self) -> str:
        return self._factor_of(self.cast.xavier if self.actor.id != self.cast.xavier.id else self.cast.ines)

    def _protected(self) -> str:
        newcomer = session.execute(select(Account).where(Account.public_id == self._newcomer())).scalar_one()
        self._factor_of(newcomer)
        return newcomer.public_id

    def _reset(self) -> str:
        newcomer = session.execute(select(Account).where(Account.public_id == self._protected())).scalar_one()
        return resets.ask(newcomer, by=self.cast.rejane).public_id

    def _transfer(self) -> str:
        self.named("newcomer")
        proposed = session.execute(select(Account).where(Account.public_id == self.made["newcomer"])).scalar_one()
        return transfers.propose(proposed, self.cast.at.rectorat, by=self.cast.rose).public_id

    def _leaver(self) -> str:
        self.named("newcomer")
        leaver = session.execute(select(Account).where(Account.public_id == self.made["newcomer"])).scalar_one()
        life.deactivate(leaver, by=self.cast.rose)
        return leaver.public_id

    def _grant_of(self, account: Account) -> str:
        return session.execute(
            select(Grant.public_id).where(
                Grant.space_id == self.cast.space.id,
                Grant.principal_kind == PrincipalKind.ACCOUNT,
                Grant.principal_id == account.id,
            )
        ).scalar_one()

    def _contributor_grant(self) -> str:
        return self._grant_of(self.cast.bruno)

    def _moderator_grant(self) -> str:
        return self._grant_of(self.cast.marc)

    def _guest_grant(self) -> str:
        return self._grant_of(self.cast.gael)

    def _invitation(self) -> str:
        email = f"i{uuid.uuid4().hex}@bureau-etudes.example"
        until = now() + timedelta(days=30)
        return invitations.invite(self.cast.space, email, Role.READER, until, by=self.cast.ines).public_id

    def _next_month(self) -> str:
        return (now() + timedelta(days=31)).isoformat()


def _filled(value: Any, things: Things) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, things) for name, one in value.items()}
    if isinstance(value, str) and value.startswith("{"):
        found = things.named(value.strip("{}"))
        return int(found) if found.isdigit() else found
    return value


def _send(client: Any, row: dict[str, Any], things: Things, ids: Callable[[str], str]) -> Any:
    method, path = row["call"].split(" ")
    for name in [part.split("}")[0] for part in path.split("{")[1:]]:
        path = path.replace(f"{{{name}}}", ids(name))
    arguments: dict[str, Any] = {"method": method, "buffered": True}
    if "body" in row:
        arguments["json"] = _filled(row["body"], things)
    if "form" in row:
        arguments["data"] = _filled(row["form"], things)
    if "file" in row:
        arguments["data"] = {"file": (io.BytesIO(b"bytes"), row["file"])}
    if "if_match" in row:
        arguments["data"] = b"new bytes"
        arguments["headers"] = {"If-Match": f'"{things.made.get("etag", "")}"'}
    return client.open(path, **arguments)


@pytest.fixture
def setting(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, with somebody who sees the card only."""

    @action
    def show_the_card() -> None:
        give(cast.space, PrincipalKind.ACCOUNT, cast.olga.id, Role.CARD, by=cast.ines)

    show_the_card()
    return cast


def _without_token(page: bytes) -> bytes:
    """A page without its CSRF tokens: they carry the second of the answer, whatever was asked for."""
    return re.sub(rb"(?<=\")[\w-]{10,}\.[\w-]{6}\.[\w-]{27}(?=\")", b"token", page)


@pytest.mark.parametrize("role", ACTORS)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['number']}-{row['action']}")
def test_matrix(setting: SimpleNamespace, sign_in: Callable[..., Any], row: dict[str, Any], role: str) -> None:
    if role not in row.get("only", ACTORS):
        return
    actor = getattr(setting, ACTORS[role])
    expected = next((answer for answer in ("yes", "no", "last") if role in row.get(answer, [])), "hidden")
    things = Things(setting, actor, role)
    client = sign_in(actor)
    answer = _send(client, row, things, things.named)
    assert answer.status_code in STATUS[expected], (expected, answer.text[:300])
    if expected == "hidden":
        unknown = _send(client, row, things, lambda name: "7" if name.endswith("no") else UNKNOWN)
        assert unknown.status_code == 404
        assert _without_token(answer.data) == _without_token(unknown.data)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['number']}-{row['action']}")
def test_nobody_gets_in_without_a_living_account(
    setting: SimpleNamespace, sign_in: Callable[..., Any], client: Any, row: dict[str, Any]
) -> None:
    things = Things(setting, setting.ines, "lead")
    pages = not row["call"].split(" ")[1].startswith("/api/")
    for one in (client, sign_in(setting.sami), sign_in(setting.gilda)):
        answer = _send(one, row, things, things.named)
        read = row["call"].startswith("GET ")
        assert answer.status_code == (303 if pages and read else 401)


def test_every_right_about_a_thing_is_tried(app: Any) -> None:
    """A door in the API that the matrix does not open is named here."""
    untried = {
        "GET /api/v1/spaces",
        "GET /api/v1/folders/{}",
        "POST /api/v1/folders/{}/restoration",
        "GET /api/v1/spaces/{}/trash",
        "PUT /api/v1/spaces/{}/read",
        "POST /api/v1/spaces/{}/membership",
        "DELETE /api/v1/threads/{}/closure",
        "GET /api/v1/threads/{}",
        "PATCH /api/v1/threads/{}",
        "GET /api/v1/threads/{}/messages/{}",
        "GET /api/v1/administrations",
        "GET /api/v1/administrations/{}",
        "GET /api/v1/administrations/{}/identity",
    }
    tried = {_shape(row["call"]) for row in ROWS}
    doors = {
        _shape(f"{method} {rule.rule}".replace("<int:", "<"))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(
            (
                "/api/v1/spaces",
                "/api/v1/documents",
                "/api/v1/folders",
                "/api/v1/threads",
                "/api/v1/administrations",
                "/api/v1/invitations",
            )
        )
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert doors - tried - untried == set()


def _shape(call: str) -> str:
    parts = ["{}" if part.startswith(("{", "<")) or part.isdigit() else part for part in call.split("/")]
    return "/".join(parts)
