"""Every page there is, by day and by night, wide and at 320 pixels: no barrier found, nothing beyond the edge."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from PIL import Image
from playwright.sync_api import Page
from sqlalchemy import select

from resana.accounts import account_requests, delegations, email_changes, import_file, imports, links
from resana.accounts import actions as accounts
from resana.accounts.factors import proving, resets
from resana.accounts.models import Account
from resana.administrations import actions as administrations
from resana.administrations import closing
from resana.administrations.actions import set_policy
from resana.administrations.models import AccountOpening
from resana.core import jobs
from resana.core.clock import now
from resana.core.database import session
from resana.core.mail import KeptMail
from resana.core.storage import draft_of
from resana.discussions import actions as threads
from resana.discussions import messages
from resana.documents import actions as folders
from resana.documents import restricting, trash, writing
from resana.documents.models import Document
from resana.emergency import actions as emergency
from resana.spaces import actions as spaces
from resana.spaces import grants, guests, invitations, keeping, requests, transfers
from resana.spaces.models import Role, Visibility
from tests.accounts.factors.conftest import give_application

from .conftest import overflow, violations

Window = Callable[..., Page]

NOT_PAGES = {
    "accounts.import_model",
    "audit.export_scope",
    "audit.export_space",
    "assets.serve",
    "documents.content",
    "documents.image",
    "documents.version_content",
    "health.alive",
    "health.ready",
    "mail.outbox",  # of the development setting alone
    "openapi.document",
    "pages.manifest",
    "pages.service_worker",
}
"""Endpoints that answer GET with something else than a page for the people who use the product."""

STYLES = [
    pytest.param({"color_scheme": "light", "viewport": {"width": 1280, "height": 900}}, id="wide, by day"),
    pytest.param({"color_scheme": "dark", "viewport": {"width": 320, "height": 640}}, id="320 px, by night"),
]


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (320, 200), "#17636b").save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def things(cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A space where something of everything is, long names included."""
    found = SimpleNamespace(cast=cast)
    secrets: list[str] = []
    monkeypatch.setattr(email_changes, "_url", lambda secret: secrets.append(secret) or "https://resana.example")
    email_changes.ask_for(cast.lucie, "lucie.faure@dreal.example", by=cast.adam)
    found.email_secret = secrets[-1]

    def put(name: str, content: bytes, by: Account, folder: Any = None) -> Document:
        with draft_of(content) as draft:
            return writing.deposit(cast.space, folder, name, draft, by=by)

    found.folder = folders.create_folder(cast.space, "Arrêtés préfectoraux de restriction des usages", by=cast.ines)
    found.text = put("Compte-rendu-de-la-réunion-du-comité-départemental-de-l’eau.txt", b"Bonjour", cast.ines)
    found.picture = put("Carte.png", picture(), cast.bruno, found.folder)
    put("Donnees.bin", bytes(range(256)), cast.marc, found.folder)
    trash.trash(put("Brouillon.txt", b"x", cast.ines), by=cast.ines)
    found.thread = threads.create(
        cast.space, "Débits d’objectif : qui relit l’arrêté ?", by=cast.ines, body="Bonjour **à tous**."
    )
    say = messages.post
    body = f"Voici :\n\n- un\n- deux\n\n> cité\n\n```\n{'x' * 90}\n```\n\n{'long' * 30}"
    say(found.thread, body, by=cast.bruno, client_uuid="a", attachments=[found.text.public_id])
    own = say(found.thread, "Merci.", by=cast.ines, client_uuid="b", reply_to_no=2).message
    messages.edit(own, "Merci beaucoup.", by=cast.ines, version=own.version)
    messages.delete(say(found.thread, "Non.", by=cast.ines, client_uuid="c").message, by=cast.ines)
    found.no = own.no
    found.known = spaces.create(
        title="Espace connu de tous", description="Pour voir.", visibility=Visibility.AGENTS, by=cast.ines
    )
    requests.ask_for_access(found.known, reason="Pour participer.", by=cast.bruno)
    requests.ask_for_space(
        title="Carte scolaire",
        description="",
        purpose="",
        visibility=Visibility.PRIVATE,
        open_to_read=False,
        by=cast.olga,
    )
    found.invited = accounts.invite(
        email="nina@dreal.example", first_name="Nina", last_name="Prat", administration=cast.at.dreal, by=cast.adam
    )
    found.locked = spaces.create(title="Espace protégé", description="Pour voir.", by=cast.marc)
    grants.bring_in(found.locked, cast.bruno, Role.READER, by=cast.marc, their_role=Role.LEAD)
    give_application(cast.marc, "A" * 32)
    found.factor = proving.factors_of(cast.marc)[0].public_id
    spaces.require_second_factor(found.locked, True, by=cast.marc)
    resets.ask(cast.marc, by=cast.adam)
    found.orphan = spaces.create(title="Plan de gestion de la ressource en eau", by=cast.sami)
    keeping.look_after(found.orphan, by=None)
    found.shut = spaces.create(title="Groupe de travail sur les étiages", by=cast.ines)
    spaces.trash(found.shut, by=cast.ines)
    found.transfer = transfers.propose(cast.marc, cast.at.rectorat, reason="Mutation au 1er mars.", by=cast.adam)
    found.delegation = delegations.grant(
        cast.olga,
        cast.at.dreal,
        starts_at=now(),
        ends_at=now() + timedelta(days=30),
        reason="Intérim de la cheffe de service",
        by=cast.adam,
    )
    set_policy(cast.at.dreal, account_opening=AccountOpening.VALIDATED, by=None)
    found.to_confirm = _asking("nora")
    account_requests.confirm(_asking("noam"))
    listed = "courriel;prénom;nom\na@dreal.example;Ada;Prat\nfaux;Bea;Prat\n"
    found.listed = imports.check(import_file.read(listed.encode()), file_name="l.csv", home=cast.at.dreal, by=cast.adam)
    guests.allow(cast.space, True, by=cast.ines)
    month = now() + timedelta(days=30)
    invitations.invite(cast.space, "nora@association.example", Role.CONTRIBUTOR, month, by=cast.ines)
    found.restricted = folders.create_folder(cast.space, "Contentieux", by=cast.ines)
    restricting.restrict(found.restricted, by=cast.ines)
    emergency.ask(cast.space, reason="Signalement d’un contenu illicite.", by=cast.petra)
    jobs.drain()
    mail = select(KeptMail.body).where(KeptMail.recipient == "nora@association.example")
    found.invitation = re.findall(r"/invitations/([\w-]{43})\s", session.execute(mail).scalar_one())[0]
    found.closed = administrations.create(
        name="Service qui n’est plus", short_name="SQNP", kind="service", city="Pau", parent=cast.at.region
    )
    closing.close(found.closed, cast.at.dreal, by=None)
    return found


