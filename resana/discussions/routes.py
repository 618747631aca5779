"""The pages of discussions. Each works as plain HTML; scripts only make them quicker."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from resana.accounts.models import Account
from resana.core.errors import NotThere, Refused, Stale
from resana.core.guarding import current_account, guard
from resana.core.markdown import plain
from resana.permissions import Can, abilities, prime
from resana.spaces.audience import audience_of
from resana.spaces.models import Space
from resana.spaces.reading import mark_all_read, unread_by_space, visit

from . import actions, messages, queries, reading
from .forms import EditForm, ThreadForm, TitleForm, blame, number
from .models import Message, Thread

bp = Blueprint("discussions", __name__)

Answer = str | Response | tuple[str, int]


@bp.get("/spaces/<space_id>/threads")
@guard(Can.READ_SPACE)
def index(space: Space) -> Answer:
    """The discussions of a space, by last activity."""
    visit(space, by=_me())
    return render_template("discussions/index.html", **_listed(space, request.args.get("cursor")))


@bp.get("/spaces/<space_id>/threads/new")
@guard(Can.CREATE_THREAD)
def new(space: Space) -> Answer:
    """A form for a new discussion."""
    return _new(space, ThreadForm(formdata=None))


@bp.post("/spaces/<space_id>/threads")
@guard(Can.CREATE_THREAD)
def create(space: Space) -> Answer:
    """Open a discussion."""
    form = ThreadForm()
    if not form.validate_on_submit():
        return _new(space, form), 422
    try:
        thread = actions.create(
            space,
            form.title.data or "",
            body=form.body.data if (form.body.data or "").strip() else "",
            attachments=request.form.getlist("attachments"),
            by=_me(),
        )
    except Refused as no:
        blame(form, no)
        return _new(space, form), 422
    return redirect(url_for(".show", thread_id=thread.public_id), 303)


@bp.post("/spaces/<space_id>/threads/read")
@guard(Can.READ_SPACE)
def read_all(space: Space) -> Answer:
    """Take everything in a space as read."""
    mark_all_read(space, by=_me())
    return redirect(url_for(".index", space_id=space.public_id), 303)


@bp.get("/threads/<thread_id>")
@guard(Can.READ_THREAD)
def show(thread: Thread) -> Answer:
    """A discussion: at the first unread message, or where the address says."""
    return _show(thread)


@bp.post("/threads/<thread_id>/messages")
@guard(Can.POST_MESSAGE)
def post(thread: Thread) -> Answer:
    """Say something, from the plain form."""
    try:
        posted = messages.post(
            thread,
            request.form.get("body", ""),
            by=_me(),
            client_uuid=request.form.get("client_uuid", ""),
            reply_to_no=number(request.form.get("reply_to")),
            attachments=request.form.getlist("attachments"),
            seen_no=number(request.form.get("seen_no")),
        )
    except Refused as no:
        return _show(thread, error=no.detail, typed=request.form.get("body", "")), 422
    return redirect(_address(posted.message), 303)


@bp.get("/threads/<thread_id>/title")
@guard(Can.RENAME_THREAD)
def title(thread: Thread) -> Answer:
    """A form for another title."""
    return _title(thread, TitleForm(formdata=None, title=thread.title))


@bp.post("/threads/<thread_id>/title")
@guard(Can.RENAME_THREAD)
def rename(thread: Thread) -> Answer:
    """Give a discussion another title."""
    form = TitleForm()
    if not form.validate_on_submit():
        return _title(thread, form), 422
    try:
        actions.rename(thread, form.title.data or "", by=_me())
    except Refused as no:
        blame(form, no)
        return _title(thread, form), 422
    return redirect(url_for(".show", thread_id=thread.public_id), 303)


@bp.post("/threads/<thread_id>/closure")
@guard(Can.CLOSE_THREAD)
def close(thread: Thread) -> Answer:
    """Let nobody write any more."""
    actions.close(thread, by=_me())
    return redirect(url_for(".show", thread_id=thread.public_id), 303)


@bp.post("/threads/<thread_id>/closure/end")
@guard(Can.CLOSE_THREAD)
def reopen(thread: Thread) -> Answer:
    """Let people write again."""
    actions.reopen(thread, by=_me())
    return redirect(url_for(".show", thread_id=thread.public_id), 303)


@bp.get("/threads/<thread_id>/messages/<int:no>")
@guard(Can.READ_MESSAGE)
def message(message: Message) -> Answer:
    """One message as a fragment, for a page that has it; for anybody else, the place where it stands."""
    if "Turbo-Frame" not in request.headers and "X-Fragment" not in request.headers:
        return redirect(_address(message), 303)
    return fragment(message)


@bp.get("/threads/<thread_id>/messages/<int:no>/edit")
@guard(Can.EDIT_MESSAGE)
def edit(message: Message) -> Answer:
    """A form for another text."""
    return _edit(message, EditForm(formdata=None, body=message.body, version=message.version))


@bp.post("/threads/<thread_id>/messages/<int:no>/edit")
@guard(Can.EDIT_MESSAGE)
def save(message: Message) -> Answer:
    """Correct one's own message."""
    form = EditForm()
    if not form.validate_on_submit():
        return _edit(message, form), 422
    try:
        messages.edit(message, form.body.data or "", by=_me(), version=number(form.version.data) or 0)
    except Refused as no:
        blame(form, no)
        return _edit(message, form), 422
    except Stale:
        form.form_errors.append(
            _("Ce message a été modifié entre-temps, dans une autre fenêtre. Votre texte est toujours là : copiez-le.")
        )
        return _edit(message, form), 412
    return redirect(url_for(".message", thread_id=message.thread.public_id, no=message.no), 303)


