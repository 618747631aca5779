"""Saying something, correcting it, taking it back.

A post is one transaction. One order of locks everywhere: account, stream, thread, stream_members. What the guard read a
moment before (the stream's `acl_epoch`, the account's `access_epoch`) is compared under these locks; where it differs,
the right is asked again: nothing is said after the right to say it has gone.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.attributes import set_committed_value

from resana.accounts.models import Account
from resana.core.actions import action
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, Refused, Stale
from resana.core.markdown import rendered
from resana.core.text import is_id, paragraph
from resana.documents.models import Document
from resana.events import Event
from resana.permissions import Can, allowed, obtain
from resana.spaces.streams import advance, record

from . import reading
from .models import Attachment, Message, MessageVersion, Thread, ThreadState

LONGEST_BODY = 20_000
MOST_ATTACHMENTS = 20

_UUID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Posted(NamedTuple):
    """A message, and whether it was stored by this call or by an earlier one with the same key."""

    message: Message
    is_new: bool


class Said(NamedTuple):
    """What is to be stored, made sane."""

    client_uuid: str
    body: str
    body_html: str
    body_hash: str
    reply_to_no: int | None
    attachments: tuple[str, ...]


def post(
    thread: Thread,
    body: str,
    *,
    by: Account,
    client_uuid: str,
    reply_to_no: int | None = None,
    attachments: Sequence[str] = (),
    seen_no: int | None = None,
) -> Posted:
    """Say `body` (Markdown) in a thread.

    `client_uuid` makes a retry the same message, without time limit; the same one with anything else is a Conflict.
    `attachments` are public ids of documents of the space; `seen_no` is how far the author had seen. Raises Refused.
    """
    said = _made_sane(thread, body, client_uuid, reply_to_no, attachments)
    stored = _stored(said, by)
    if stored is not None:
        return Posted(stored, False)
    try:
        return Posted(_write(thread, said, by=by, seen_no=seen_no), True)
    except IntegrityError:  # the same key at the same moment: its number went back with the transaction
        session.rollback()
        stored = _stored(said, by)
        if stored is None:
            raise
        return Posted(stored, False)


@action
def edit(message: Message, body: str, *, by: Account, version: int | None = None) -> None:
    """Correct one's own message; the former text stays to be seen. Raises Stale where `version` is not the present."""
    body = _clean(body)
    body_html = rendered(body)
    if body == message.body and version in (None, message.version):
        return
    _lock_and_ask_again(message, Can.EDIT_MESSAGE, by)
    if version is not None and version != message.version:
        raise Stale
    session.add(
        MessageVersion(
            message_id=message.id,
            version=message.version,
            body=message.body,
            body_html=message.body_html,
            written_at=message.edited_at or message.created_at,
        )
    )
    message.body, message.body_html = body, body_html
    message.version += 1
    message.edited_at = now()
    session.flush()
    _record(Event.MESSAGE_EDITED, message, by)


@action
def delete(message: Message, *, by: Account) -> None:
    """Take a message back: its number stays, as a tombstone; its text, history and attachments are not shown again."""
    _lock_and_ask_again(message, Can.DELETE_MESSAGE, by)
    message.deleted_at = now()
    message.deleted_by_id = by.id
    session.flush()
    _record(Event.MESSAGE_DELETED, message, by)


@action
def _write(thread: Thread, said: Said, *, by: Account, seen_no: int | None) -> Message:
    stream = thread.stream
    guarded = (stream.acl_epoch, by.access_epoch)
    access_epoch = session.execute(
        select(Account.access_epoch).where(Account.id == by.id).with_for_update(read=True)
    ).scalar_one()
    seq = advance(stream, messages=1)
    if (stream.acl_epoch, access_epoch) != guarded:
        obtain(by, Can.POST_MESSAGE, thread_id=thread.public_id)
    no = _next_no(thread, seq)
    if said.reply_to_no is not None and not 0 < said.reply_to_no < no:
        raise Refused(_("Le message auquel vous répondez n’est pas dans ce fil."), "reply_to")
    message = Message(
        space_id=thread.space_id,
        stream_id=stream.id,
        thread=thread,
        no=no,
        seq=seq,
        author=by,
        client_uuid=said.client_uuid,
        body=said.body,
        body_html=said.body_html,
        body_hash=said.body_hash,
        reply_to_no=said.reply_to_no,
        attachments=_attached(thread, said.attachments, by),
    )
    session.add(message)
    session.flush()
    record(Event.MESSAGE_POSTED, stream, by=by, seq=seq, thread_id=thread.public_id, no=no)
    reading.own(thread, no, by=by, seen_no=seen_no)
    return message