def _asking(name: str) -> str:
    """The secret of a link that confirms an address of the DREAL."""
    said = {"email": f"{name}@dreal.example", "first_name": name.title(), "last_name": "Prat", "job_title": ""}
    secret = account_requests.begin(said | {"language": "fr"})
    assert secret is not None
    return secret


def visits(things: SimpleNamespace, link: str) -> list[tuple[str, Account | None, str]]:
    """Endpoint, who goes there, and the address: each page for whom it says most."""
    cast = things.cast
    space, thread, text = cast.space.public_id, things.thread.public_id, things.text.public_id
    dreal = f"/administration/{cast.at.dreal.public_id}"
    folder, own = things.folder.public_id, f"/threads/{thread}/messages/{things.no}"
    return [
        ("home.today", cast.ines, "/"),
        ("home.today", cast.rejane, "/"),
        ("home.today", cast.olga, "/"),
        ("home.space", cast.ines, f"/spaces/{space}"),
        ("home.space", cast.rose, f"/spaces/{space}"),
        ("spaces.index", cast.ines, "/spaces"),
        ("spaces.new", cast.ines, "/spaces/new"),
        ("spaces.new", cast.olga, "/spaces/new"),
        ("spaces.new", cast.bruno, "/spaces/new"),
        ("spaces.ask", cast.olga, f"/spaces/{things.known.public_id}/access-request"),
        ("spaces.members", cast.ines, f"/spaces/{space}/members?q=a"),
        ("spaces.members", cast.ines, f"/spaces/{things.known.public_id}/members"),
        ("spaces.members", cast.lucie, f"/spaces/{space}/members"),
        ("spaces.settings", cast.ines, f"/spaces/{space}/settings"),
        ("spaces.space_requests", cast.rejane, "/administration/space-requests"),
        ("spaces.shut", cast.rose, "/administration/spaces"),
        ("spaces.new_invitation", cast.ines, f"/spaces/{space}/invitations/new"),
        ("spaces.invitation", None, f"/invitations/{things.invitation}"),
        ("accounts.ask_for_account", None, "/account-request"),
        ("accounts.account_request_sent", None, "/account-request/sent"),
        ("accounts.look_at_account_request", None, f"/account-request/{things.to_confirm}"),
        ("accounts.account_request_confirmed", None, "/account-request/confirmed"),
        ("accounts.account_requests", cast.adam, "/administration/account-requests"),
        ("accounts.new_import", cast.adam, "/administration/accounts/import"),
        ("accounts.show_import", cast.adam, f"/administration/imports/{things.listed.public_id}"),
        ("audit.scope", cast.rose, "/administration/journal"),
        ("audit.scope", cast.petra, "/administration/journal"),
        ("audit.space", cast.ines, f"/spaces/{space}/journal"),
        ("documents.access", cast.ines, f"/folders/{things.restricted.public_id}/access"),
        ("emergency.ask", cast.petra, f"/spaces/{things.known.public_id}/emergency-access"),
        ("emergency.index", cast.rose, "/emergency-accesses"),
        ("home.ask_access", cast.olga, "/access-requests/new"),
        ("home.access_asked", cast.olga, "/access-requests/sent"),
        ("spaces.choose_lead", cast.rose, f"/spaces/{things.orphan.public_id}/lead?q=a"),
        ("home.space", cast.rose, f"/spaces/{things.orphan.public_id}"),
        ("home.space", cast.ines, f"/spaces/{things.shut.public_id}"),
        ("spaces.list_transfers", cast.rose, "/administration/transfers"),
        ("spaces.show_transfer", cast.rejane, f"/administration/transfers/{things.transfer.public_id}"),
        ("spaces.transfer", cast.rose, f"/administration/accounts/{cast.bruno.public_id}/transfer?q=r"),
        (
            "spaces.transfer",
            cast.rose,
            f"/administration/accounts/{cast.ines.public_id}/transfer?to={cast.at.rectorat.public_id}",
        ),
        ("accounts.list_delegations", cast.rose, "/administration/delegations?q=a"),
        ("accounts.new_delegation", cast.rose, f"/administration/delegations/new/{cast.bruno.public_id}"),
        ("accounts.new_email", cast.lucie, "/account/email"),
        ("accounts.new_email_for", cast.rose, f"/administration/accounts/{cast.lucie.public_id}/email"),
        ("accounts.answer_email_change", None, f"/email/{things.email_secret}"),
        ("documents.index", cast.ines, f"/spaces/{space}/documents"),
        ("documents.index", cast.lucie, f"/spaces/{space}/documents"),
        ("documents.folder", cast.ines, f"/folders/{folder}"),
        ("documents.rename_folder", cast.ines, f"/folders/{folder}/name"),
        ("documents.move_folder", cast.ines, f"/folders/{folder}/place"),
        ("documents.show", cast.ines, f"/documents/{text}"),
        ("documents.show", cast.lucie, f"/documents/{things.picture.public_id}"),
        ("documents.rename", cast.ines, f"/documents/{text}/name"),
        ("documents.move", cast.ines, f"/documents/{text}/place"),
        ("documents.trash", cast.ines, f"/spaces/{space}/trash"),
        ("discussions.index", cast.ines, f"/spaces/{space}/threads"),
        ("discussions.index", cast.ines, f"/spaces/{things.known.public_id}/threads"),
        ("discussions.new", cast.ines, f"/spaces/{space}/threads/new"),
        ("discussions.show", cast.ines, f"/threads/{thread}"),
        ("discussions.show", cast.lucie, f"/threads/{thread}"),
        ("discussions.title", cast.ines, f"/threads/{thread}/title"),
        ("discussions.message", cast.ines, own),
        ("discussions.edit", cast.ines, f"{own}/edit"),
        ("discussions.deletion", cast.ines, f"{own}/deletion"),
        ("discussions.history", cast.bruno, f"{own}/history"),
        ("discussions.ask_unread", cast.bruno, f"{own}/unread"),
        ("search.results", cast.ines, "/search?q=a"),
        ("search.results", cast.ines, "/search?q=xyzxyz"),
        ("administrations.index", cast.rose, "/administration"),
        ("administrations.index", cast.petra, "/administration"),
        ("administrations.index", cast.petra, "/administration?q=limoges"),
        ("administrations.index", cast.petra, "/administration?closed=1"),
        ("administrations.show", cast.rose, dreal),
        ("administrations.show", cast.rose, f"/administration/{things.closed.public_id}"),
        ("administrations.below", cast.rose, f"{dreal}/below"),
        ("administrations.new", cast.rose, f"{dreal}/new"),
        ("administrations.new_top", cast.petra, "/administration/new"),
        ("administrations.edit", cast.petra, f"{dreal}/edit"),
        ("administrations.place", cast.petra, f"{dreal}/move?q=rectorat"),
        ("administrations.end", cast.rose, f"{dreal}/closure?q=rectorat"),
        ("administrations.end", cast.rose, f"{dreal}/closure?successor={cast.at.rectorat.public_id}"),
        ("accounts.administrators_page", cast.rose, f"{dreal}/administrators?q=lucie"),
        ("accounts.administer", cast.rose, "/administration/accounts"),
        ("accounts.new", cast.rose, "/administration/accounts/new"),
        ("accounts.edit", cast.rose, f"/administration/accounts/{cast.sami.public_id}"),
        ("accounts.edit", cast.rose, f"/administration/accounts/{things.invited.public_id}"),
        ("accounts.me", cast.ines, "/account"),
        ("accounts.second_factors", cast.bruno, "/account/second-factors"),
        ("accounts.second_factors", cast.marc, "/account/second-factors"),
        ("accounts.new_application", cast.bruno, "/account/second-factors/application"),
        ("accounts.new_passkey", cast.bruno, "/account/second-factors/passkey"),
        ("accounts.second_factor", cast.marc, f"/account/second-factors/{things.factor}"),
        ("accounts.second_step_page", None, "/sign-in/second-step"),
        ("accounts.edit", cast.rose, f"/administration/accounts/{cast.marc.public_id}"),
        ("spaces.unlock", cast.bruno, f"/spaces/{things.locked.public_id}/protection"),
        ("spaces.index", cast.bruno, "/spaces"),
        ("accounts.person", cast.ines, f"/people/{cast.bruno.public_id}"),
        ("accounts.sign_in", None, "/sign-in"),
        ("accounts.forgotten", None, "/password/forgotten"),
        ("accounts.link_sent", None, "/password/sent"),
        ("accounts.choose_password", None, f"/password/{link}"),
        ("accounts.choose_password", None, "/password/unknown"),
        *((f"pages.{name}", None, f"/{name}") for name in PUBLIC_PAGES),
        ("pages.help", cast.ines, "/help"),
        ("pages.sitemap", cast.ines, "/sitemap"),
        ("pages.sitemap", cast.rose, "/sitemap"),
        ("errors", cast.ines, "/nowhere"),
        ("errors", cast.lucie, f"/spaces/{space}/threads/new"),
    ]


