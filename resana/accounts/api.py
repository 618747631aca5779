"""The same for programs: session, own account, tokens, and the accounts of one's sub-tree."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from flask import Response, current_app, g
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from pydantic import EmailStr, Field

from resana.core.api import In, ListQuery, Out, Page, Time, TimeIn, answer, keyset, speaks
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused
from resana.core.guarding import PUBLIC, SIGNED_IN, current_account, guard
from resana.permissions import Can, abilities, abilities_of

from . import actions, life, links, queries, sessions, signing_in, tokens
from .blueprint import api
from .factors import pending
from .factors.passkeys import LONGEST_ANSWER
from .models import AccessToken, Account, AccountStatus, SignInSession
from .passwords import LONGEST_TYPED
from .routes import ON_SIGN_OUT, browser, set_cookies, start_afresh

Name = Annotated[str, Field(min_length=1, max_length=100)]


class Home(Out):
    """The administration that an account belongs to."""

    id: str
    name: str
    short_name: str
    city: str


class AccountOut(Out):
    """A person. `status` is told to themselves and to their administrators."""

    id: str
    kind: str
    email: str
    first_name: str
    last_name: str
    name: str
    job_title: str
    team_lead: bool
    administration: Home
    status: str | None
    abilities: dict[str, bool]


class MeOut(AccountOut):
    """The signed-in person; `abilities` are those on the platform."""

    platform_admin: bool


class Credentials(In):
    """What signs in."""

    email: str = Field(min_length=1, max_length=254)
    password: str = Field(min_length=1, max_length=LONGEST_TYPED)


class Confirmation(In):
    """One's present password, with a code where there is a second factor; or what a passkey answered, alone."""

    present: str = Field("", max_length=LONGEST_TYPED)
    code: str = Field("", max_length=100)
    passkey: str = Field("", max_length=LONGEST_ANSWER)


class SignedInOut(Out):
    """Who has signed in; the token goes into X-CSRF-Token of whatever changes something."""

    account: MeOut
    csrf_token: str


class SecondStepDue(Out):
    """The password was right: `POST /session/second-factor` with one of these ("passkey", "totp", "recovery")."""

    second_factor: list[str]


class SessionOut(Out):
    """A signed-in browser."""

    id: str
    user_agent: str
    created_at: Time
    last_seen_at: Time
    expires_at: Time
    present: bool
    aal: int


class NewToken(In):
    """An access token to be."""

    name: str = Field(min_length=1, max_length=200)
    scope: Literal["read", "write"]
    expires_at: TimeIn | None = None


class TokenOut(Out):
    """An access token, without its secret."""

    id: str
    name: str
    scope: str
    created_at: Time
    last_used_at: Time | None
    expires_at: Time


class TokenMade(TokenOut):
    """The same, with the secret: the only time that it is shown."""

    secret: str


class NewAccount(In):
    """An account to be; a link to choose a password is mailed."""

    email: Annotated[EmailStr, Field(max_length=254)]
    first_name: Name
    last_name: Name
    administration_id: str
    kind: Literal["agent"] = "agent"
    job_title: str = Field("", max_length=200)
    team_lead: bool = False


class AccountChange(In):
    """What is to change of an account; what is not given stays."""

    status: Literal["active", "suspended", "deactivated"] | None = None
    administration_id: str | None = None
    first_name: Name | None = None
    last_name: Name | None = None
    job_title: str | None = Field(None, max_length=200)
    team_lead: bool | None = None


class AccountsQuery(ListQuery):
    """Whom to list: the directory, or with `administered=true` the accounts that one administers, in all states."""

    q: str = Field("", max_length=200)
    administered: bool = False
    status: Literal["invited", "active", "suspended", "deactivated"] | None = None
    administration_id: str | None = None
    team_lead: bool | None = None


class Nothing(In):
    """No body is needed."""


def account_out(account: Account, its_abilities: dict[str, bool]) -> AccountOut:
    """A person, as a program is told."""
    knows = its_abilities.get(Can.ADMINISTER_ACCOUNT, False) or account.id == current_account.id
    return AccountOut(**_said(account), status=account.status if knows else None, abilities=its_abilities)