def _next_no(thread: Thread, seq: int) -> int:
    row = session.execute(
        update(Thread)
        .where(Thread.id == thread.id, Thread.state == ThreadState.OPEN)
        .values(message_count=Thread.message_count + 1, last_seq=seq, last_activity_at=now())
        .returning(Thread.message_count, Thread.last_seq, Thread.last_activity_at)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        raise NotAllowed(_("Cette discussion vient d’être close. Votre texte n’a pas été envoyé."))
    for column, value in zip((Thread.message_count, Thread.last_seq, Thread.last_activity_at), row, strict=True):
        set_committed_value(thread, column.key, value)
    return thread.message_count


def _attached(thread: Thread, ids: Sequence[str], by: Account) -> list[Attachment]:
    if not ids:
        return []
    known = [identity for identity in ids if is_id(identity)]
    readable = allowed(by, Can.READ_DOCUMENT).where(Document.space_id == thread.space_id, Document.public_id.in_(known))
    found = {document.public_id: document for document in session.execute(readable).scalars()}
    if set(ids) - set(found):
        raise Refused(_("Un document joint n’est pas dans cet espace, ou n’y est plus."), "attachments")
    return [Attachment(document=found[identity], position=place) for place, identity in enumerate(ids)]


def _lock_and_ask_again(message: Message, right: Can, by: Account) -> None:
    """The locks in their order, the message's row last; then the right, of what is there now."""
    session.execute(select(Account.id).where(Account.id == by.id).with_for_update(read=True))
    advance(message.thread.stream)
    session.execute(select(Message.id).where(Message.id == message.id).with_for_update())
    obtain(by, right, thread_id=message.thread.public_id, no=message.no)


def _record(kind: Event, message: Message, by: Account) -> None:
    stream = message.thread.stream
    record(kind, stream, by=by, seq=stream.last_seq, thread_id=message.thread.public_id, no=message.no)


def _stored(said: Said, by: Account) -> Message | None:
    found = session.execute(
        select(Message).where(Message.author_id == by.id, Message.client_uuid == said.client_uuid)
    ).scalar_one_or_none()
    if found is not None and found.body_hash != said.body_hash:
        raise Conflict(_("Cette clé a déjà servi à envoyer un autre message."), "client_uuid")
    return found


def _made_sane(
    thread: Thread, body: str, client_uuid: str, reply_to_no: int | None, attachments: Sequence[str]
) -> Said:
    if not _UUID.fullmatch(client_uuid):
        raise Refused(_("La clé de l’envoi n’est pas valable."), "client_uuid")
    body = _clean(body)
    attachments = tuple(dict.fromkeys(attachments))
    if len(attachments) > MOST_ATTACHMENTS:
        raise Refused(_("Joignez au plus %(most)d documents à un message.", most=MOST_ATTACHMENTS), "attachments")
    whole = json.dumps([thread.public_id, body, reply_to_no, attachments])
    digest = hashlib.sha256(whole.encode()).hexdigest()
    return Said(client_uuid, body, rendered(body), digest, reply_to_no, attachments)


def _clean(body: str) -> str:
    if len(body) > LONGEST_BODY * 2:
        raise Refused(_("Ce message est trop long : %(most)d caractères au plus.", most=LONGEST_BODY), "body")
    return paragraph(body, "body", LONGEST_BODY, required=True)