PUBLIC_PAGES = ("help", "contact", "legal", "privacy", "cookies", "accessibility", "sitemap", "offline")


@pytest.fixture
def link(things: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> str:
    """The secret of a link by which Nina may choose her password."""
    secrets: list[str] = []
    monkeypatch.setattr(links, "address_of", lambda _endpoint, token: secrets.append(token) or "https://resana.example")
    links.send_link(things.invited)
    jobs.drain()
    assert secrets
    return secrets[-1]


@pytest.fixture
def pages(window: Window) -> Callable[..., Page]:
    """`pages(account, style)`: one window for each person, kept for all their pages."""
    kept: dict[Any, Page] = {}

    def pages(account: Account | None, style: dict[str, Any]) -> Page:
        key = account.id if account is not None else None
        if key not in kept:
            kept[key] = window(account, refused=(403, 404), reduced_motion="reduce", **style)
        return kept[key]

    return pages


def test_no_page_is_forgotten(app: Flask, things: SimpleNamespace) -> None:
    visited = {endpoint for endpoint, _account, _address in visits(things, "x")}
    there = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith("/api/")
    }
    assert there - NOT_PAGES == visited - {"errors"}


@pytest.mark.parametrize("style", STYLES)
def test_every_page_is_open_to_everybody(
    things: SimpleNamespace, link: str, pages: Callable[..., Page], style: dict[str, Any]
) -> None:
    session.rollback()
    found: list[str] = []
    titles: dict[str, str] = {}
    for endpoint, account, address in visits(things, link):
        page = pages(account, style)
        answer = page.goto(address)
        assert answer is not None
        wanted = {"errors": (403, 404)}.get(endpoint, (200, 404) if address.endswith("unknown") else (200,))
        assert answer.status in wanted, f"{address}: {answer.status}"
        found += [f"{address}: {one}" for one in violations(page)]
        if (wide := overflow(page)) > 0:
            found.append(f"{address}: {wide} px beyond the edge")
        if page.locator("h1").count() != 1:
            found.append(f"{address}: {page.locator('h1').count()} headings of the first level")
        title = page.title()
        if urlsplit(page.url).path == urlsplit(address).path and titles.setdefault(title, endpoint) != endpoint:
            found.append(f"{address}: the title « {title} » is that of {titles[title]} too")
    assert found == [], "\n".join(found)