def _said(account: Account) -> dict[str, Any]:
    home = account.home_administration
    return {
        "id": account.public_id,
        "kind": account.kind,
        "email": account.email,
        "first_name": account.first_name,
        "last_name": account.last_name,
        "name": account.full_name,
        "job_title": account.job_title,
        "team_lead": account.team_lead,
        "administration": Home(id=home.public_id, name=home.name, short_name=home.short_name, city=home.city),
    }


def me_out(account: Account) -> MeOut:
    """The signed-in person, as a program is told."""
    return MeOut(
        **_said(account), status=account.status, abilities=abilities(account), platform_admin=account.platform_admin
    )


# The session.


@api.post("/session")
@guard(PUBLIC, csrf=False)
@speaks(takes=Credentials, gives=SignedInOut, other={202: SecondStepDue})
def sign_in(body: Credentials) -> Response:
    """Sign in: the cookie, and the token that goes with what it changes. 202 where a second factor is owed."""
    signed_in = signing_in.sign_in(body.email, body.password, browser())
    if isinstance(signed_in, signing_in.HalfSignedIn):
        response = answer(SecondStepDue(second_factor=signed_in.kinds), 202)
        pending.set_cookie(response, signed_in.secret)
        return response
    start_afresh()
    response = answer(SignedInOut(account=me_out(signed_in.account), csrf_token=generate_csrf()))
    set_cookies(response, signed_in)
    return response


@api.delete("/session")
@guard(SIGNED_IN, without_factor=True)
@speaks(status=204)
def sign_out() -> Response:
    """End the session that asks."""
    found = g.get("sign_in_session")
    if found is None:
        raise NotThere
    signing_in.sign_out(found)
    g.pop("_login_user", None)
    start_afresh()
    response = answer(None)
    sessions.clear_cookie(response)
    response.headers["Clear-Site-Data"] = ON_SIGN_OUT
    return response


@api.post("/session/confirmation")
@guard(SIGNED_IN, without_factor=True)
@speaks(takes=Confirmation, status=204)
def confirm(body: Confirmation) -> None:
    """Prove that it is still oneself: sensitive calls then answer for ten minutes."""
    here = g.get("sign_in_session")
    if here is None:
        raise NotAllowed
    signing_in.confirm(
        current_account._get_current_object(), body.present, here=here, code=body.code, passkey=body.passkey
    )


@api.get("/sessions")
@guard(SIGNED_IN)
@speaks(gives=Page[SessionOut])
def list_sessions() -> Page[SessionOut]:
    """The browsers on which one is signed in."""
    here = g.get("sign_in_session")
    return Page[SessionOut](
        items=[
            SessionOut(
                id=found.public_id,
                user_agent=found.user_agent,
                created_at=found.created_at,
                last_seen_at=found.last_seen_at,
                expires_at=found.expires_at,
                present=here is not None and found.id == here.id,
                aal=found.aal,
            )
            for found in sessions.of(current_account)
        ]
    )


@api.delete("/sessions")
@guard(SIGNED_IN, without_factor=True)
@speaks(status=204)
def sign_out_everywhere() -> None:
    """End all of one's sessions."""
    signing_in.sign_out_everywhere(current_account._get_current_object())


@api.delete("/sessions/<session_id>")
@guard(Can.END_SESSION)
@speaks(status=204)
def end_session(session: SignInSession) -> None:
    """End one of one's sessions."""
    signing_in.end_session(session)


@api.get("/me")
@guard(SIGNED_IN, without_factor=True)
@speaks(gives=MeOut)
def me() -> MeOut:
    """Who is asking, and what they may do on the platform."""
    return me_out(current_account._get_current_object())


# Access tokens.


@api.get("/access-tokens")
@guard(SIGNED_IN)
@speaks(gives=Page[TokenOut])
def list_tokens() -> Page[TokenOut]:
    """One's access tokens, without their secrets."""
    return Page[TokenOut](items=[_token_out(token) for token in tokens.of(current_account)])


@api.post("/access-tokens")
@guard(SIGNED_IN, fresh=True)
@speaks(takes=NewToken, gives=TokenMade, status=201)
def make_token(body: NewToken) -> TokenMade:
    """Make an access token. Only who has just said who they are may: a token does not prolong itself."""
    token, secret = tokens.make(
        current_account._get_current_object(),
        name=body.name,
        scope=tokens.TokenScope(body.scope),
        expires_at=body.expires_at,
    )
    return TokenMade(**_token_out(token).model_dump(), secret=secret)


