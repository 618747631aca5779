"""The door of every request: `@guard(Can.X)`.

In this order: the request is ours (CSRF, origin) → 403; somebody is signed in → 401; the thing is there for them →
404; they may do this → 403; and what they sent has a size and a type that the door reads → 413, 415. A route without a
guard answers 500. The thing that the URL names reaches the route as an object: `<document_id>` becomes `document`.
"""

from __future__ import annotations

import contextlib
import functools
import io
import secrets
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import IO, Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

from flask import Flask, current_app, g, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError, validate_csrf
from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.local import LocalProxy

from . import idempotency
from .clock import now
from .database import session, writing
from .errors import FactorDue, Malformed, No, NotAllowed, NotFresh, NotSignedIn, TooLarge, WrongType

F = TypeVar("F", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})
SMALL_BODY = 2 * 1024 * 1024
"""Bytes of the largest body that is read whole: forms and JSON. Files are streamed."""
FRESH = timedelta(minutes=10)
"""How long somebody who has just said who they are need not say it again for a sensitive act."""
DRAINED = 8 * 1024 * 1024
"""Bytes that are read and thrown away, so that a refusal reaches who is still sending."""


class Everybody(StrEnum):
    """Doors that ask for no right on a thing."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


PUBLIC, SIGNED_IN = Everybody.PUBLIC, Everybody.SIGNED_IN


class RuleBook(NamedTuple):
    """What the product's permissions tell this module: the rights, the URL parameters of each, and how to obtain."""

    rights: type[StrEnum]
    parameters: Callable[[Any], tuple[str, ...]]
    obtain: Callable[..., Any]


class Door(NamedTuple):
    """How a route is guarded; the tests read it from `view.door`."""

    right: StrEnum
    parameters: tuple[str, ...]
    body: str
    csrf: bool
    read_token_suffices: bool
    fresh: bool
    without_factor: bool


rule_book: RuleBook | None = None

Witness = Callable[[Any, Any | None], object]
_witnesses: list[Witness] = []


def watch(witness: Witness) -> None:
    """Call `witness(account, thing)` before a guarded route answers somebody; `thing` is None where it names none."""
    if witness not in _witnesses:
        _witnesses.append(witness)


current_account: Any = LocalProxy(lambda: current_user._get_current_object() if current_user.is_authenticated else None)
"""The signed-in account, or a proxy of None."""


def guard(
    right: StrEnum,
    *,
    body: str = "small",
    csrf: bool = True,
    read_token_suffices: bool = False,
    fresh: bool = False,
    without_factor: bool = False,
) -> Callable[[F], F]:
    """Guard a route by a right, by `SIGNED_IN` or by `PUBLIC`.

    `body`: "small" (a form or JSON, read before any transaction begins) or "stream" (a file: the route reads it, calls
    `check_csrf(token)` if the token came inside, and asks for the right again afterwards). `csrf=False` only where
    there is no session yet. `read_token_suffices`: a changing method that a read-only access token may call. `fresh`:
    a sensitive act, for which the person has to have said who they are within `FRESH` (permissions.md, 4); no access
    token does. `without_factor`: the few doors that stay open to who owes a second factor and has not set one up.
    """
    names: tuple[str, ...] = ()
    if not isinstance(right, Everybody):
        if rule_book is None or not isinstance(right, rule_book.rights):
            raise TypeError(f"{right!r} is not a right of the rule book")
        names = rule_book.parameters(right)
    door = Door(right, names, body, csrf, read_token_suffices, fresh, without_factor)

    def wrap(view: F) -> F:
        @functools.wraps(view)
        def enter(**arguments: Any) -> Any:
            g.guarded = True
            if door.body != "stream":
                return _pass(door, view, arguments)
            try:
                return _pass(door, view, arguments)
            except No:
                _drain(request.stream)
                raise

        enter.door = door  # type: ignore[attr-defined]
        return cast(F, enter)

    return wrap


