"""The second step for programs, and what the pages' script asks a passkey to sign."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_wtf.csrf import generate_csrf
from pydantic import Field

from resana.accounts.api import Nothing, SignedInOut, me_out
from resana.accounts.blueprint import api
from resana.accounts.models import Account
from resana.accounts.routes import browser, set_cookies, start_afresh
from resana.core.api import In, Out, Page, Time, answer, speaks
from resana.core.guarding import PUBLIC, SIGNED_IN, current_account, guard
from resana.permissions import Can

from . import actions, passkeys, pending, proving, resets, second_step
from .models import FactorReset, SecondFactor
from .routes import here
from .sign_in_routes import secret


class SecondStep(In):
    """A code of an application or a recovery code; or, as JSON in a string, what a passkey answered."""

    code: str = Field("", max_length=100)
    passkey: str = Field("", max_length=passkeys.LONGEST_ANSWER)


class OptionsOut(Out):
    """What `navigator.credentials` is called with, in the JSON of WebAuthn level 3."""

    options: dict[str, Any]


class SecondFactorOut(Out):
    """A second factor: `kind` is "passkey" or "totp". Nothing of what it proves with is told."""

    id: str
    kind: str
    name: str
    created_at: Time
    last_used_at: Time | None


@api.post("/session/second-factor")
@guard(PUBLIC, csrf=False)
@speaks(takes=SecondStep, gives=SignedInOut)
def take_second_step(body: SecondStep) -> Response:
    """Finish a sign-in that `POST /session` has answered 202 to."""
    signed_in = second_step.complete(secret(), browser(), code=body.code, passkey=body.passkey)
    start_afresh()
    response = answer(SignedInOut(account=me_out(signed_in.account), csrf_token=generate_csrf()))
    set_cookies(response, signed_in)
    pending.clear_cookie(response)
    return response


@api.post("/session/second-factor/challenge")
@guard(PUBLIC, csrf=False)
@speaks(gives=OptionsOut)
def sign_in_challenge() -> OptionsOut:
    """What a passkey is to sign for the second step."""
    return OptionsOut(options=second_step.challenge(secret()))


@api.post("/session/confirmation/challenge")
@guard(SIGNED_IN, without_factor=True)
@speaks(gives=OptionsOut)
def confirmation_challenge() -> OptionsOut:
    """What a passkey is to sign to confirm who sits there."""
    return OptionsOut(options=passkeys.ask_to_sign(current_account._get_current_object(), here()))


@api.post("/second-factors/challenge")
@guard(SIGNED_IN, fresh=True, without_factor=True)
@speaks(gives=OptionsOut)
def registration_challenge() -> OptionsOut:
    """What a new passkey is to sign."""
    return OptionsOut(options=passkeys.ask_to_register(current_account._get_current_object(), here()))


@api.get("/second-factors")
@guard(SIGNED_IN, without_factor=True)
@speaks(gives=Page[SecondFactorOut])
def list_second_factors() -> Page[SecondFactorOut]:
    """One's second factors."""
    factors = proving.factors_of(current_account._get_current_object())
    return Page[SecondFactorOut](
        items=[
            SecondFactorOut(
                id=one.public_id,
                kind=one.kind,
                name=one.name,
                created_at=one.created_at,
                last_used_at=one.last_used_at,
            )
            for one in factors
        ]
    )


@api.delete("/second-factors/<factor_id>")
@guard(Can.CHANGE_SECOND_FACTOR, fresh=True)
@speaks(status=204)
def remove_second_factor(factor: SecondFactor) -> None:
    """Take one away; 409 for the last one where one is demanded."""
    actions.remove(current_account._get_current_object(), factor, here=here())


class ResetOut(Out):
    """A request to take all second factors of an account away; it takes effect at `due_at`, or by an agreement."""

    id: str
    account_id: str
    asked_by_id: str
    asked_at: Time
    due_at: Time


@api.post("/accounts/<account_id>/factor-reset")
@guard(Can.ASK_FACTOR_RESET, fresh=True)
@speaks(takes=Nothing, gives=ResetOut, status=201)
def ask_factor_reset(account: Account, body: Nothing) -> ResetOut:
    """Ask for it; the person is told at once. 409 where there is nothing to take away, or it is asked already."""
    asked = resets.ask(account, by=current_account._get_current_object())
    return ResetOut(
        id=asked.public_id,
        account_id=account.public_id,
        asked_by_id=current_account.public_id,
        asked_at=asked.asked_at,
        due_at=asked.due_at,
    )


@api.post("/factor-resets/<reset_id>/agreement")
@guard(Can.AGREE_TO_FACTOR_RESET, fresh=True)
@speaks(status=204)
def agree_to_factor_reset(reset: FactorReset) -> None:
    """The second administrator's yes: it takes effect now."""
    resets.agree(reset, by=current_account._get_current_object())


@api.delete("/factor-resets/<reset_id>")
@guard(Can.CANCEL_FACTOR_RESET)
@speaks(status=204)
def cancel_factor_reset(reset: FactorReset) -> None:
    """Keep the second factors: by the person, or by an administrator."""
    resets.cancel(reset, by=current_account._get_current_object())
