"""The manner of `/api/v1`: a door says what it takes and gives, and OpenAPI is made from that.

@bp.post("/spaces/<space_id>/threads")
@guard(Can.CREATE_THREAD)
@speaks(takes=NewThread, gives=ThreadOut, status=201)
def create(space: Space, body: NewThread) -> ThreadOut: …
"""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from flask import Response, current_app, request
from flask_babel import gettext as _
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer
from sqlalchemy import Select, and_, literal, or_

from .columns import BigInt
from .database import session
from .errors import Refused
from .guarding import json_body

View = Callable[..., Any]
T = TypeVar("T")

Time = Annotated[
    datetime, PlainSerializer(lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str)
]
"""RFC 3339 in UTC."""


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as wrong:  # the last day of all, in a zone where it has not come yet
        raise ValueError from wrong


TimeIn = Annotated[AwareDatetime, Field(strict=False), AfterValidator(_in_utc)]
"""The same as a program sends it: with its time zone."""

MOST_ITEMS = 200


class In(BaseModel):
    """What a program sends: unknown fields are refused, types are not guessed."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=False)


class Out(BaseModel):
    """What a program is told."""

    model_config = ConfigDict(from_attributes=True)


class ListQuery(BaseModel):
    """`?limit=` and `?cursor=` of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MOST_ITEMS)
    cursor: str | None = Field(None, max_length=500)


class Page(Out, Generic[T]):
    """A part of a list; `next` is the cursor of the following part, or null."""

    items: list[T]
    next: str | None = None


class Dialect(NamedTuple):
    """What a door takes and gives; `core/openapi.py` reads it from `view.dialect`."""

    takes: type[BaseModel] | None
    query: type[BaseModel] | None
    gives: type[BaseModel] | None
    status: int
    other: dict[int, type[BaseModel] | None]


def speaks(
    *,
    takes: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    gives: type[BaseModel] | None = None,
    status: int = 200,
    other: dict[int, type[BaseModel] | None] | None = None,
) -> Callable[[View], View]:
    """Read JSON into `body=`, the query string into `query=`, and write the returned model (or
    `(model, status)`) as JSON.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def speak(**arguments: Any) -> Any:
            if takes is not None:
                arguments["body"] = takes.model_validate(json_body())
            if query is not None:
                arguments["query"] = query.model_validate(_query())
            said = view(**arguments)
            if isinstance(said, tuple):
                return answer(*said)
            return said if isinstance(said, Response) else answer(said, status)

        speak.dialect = Dialect(takes, query, gives, status, other or {})  # type: ignore[attr-defined]
        return speak

    return wrap


def answer(model: BaseModel | None, status: int = 200) -> Response:
    """A model as a JSON answer; None as an empty one (204)."""
    if model is None:
        return current_app.response_class(b"", 204)
    return current_app.response_class(model.model_dump_json(), status, mimetype="application/json")


def _query() -> dict[str, Any]:
    given = request.args.to_dict(flat=False)
    if any(len(values) > 1 for values in given.values()):
        raise Refused(_("Un paramètre est donné deux fois."), next(k for k, v in given.items() if len(v) > 1))
    return {name: values[0] for name, values in given.items()}


def cursor_of(values: Sequence[Any]) -> str:
    """An opaque cursor that remembers the sort values of the last item."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def values_of(cursor: str, kinds: Sequence[type]) -> list[Any]:
    """The sort values that a cursor remembers; Refused where it is not one of ours."""
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(plain, list) or len(plain) != len(kinds):
            raise ValueError
        return [_remembered(value, kind) for value, kind in zip(plain, kinds, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError) as wrong:
        raise Refused(_("Ce curseur n’est pas valable."), "cursor") from wrong


def _remembered(value: Any, kind: type) -> Any:
    """A sort value as the database can compare it; ValueError or OverflowError for one that it never gave."""
    if kind is datetime:
        value = datetime.fromisoformat(value)
        if value.tzinfo is None:
            raise ValueError
        return value.astimezone(UTC)
    if type(value) is not kind:
        raise ValueError
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError
    if isinstance(value, str) and "\x00" in value.encode().decode():  # half a surrogate pair has no encoding
        raise ValueError
    return value


def keyset(
    query: Select[*tuple[Any, ...]],
    columns: Sequence[Any],
    kinds: Sequence[type],
    *,
    cursor: str | None,
    limit: int,
    descending: bool = False,
) -> tuple[list[Any], str | None]:
    """One part of a list by keyset: the rows of `query` in the order of `columns`, after `cursor`.

    The columns must be the last of each row, in that order, and identify it. Returns the rows and the next cursor.
    """
    if cursor is not None:
        # However large, a number is compared and never squeezed into the column's type.
        values = [literal(one, BigInt) if isinstance(one, int) else one for one in values_of(cursor, kinds)]
        beyond = [
            and_(
                *(columns[j] == values[j] for j in range(i)),
                columns[i] < values[i] if descending else columns[i] > values[i],
            )
            for i in range(len(columns))
        ]
        query = query.where(or_(*beyond))
    order = [column.desc() if descending else column.asc() for column in columns]
    rows = list(session.execute(query.add_columns(*columns).order_by(*order).limit(limit + 1)).unique())
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], cursor_of(list(rows[limit - 1])[-len(columns) :])