@bp.get("/threads/<thread_id>/messages/<int:no>/deletion")
@guard(Can.DELETE_MESSAGE)
def deletion(message: Message) -> Answer:
    """Ask whether a message is really to be taken back."""
    return render_template("discussions/delete.html", **_of(message.thread), message=message)


@bp.post("/threads/<thread_id>/messages/<int:no>/deletion")
@guard(Can.DELETE_MESSAGE)
def delete(message: Message) -> Answer:
    """Take a message back."""
    messages.delete(message, by=_me())
    return redirect(url_for(".message", thread_id=message.thread.public_id, no=message.no), 303)


@bp.get("/threads/<thread_id>/messages/<int:no>/unread")
@guard(Can.READ_MESSAGE)
def ask_unread(message: Message) -> Answer:
    """Ask whether one wants to come back to this message, and what follows, as unread."""
    return render_template("discussions/unread.html", **_of(message.thread), message=message)


@bp.post("/threads/<thread_id>/messages/<int:no>/unread")
@guard(Can.READ_MESSAGE)
def unread(message: Message) -> Answer:
    """Take a message and what follows as unread."""
    reading.unread_from(message.thread, message.no, by=_me())
    return redirect(url_for(".index", space_id=message.thread.space.public_id), 303)


@bp.get("/threads/<thread_id>/messages/<int:no>/history")
@guard(Can.READ_MESSAGE)
def history(message: Message) -> Answer:
    """What stood in a message before it was corrected."""
    if message.deleted_at is not None:
        raise NotThere
    return render_template(
        "discussions/history.html", **_of(message.thread), message=message, former=queries.former_texts(message)
    )


def fragment(message: Message, *, neutral: bool = False) -> str:
    """A message as HTML. `neutral`: the same for all who may read it, with nothing of one person's rights in it."""
    thread = message.thread
    before = queries.message_of(thread, message.no - 1) if message.no > 1 else None
    if not neutral:
        prime(_me(), [message])
    return render_template(
        "discussions/_message.html",
        message=message,
        thread=thread,
        neutral=neutral,
        follow=queries.follows(message, before),
        replies=queries.replied_to(thread, [message]),
        unknown=queries.unknown_documents(None if neutral else _me(), [message]),
        plain=plain,
    )


def _me() -> Account:
    account: Account = current_account._get_current_object()
    return account


def _address(message: Message) -> str:
    no = message.no
    return url_for(".show", thread_id=message.thread.public_id, at=no, _anchor=f"m{no}")


def _listed(space: Space, cursor: str | None = None) -> dict[str, Any]:
    rows, following = queries.recent_threads(space, _me(), cursor=cursor)
    return {
        "space": space,
        "section": "threads",
        "audience": audience_of(space),
        "rows": rows,
        "next_url": url_for(".index", space_id=space.public_id, cursor=following) if following else None,
        "first_url": url_for(".index", space_id=space.public_id) if cursor else None,
        "unread": unread_by_space(_me(), [space])[space.id],
        "plain": plain,
    }


def _of(thread: Thread) -> dict[str, Any]:
    return {"space": thread.space, "section": "threads", "thread": thread, "plain": plain}


def _new(space: Space, form: ThreadForm) -> str:
    return render_template(
        "discussions/new.html",
        space=space,
        audience=audience_of(space),
        section="threads",
        form=form,
        documents=queries.documents_to_attach(space, _me()),
        chosen=request.form.getlist("attachments"),
    )


def _title(thread: Thread, form: TitleForm) -> str:
    return render_template("discussions/title.html", **_of(thread), form=form)


def _edit(message: Message, form: EditForm) -> str:
    return render_template("discussions/edit.html", **_of(message.thread), message=message, form=form)


def _show(thread: Thread, *, error: str = "", typed: str = "") -> str:
    member = visit(thread.space, by=_me())
    place = reading.position(thread, _me()) if member is not None else None
    before, after, at = (number(request.args.get(name)) for name in ("before", "after", "at"))
    # Read before the messages: what comes in between is heard twice and shown once, never missed.
    as_of_seq = thread.stream.last_seq
    window = queries.window(thread, place, before=before, after=after, at=at)
    prime(_me(), window.messages)
    reply_to = number(request.values.get("reply") or request.form.get("reply_to"))
    answered = queries.message_of(thread, reply_to) if reply_to and reply_to <= thread.message_count else None
    may = abilities(_me(), thread)
    return render_template(
        "discussions/show.html",
        **_listed(thread.space) | _of(thread),
        window=window,
        place=place,
        line=place.last_read_no + 1 if place is not None and place.unread else None,
        as_of_seq=as_of_seq,
        may=may,
        replies=queries.replied_to(thread, window.messages),
        unknown=queries.unknown_documents(_me(), window.messages),
        follows=queries.follows,
        at=at,
        answered=answered,
        error=error,
        typed=typed,
        client_uuid=request.form.get("client_uuid") if error else secrets.token_hex(16),
        documents=queries.documents_to_attach(thread.space, _me()) if may["post_message"] else [],
        chosen=request.form.getlist("attachments"),
    )
