"""The page between the password and the session."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from resana.accounts.blueprint import bp
from resana.accounts.forms import SecondStepForm, SignInForm
from resana.accounts.routes import browser, set_cookies, sign_in_page, start_afresh
from resana.core.addresses import local_path
from resana.core.errors import NotSignedIn, Refused, TooMany
from resana.core.forms import tell
from resana.core.guarding import PUBLIC, guard

from . import passkeys, pending, proving, second_step
from .models import FactorKind


def secret() -> str:
    """What the cookie of the half sign-in holds."""
    return request.cookies.get(pending.cookie_name(), "")


@bp.get("/sign-in/second-step")
@guard(PUBLIC)
def second_step_page() -> str | Response:
    """Where the second factor is asked for; who has not given a password goes back to the door."""
    page = _page(SecondStepForm(formdata=None))
    return page if page is not None else redirect(url_for("accounts.sign_in"), 303)


@bp.post("/sign-in/second-step")
@guard(PUBLIC)
def take_second_step() -> Any:
    """Open the session, and go where one was going."""
    form = SecondStepForm()
    if not form.validate():
        return _page(form) or _from_the_start(second_step.ended())
    try:
        signed_in = second_step.complete(
            secret(), browser(), code=form.code.data or "", passkey=form.passkey.data or ""
        )
    except Refused as refused:
        page = _page(form, refused.detail if refused.field == "passkey" else "", refused)
        return (page, 422) if page is not None else _from_the_start(second_step.ended())
    except TooMany as wait:
        page = _page(form, wait.detail)
        headers = {"Retry-After": str(wait.retry_after)}
        return (page, 429, headers) if page is not None else _from_the_start(second_step.ended())
    except NotSignedIn as ended:
        return _from_the_start(ended)
    start_afresh()
    response = redirect(local_path(request.form.get("next", "")) or "/", 303)
    set_cookies(response, signed_in)
    pending.clear_cookie(response)  # type: ignore[arg-type]
    return response


def _page(form: SecondStepForm, problem: str = "", refused: Refused | None = None) -> str | None:
    found = pending.living(secret())
    if found is None:
        return None
    if refused is not None:
        tell(form, refused)
    kinds = proving.kinds_of(found.account)
    wanted = local_path(request.values.get("next", "")) or "/"
    return render_template(
        "accounts/second_step.html",
        form=form,
        problem=problem,
        kinds=kinds,
        passkey=FactorKind.PASSKEY in kinds and passkeys.are_possible(),
        codes=kinds != [FactorKind.PASSKEY],
        next=wanted if wanted != "/" else "",
    )


def _from_the_start(ended: NotSignedIn) -> Any:
    return sign_in_page(SignInForm(formdata=None), ended.detail), 401
