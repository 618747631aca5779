"""What a person sends about documents and folders."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired

from resana.accounts.models import Account
from resana.spaces.models import Space

from .queries import folder_tree

INDENT = "\u2003"


class NameForm(FlaskForm):
    """A name."""

    name = StringField(_l("Nom"), [InputRequired(_l("Donnez un nom."))])


class PlaceForm(FlaskForm):
    """A folder of the space, or its top."""

    place = SelectField(_l("Dossier de destination"), validate_choice=False)


def places(account: Account, space: Space) -> list[tuple[str, str]]:
    """All folders of a space, to choose from: (public id, indented name); the first is the top."""
    tree = folder_tree(account, space)
    return [("", str(_l("Documents"))), *((identity, INDENT * (depth + 1) + name) for depth, identity, name in tree)]
