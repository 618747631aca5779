"""What people type about spaces, made sane."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from .actions import LONGEST_DESCRIPTION, LONGEST_PURPOSE
from .models import Role, Visibility
from .requests import LONGEST_REASON
from .words import role_name

REQUIRED = DataRequired(_l("Ce champ est obligatoire."))


class DescribeForm(FlaskForm):
    """A space's title, description and purpose."""

    title = StringField(
        _l("Titre"),
        [DataRequired(_l("Donnez un titre à l’espace.")), Length(max=200, message=_l("200 caractères au plus."))],
        description=_l("Ce que l’on cherchera plus tard, par exemple « Cellule sécheresse 2026 »."),
    )
    description = TextAreaField(
        _l("Description"),
        [Length(max=LONGEST_DESCRIPTION, message=_l("2 000 caractères au plus."))],
        description=_l("Une ou deux phrases : le projet, son périmètre."),
    )
    purpose = TextAreaField(
        _l("À quoi sert cet espace"),
        [Length(max=LONGEST_PURPOSE, message=_l("5 000 caractères au plus."))],
        description=_l("Ce que l’on y dépose, ce dont on y discute, ce qui se fait ailleurs."),
    )
    version = HiddenField()


class VisibilityForm(FlaskForm):
    """Who may know of a space without being in it."""

    visibility = RadioField(
        _l("Qui peut savoir que cet espace existe ?"),
        choices=[
            SelectChoice(Visibility.PRIVATE.value, _l("Ses membres seulement")),
            SelectChoice(Visibility.ADMINISTRATION.value, _l("Mon administration et ses services")),
            SelectChoice(Visibility.AGENTS.value, _l("Tous les agents")),
        ],
        default=Visibility.PRIVATE.value,
        validators=[DataRequired(_l("Choisissez une réponse."))],
    )
    open_to_read = BooleanField(
        _l("Ceux qui le connaissent peuvent le lire et le rejoindre sans demander"),
        description=_l("Sinon, ils voient sa présentation et peuvent demander l’accès."),
    )


class NewSpaceForm(DescribeForm, VisibilityForm):
    """All that a new space needs."""


def role_choices(highest: Role) -> list[tuple[str, str]]:
    """The roles that somebody of role `highest` may give."""
    most = Role.LEAD if highest == Role.LEAD else Role.CONTRIBUTOR
    return [(role.code, role_name(role).capitalize()) for role in Role if Role.READER <= role <= most]


class GrantForm(FlaskForm):
    """To whom a role is given."""

    kind = HiddenField(validators=[DataRequired()])
    principal = HiddenField(validators=[DataRequired()])
    role = HiddenField(validators=[DataRequired()])


class RoleForm(FlaskForm):
    """Another role for a member."""

    role = HiddenField(validators=[DataRequired()])


class AskForm(FlaskForm):
    """Why somebody would like to be let in."""

    reason = TextAreaField(
        _l("Pourquoi en avez-vous besoin ?"),
        [Length(max=LONGEST_REASON, message=_l("1 000 caractères au plus."))],
        description=_l("Une phrase suffit ; les responsables de l’espace la liront."),
    )


class AnswerForm(FlaskForm):
    """What an administrator answers."""

    answer = TextAreaField(
        _l("Votre réponse"), [Optional(), Length(max=LONGEST_REASON, message=_l("1 000 caractères au plus."))]
    )


class EditForm(DescribeForm):
    """The description again, of the version that was seen."""

    version = IntegerField(widget=HiddenField.widget)