@api.delete("/access-tokens/<token_id>")
@guard(Can.REVOKE_TOKEN)
@speaks(status=204)
def revoke_token(token: AccessToken) -> None:
    """End one of one's access tokens."""
    tokens.revoke(token)


def _token_out(token: AccessToken) -> TokenOut:
    return TokenOut(
        id=token.public_id,
        name=token.name,
        scope=token.scope,
        created_at=token.created_at,
        last_used_at=token.last_used_at,
        expires_at=token.expires_at,
    )


# Accounts.


@api.get("/accounts")
@guard(SIGNED_IN)
@speaks(query=AccountsQuery, gives=Page[AccountOut])
def list_accounts(query: AccountsQuery) -> Page[AccountOut]:
    """People, by name or address; or those one administers."""
    me = current_account._get_current_object()
    if query.administered:
        place = queries.place_for_accounts(me, query.administration_id) if query.administration_id else None
        found = queries.administered(
            me,
            words=query.q,
            status=AccountStatus(query.status) if query.status else None,
            administration=place,
            team_lead=query.team_lead,
        )
    elif query.status or query.administration_id or query.team_lead is not None:
        raise Refused(_("Ce filtre demande administered=true."), "administered")
    else:
        found = queries.directory(me, query.q)
    rows, following = keyset(found, queries.ORDER, queries.ORDER_KINDS, cursor=query.cursor, limit=query.limit)
    people = [row[0] for row in rows]
    able = abilities_of(me, people)
    return Page[AccountOut](items=[account_out(one, able[one.id]) for one in people], next=following)


@api.post("/accounts")
@guard(Can.ADMINISTER)
@speaks(takes=NewAccount, gives=AccountOut, status=201)
def create(body: NewAccount) -> AccountOut:
    """Open an account in one's sub-tree, and mail its holder a link."""
    me = current_account._get_current_object()
    account = actions.invite(
        email=body.email,
        first_name=body.first_name,
        last_name=body.last_name,
        job_title=body.job_title,
        team_lead=body.team_lead,
        administration=queries.place_for_accounts(me, body.administration_id),
        by=me,
    )
    return _one(account)


@api.get("/accounts/<account_id>")
@guard(Can.SEE_PERSON)
@speaks(gives=AccountOut)
def show(account: Account) -> AccountOut:
    """A person."""
    return _one(account)


@api.patch("/accounts/<account_id>")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
@speaks(takes=AccountChange, gives=AccountOut)
def change(account: Account, body: AccountChange) -> AccountOut:
    """Correct, move, suspend, reactivate or deactivate an account: all of it, or nothing."""
    me = current_account._get_current_object()
    place = None
    if body.administration_id is not None and body.administration_id != account.home_administration.public_id:
        place = queries.place_for_accounts(me, body.administration_id)
    actions.change(
        account,
        first_name=body.first_name,
        last_name=body.last_name,
        job_title=body.job_title,
        team_lead=body.team_lead,
        administration=place,
        status=AccountStatus(body.status) if body.status is not None else None,
        by=me,
    )
    return _one(account)


@api.post("/accounts/<account_id>/suspension")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
@speaks(takes=Nothing, gives=AccountOut)
def suspend(account: Account, body: Nothing) -> AccountOut:
    """Close an account for a while."""
    life.suspend(account, by=current_account._get_current_object())
    return _one(account)


@api.delete("/accounts/<account_id>/suspension")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
@speaks(gives=AccountOut)
def reactivate(account: Account) -> AccountOut:
    """Open it again, with the same access."""
    if account.status == AccountStatus.DEACTIVATED:
        raise Conflict(_("Ce compte est désactivé, et non suspendu."))
    life.reactivate(account, by=current_account._get_current_object())
    return _one(account)


@api.post("/accounts/<account_id>/link")
@guard(Can.ADMINISTER_ACCOUNT, fresh=True)
@speaks(takes=Nothing, status=202)
def send_link(account: Account, body: Nothing) -> Response:
    """Mail the person a link to choose a password."""
    links.send_link(account, by=current_account._get_current_object())
    return current_app.response_class(b"", 202)


def _one(account: Account) -> AccountOut:
    return account_out(account, abilities(current_account._get_current_object(), account))
