"""« Aujourd’hui », and the overview of a space."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from resana.core.database import session
from resana.core.guarding import SIGNED_IN, current_account, guard
from resana.core.templating import remembered
from resana.discussions.models import Thread
from resana.discussions.reading import positions
from resana.documents.models import Document
from resana.permissions import Can, allowed, can, prime, role_in
from resana.spaces import queries
from resana.spaces.audience import audience_of
from resana.spaces.models import Space
from resana.spaces.reading import visit

from . import bp
from .activity import last_news, news_of

SPACES = 20
KNOWN = 12
RECENT = 6


@bp.get("/")
@guard(SIGNED_IN)
def today() -> str:
    """What waits for me, my spaces by latest activity, those I know of, recent documents."""
    rows = remembered("my spaces", lambda: queries.my_spaces(current_account))[:SPACES]
    spaces = [row.space for row in rows]
    known = session.execute(queries.known(current_account).limit(KNOWN)).scalars().all()
    ids = [space.id for space in spaces]
    # Their ids first: else all documents of these spaces are joined with their people before six of them are taken.
    latest = (Document.updated_at.desc(), Document.id.desc())
    readable = allowed(current_account, Can.READ_DOCUMENT, Document.id).where(Document.space_id.in_(ids))
    documents = session.execute(
        allowed(current_account, Can.READ_DOCUMENT)
        .where(Document.id.in_(readable.order_by(*latest).limit(RECENT)))
        .options(joinedload(Document.updated_by), joinedload(Document.space))
        .order_by(*latest)
    ).scalars()
    prime(current_account, known)
    return render_template(
        "home/today.html",
        rows=rows,
        news=last_news(current_account, spaces),
        known=known,
        waiting=queries.waiting_spaces(current_account, known),
        access_requests=session.execute(queries.access_requests(current_account).limit(SPACES)).scalars().all(),
        space_requests=session.execute(queries.space_requests(current_account).limit(SPACES)).scalars().all(),
        own_requests=session.execute(queries.own_space_requests(current_account)).scalars().all(),
        documents=documents.all(),
    )


@bp.get("/spaces/<space_id>")
@guard(Can.SEE_SPACE)
def space(space: Space) -> str | Response:
    """The overview of a space; its card, for who may not read it."""
    if not can(current_account, Can.READ_SPACE, space):
        if can(current_account, Can.UNLOCK_SPACE, space):
            return redirect(url_for("spaces.unlock", space_id=space.public_id), 303)
        if can(current_account, Can.REQUEST_ACCESS, space):
            return redirect(url_for("spaces.ask", space_id=space.public_id), 303)
        return render_template("spaces/card.html", space=space, leads=queries.leads(space))
    visit(space, by=current_account)
    threads = (
        session.execute(
            allowed(current_account, Can.READ_THREAD)
            .where(Thread.space_id == space.id)
            .order_by(Thread.last_seq.desc(), Thread.id.desc())
            .limit(RECENT)
        )
        .scalars()
        .all()
    )
    documents = session.execute(
        allowed(current_account, Can.READ_DOCUMENT)
        .where(Document.space_id == space.id)
        .options(joinedload(Document.updated_by))
        .order_by(Document.updated_at.desc(), Document.id.desc())
        .limit(RECENT)
    ).scalars()
    return render_template(
        "home/space.html",
        space=space,
        audience=audience_of(space),
        role=role_in(current_account, space),
        leads=queries.leads(space),
        threads=threads,
        places=positions(threads, current_account._get_current_object()),
        documents=documents.all(),
        news=news_of(current_account, space),
    )
