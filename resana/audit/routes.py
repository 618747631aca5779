"""Pages of the journal: an administrator's scope, a space; and their CSV."""

from __future__ import annotations

from datetime import date

from flask import Response, render_template, request, stream_with_context
from sqlalchemy import Select

from resana.accounts.models import Account
from resana.acts import Act
from resana.core.api import keyset
from resana.core.clock import now
from resana.core.guarding import current_account, guard
from resana.core.words import PARIS
from resana.permissions import Can
from resana.spaces.models import Space

from . import bp, queries, words
from .actions import note_export, note_reading
from .exporting import rows
from .models import AuditEntry
from .queries import Filters

PAGE = 50


@bp.get("/administration/journal")
@guard(Can.READ_JOURNALS)
def scope() -> str:
    """Who did what in the administrations that one answers for."""
    me, filters = _me(), _filters()
    note_reading(None, by=me)
    return _page("audit/scope.html", me, queries.of_scope(me, filters), filters, None)


@bp.get("/spaces/<space_id>/journal")
@guard(Can.READ_SPACE_JOURNAL)
def space(space: Space) -> str:
    """Who did what in a space."""
    me, filters = _me(), _filters()
    note_reading(space, by=me)
    return _page("audit/space.html", me, queries.of_space(space, filters), filters, space)


@bp.get("/administration/journal.csv")
@guard(Can.READ_JOURNALS)
def export_scope() -> Response:
    """The same list, to take away; that is written down each time."""
    me, filters = _me(), _filters()
    note_export(None, filters, by=me)
    return _csv(me, queries.of_scope(me, filters), "journal")


@bp.get("/spaces/<space_id>/journal.csv")
@guard(Can.READ_SPACE_JOURNAL)
def export_space(space: Space) -> Response:
    """The same of a space."""
    me, filters = _me(), _filters()
    note_export(space, filters, by=me)
    return _csv(me, queries.of_space(space, filters), "journal-espace")


def _page(template: str, me: Account, query: Select[AuditEntry], filters: Filters, space: Space | None) -> str:
    found, following = keyset(
        query,
        queries.ORDER,
        queries.ORDER_KINDS,
        cursor=request.args.get("cursor") or None,
        limit=PAGE,
        descending=True,
    )
    return render_template(
        template,
        space=space,
        lines=queries.lines(me, [row[0] for row in found]),
        following=following,
        filters=filters,
        arguments=filters.as_arguments(),
        groups=words.groups(),
        act_name=words.act_name,
        is_continued="cursor" in request.args,
    )


def _csv(me: Account, query: Select[AuditEntry], name: str) -> Response:
    day = now().astimezone(PARIS).date().isoformat()
    answer = Response(stream_with_context(rows(me, query)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}-{day}.csv"'
    return answer


def _filters() -> Filters:
    """What the address narrows by; what is not understood narrows nothing."""
    act = request.args.get("act", "")
    return Filters(
        since=_day("since"),
        until=_day("until"),
        who=request.args.get("who", "").strip()[:200],
        act=act if act in set(Act) else "",
        thing=request.args.get("object", "").strip()[:80].replace("\x00", ""),
    )


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 1970 <= found.year <= 9000 else None


def _me() -> Account:
    account: Account = current_account._get_current_object()
    return account
