"""What people send, made sane; what it must be like is said by the actions, which say no with a field's name."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired

from resana.core.errors import Refused


class ThreadForm(FlaskForm):
    """A new thread, and what opens it."""

    title = StringField(
        _l("Titre"),
        validators=[DataRequired(_l("Donnez un titre à la discussion."))],
        description=_l("De quoi parle-t-on ? Par exemple « Arrêté du 12 juillet : relecture »."),
    )
    body = TextAreaField(_l("Premier message"))


class TitleForm(FlaskForm):
    """Another title for a thread."""

    title = StringField(_l("Titre"), validators=[DataRequired(_l("Donnez un titre à la discussion."))])


class EditForm(FlaskForm):
    """Another text for a message; `version` is the one that the writer saw."""

    body = TextAreaField(_l("Message"), validators=[DataRequired(_l("Un message ne peut pas être vide."))])
    version = HiddenField()


def blame(form: FlaskForm, no: Refused) -> None:
    """Show what an action refused beside the field that it names, or above the form."""
    field = form._fields.get(no.field or "")
    if field is None:
        form.form_errors.append(no.detail)
    else:
        field.errors = [*field.errors, no.detail]


def number(text: str | None) -> int | None:
    """A number that came in a form or an address; None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else None