def _pass(door: Door, view: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    unsafe = request.method not in SAFE_METHODS
    if unsafe:
        if door.body == "small":
            _receive()
        _check_origin()
        _check_csrf(door)
    if door.right is PUBLIC:
        _complain_of_body(door)
        return view(**arguments)
    if not unsafe:
        return view(**_enter(door, arguments))
    with writing():
        arguments = _enter(door, arguments)
        _complain_of_body(door)
        # A streamed view asks by `idempotency.carry_out` itself, once it has the file's hash.
        key = idempotency.asked_for(request.get_data(cache=True)) if door.body == "small" else None
        if key is not None:
            answer = idempotency.stored(key, int(current_account.id))
            if answer is not None:
                return answer
    if door.body == "stream":
        session.rollback()
    if key is None:
        return view(**arguments)
    return idempotency.once(key, int(current_account.id), lambda: view(**arguments))


def _enter(door: Door, arguments: dict[str, Any]) -> dict[str, Any]:
    if not current_user.is_authenticated:
        raise NotSignedIn
    if not door.without_factor and current_app.extensions["factor_due"]():
        raise FactorDue(_("Votre compte doit d’abord être protégé par une vérification en deux étapes : ajoutez-la."))
    token = g.get("access_token")
    if token is not None and token.scope == "read" and request.method not in SAFE_METHODS:
        read_only = not door.read_token_suffices
    else:
        read_only = False
    if isinstance(door.right, Everybody):
        if read_only:
            raise NotAllowed
        _check_fresh(door)
        _let_watch(None)
        return arguments
    assert rule_book is not None
    ids = {name: arguments.pop(name) for name in door.parameters}
    thing = rule_book.obtain(current_account, door.right, **ids)
    if read_only:
        raise NotAllowed
    _check_fresh(door)
    _let_watch(thing)
    if thing is not None:
        arguments[type(thing).__name__.lower() if door.parameters[-1:] == ("no",) else door.parameters[0][:-3]] = thing
    return arguments


def _let_watch(thing: Any | None) -> None:
    for witness in _witnesses:
        witness(current_account._get_current_object(), thing)


def _check_fresh(door: Door) -> None:
    if door.fresh and not current_app.extensions["confirmed_at"]() > now() - FRESH:
        raise NotFresh(
            _("Confirmez d’abord que c’est bien vous : cette action est sensible, et un jeton n’y suffit pas.")
        )


def _receive() -> None:
    """Read a small body now, before any transaction: a slow sender must not hold the database's lock.

    Anybody may send one, so it is bounded whether it says its length or not.
    """
    length = request.content_length
    if length is not None and length > SMALL_BODY:
        g.too_large = True
        _drain(request.stream)
        return
    request.max_content_length = SMALL_BODY + 1
    g.too_large = False
    try:
        if (request.mimetype or "").startswith("multipart/"):
            request.form  # noqa: B018  parses
        elif len(request.get_data(cache=True, parse_form_data=False)) > SMALL_BODY:
            raise RequestEntityTooLarge
    except RequestEntityTooLarge:
        g.too_large = True
        _drain(request.stream if length is not None else request.environ["wsgi.input"])
        request.stream = io.BytesIO()  # whoever looks again finds nothing


def _drain(stream: IO[bytes]) -> None:
    left = DRAINED
    with contextlib.suppress(ClientDisconnected, OSError):
        while left > 0 and (piece := stream.read(min(left, 64 * 1024))):
            left -= len(piece)


def _complain_of_body(door: Door) -> None:
    if g.get("too_large"):
        raise TooLarge
    if door.body != "small" or request.method in SAFE_METHODS:
        return
    if request.mimetype in FORMS and not request.path.startswith("/api/"):
        return
    # A body in pieces does not say its length: look at what came.
    if not (request.content_length or request.get_data(cache=True)):
        return
    if not request.path.startswith("/api/"):
        # A page's form is a form: Flask-WTF would take JSON for one, of any depth and any type.
        raise WrongType
    if request.mimetype != "application/json" and not _is_json_like(request.mimetype):
        raise WrongType


def _is_json_like(mimetype: str) -> bool:
    return mimetype.startswith("application/") and mimetype.endswith("+json")


def _check_origin() -> None:
    """A browser says where a request comes from; a program says nothing (security.md, B11)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site not in ("same-origin", "none"):
        raise NotAllowed
    origin = request.headers.get("Origin")
    if origin is not None and not is_our_origin(origin):
        raise NotAllowed


def is_our_origin(origin: str) -> bool:
    """Whether `origin` ("https://resana.example") is this product's own address."""
    settings = current_app.config["SETTINGS"]
    if origin == _origin_of(settings.address):
        return True
    return not settings.production and origin == _origin_of(request.host_url)


def _origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _check_csrf(door: Door) -> None:
    if not door.csrf:
        return
    if request.path.startswith("/api/"):
        # No browser adds a token by itself, and without the cookie there is nobody to act for.
        by_token = request.headers.get("Authorization", "").lower().startswith("bearer ")
        if by_token or not current_app.extensions["session_cookie_sent"]():
            return
    token = request.headers.get("X-CSRF-Token")
    if token is None and door.body == "stream":
        g.csrf_pending = True
        return
    check_csrf(token if token is not None else (request.form.get("csrf_token") if door.body == "small" else None))


def check_csrf(token: str | None) -> None:
    """Refuse (403) a token that is missing or wrong."""
    try:
        validate_csrf(token or None)
    except (CSRFError, HTTPException) as wrong:
        raise NotAllowed from wrong
    except Exception as wrong:  # wtforms' ValidationError
        raise NotAllowed from wrong
    g.csrf_pending = False
    g.csrf_valid = True  # Flask-WTF's word: a form need not ask again for a token that came as a header


def json_body() -> Any:
    """The JSON that was sent; Malformed where it cannot be read. An empty body is an empty object."""
    data = request.get_data(cache=True)
    if not data:
        return {}
    try:
        found = request.get_json(force=True, silent=True)
    except RecursionError as deep:
        raise Malformed from deep
    if found is None and data.strip() != b"null":
        raise Malformed
    return found


def init_app(app: Flask) -> None:
    """A route without a guard answers 500 and runs nothing: a mistake of ours must not become an open door."""

    @app.before_request
    def only_guarded_routes() -> None:
        view = app.view_functions.get(request.endpoint or "")
        if view is not None and not hasattr(view, "door"):
            raise RuntimeError(f"the route {request.endpoint} has no guard")


def request_nonce() -> str:
    """A random id of this request, for the log and the X-Request-Id header."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return cast(str, g.request_id)
