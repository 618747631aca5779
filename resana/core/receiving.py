"""A file that somebody sends: read piece by piece, never whole, whatever its size.

with received(files="file", fields={"folder_id", "on_conflict"}) as sent:
    … sent.fields["folder_id"], sent.files[0].draft …

A body that is cut, malformed or refused leaves nothing: its drafts are dropped with the context.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import current_app, g, request
from flask_babel import gettext as _
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from .errors import Malformed, NotAllowed, Refused, TooLarge, WrongType
from .guarding import check_csrf
from .storage import PIECE, Draft, storage

LONGEST_FIELD = 64 * 1024
MOST_FIELDS = 50
AROUND = 1024 * 1024
"""Bytes that a form may take beside its files."""


@dataclass
class SentFile:
    """One file: the name that the sender gave it, and its bytes."""

    name: str
    draft: Draft


@dataclass
class Sent:
    """What a form brought."""

    fields: dict[str, str] = field(default_factory=dict)
    files: list[SentFile] = field(default_factory=list)


@contextlib.contextmanager
def received(*, files: str, fields: set[str], most_files: int = 1) -> Iterator[Sent]:
    """Read a multipart form whose part `files` holds the files; other fields than `fields` are refused.

    Each file becomes a draft, up to the largest size that is allowed. A CSRF token that comes as a field must stand
    before the first file. Raises WrongType, Malformed, TooLarge, StorageFull, Refused, NotAllowed.
    """
    boundary = request.mimetype_params.get("boundary", "")
    if request.mimetype != "multipart/form-data" or not boundary:
        raise WrongType
    longest = int(current_app.config["SETTINGS"].upload_max_bytes)
    if request.content_length is not None and request.content_length > longest * most_files + AROUND:
        raise TooLarge(_("Ce fichier dépasse la taille permise."))
    sent = Sent()
    try:
        _read(sent, boundary.encode(), files, fields, most_files, longest)
        if g.get("csrf_pending"):
            raise NotAllowed
        yield sent
    finally:
        for file in sent.files:
            file.draft.drop()


@contextlib.contextmanager
def received_bytes() -> Iterator[Draft]:
    """Read a body that is the file itself. Raises TooLarge, Malformed, StorageFull."""
    if g.get("csrf_pending"):
        raise NotAllowed
    longest = int(current_app.config["SETTINGS"].upload_max_bytes)
    if request.content_length is not None and request.content_length > longest:
        raise TooLarge(_("Ce fichier dépasse la taille permise."))
    with storage().begin(longest) as draft:
        for piece in _pieces():
            draft.write(piece)
        yield draft


def _pieces() -> Iterator[bytes]:
    try:
        while piece := request.stream.read(PIECE):
            yield piece
    except (ClientDisconnected, OSError) as cut:
        raise Malformed(_("L’envoi a été interrompu.")) from cut


def _read(sent: Sent, boundary: bytes, files: str, fields: set[str], most_files: int, longest: int) -> None:
    decoder = MultipartDecoder(boundary, max_form_memory_size=4 * PIECE, max_parts=MOST_FIELDS + most_files)
    pieces = _pieces()
    name, value, draft = "", bytearray(), None
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(next(pieces, None))
            elif isinstance(event, File):
                draft = _begin_file(sent, event, files, most_files, longest)
            elif isinstance(event, Field):
                name, value, draft = _field_name(sent, event, fields), bytearray(), None
            elif isinstance(event, Data):
                if draft is not None:
                    draft.write(event.data)
                    continue
                value += event.data
                if len(value) > LONGEST_FIELD:
                    raise TooLarge
                if not event.more_data:
                    _end_field(sent, name, value)
            elif isinstance(event, Epilogue):
                return
    except RequestEntityTooLarge as large:
        raise TooLarge from large
    except (ValueError, AttributeError, TypeError) as wrong:
        raise Malformed(_("L’envoi a été interrompu.")) from wrong


def _begin_file(sent: Sent, event: File, files: str, most_files: int, longest: int) -> Draft:
    if g.get("csrf_pending"):
        raise NotAllowed
    if event.name != files:
        raise Refused(_("Ce champ n’est pas connu."), event.name)
    if len(sent.files) == most_files:
        raise Refused(_("Il y a trop de fichiers dans cet envoi."), files)
    draft = storage().begin(longest)
    sent.files.append(SentFile(event.filename, draft))
    return draft


def _field_name(sent: Sent, event: Field, fields: set[str]) -> str:
    if event.name not in fields and event.name != "csrf_token":
        raise Refused(_("Ce champ n’est pas connu."), event.name)
    if event.name in sent.fields:
        raise Refused(_("Un paramètre est donné deux fois."), event.name)
    return event.name


def _end_field(sent: Sent, name: str, value: bytearray) -> None:
    text = value.decode()
    if name != "csrf_token":
        sent.fields[name] = text
    elif g.get("csrf_pending"):
        check_csrf(text)
