"""What people type about guests, made sane."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length

from resana.accounts.forms import PASSWORD_HINT
from resana.accounts.guests import LONGEST_STAY
from resana.accounts.passwords import LONGEST_TYPED
from resana.core.clock import now
from resana.core.forms import Form
from resana.core.words import PARIS

USUAL_STAY = timedelta(days=90)


def end_of(day: date) -> datetime:
    """The last moment of a day, as people here count days."""
    return datetime.combine(day, time(23, 59, 59), PARIS).astimezone(UTC)


def last_day() -> date:
    """The last day that may be chosen for a guest's end."""
    return (now() + LONGEST_STAY).astimezone(PARIS).date()


class EndForm(Form):
    """The last day of a guest's stay."""

    ends_at = DateField(
        _l("Dernier jour d’accès"),
        [InputRequired(_l("Choisissez une date."))],
        default=lambda: (now() + USUAL_STAY).date(),
        description=_l("180 jours au plus. Un responsable pourra le repousser."),
    )


class InviteForm(EndForm):
    """Whom to invite, and to what."""

    email = StringField(
        _l("Adresse électronique de la personne"),
        [
            DataRequired(_l("Écrivez l’adresse électronique.")),
            Length(max=254, message=_l("Cette adresse est trop longue.")),
        ],
        description=_l("L’invitation n’ouvre l’espace qu’à cette adresse."),
    )
    role = RadioField(
        _l("Que pourra-t-elle faire ?"),
        choices=[
            SelectChoice("contributor", _l("Contribuer : déposer des documents et participer aux discussions")),
            SelectChoice("reader", _l("Lire et télécharger seulement")),
        ],
        default="contributor",
        validators=[DataRequired(_l("Choisissez une réponse."))],
    )


class AcceptForm(Form):
    """Who somebody from outside is, and the password they choose."""

    first_name = StringField(
        _l("Prénom"),
        [DataRequired(_l("Écrivez le prénom.")), Length(max=100, message=_l("100 caractères au plus."))],
    )
    last_name = StringField(
        _l("Nom"), [DataRequired(_l("Écrivez votre nom.")), Length(max=100, message=_l("100 caractères au plus."))]
    )
    organisation = StringField(
        _l("Organisme"),
        [
            DataRequired(_l("Écrivez le nom de votre organisme.")),
            Length(max=200, message=_l("200 caractères au plus.")),
        ],
        description=_l("Votre entreprise, votre association ou votre collectivité : les membres le verront."),
    )
    password = PasswordField(
        _l("Mot de passe"),
        [
            InputRequired(_l("Écrivez votre nouveau mot de passe.")),
            Length(max=LONGEST_TYPED, message=_l("Ce mot de passe est trop long.")),
        ],
        description=PASSWORD_HINT,
    )
    again = PasswordField(
        _l("Le même, une seconde fois"),
        [
            InputRequired(_l("Écrivez le mot de passe une seconde fois.")),
            EqualTo("password", _l("Les deux mots de passe ne sont pas les mêmes.")),
        ],
    )


class GuestPolicyForm(Form):
    """Whether a space takes people from outside."""

    guests_allowed = BooleanField(
        _l("Les responsables peuvent y inviter des personnes externes"),
        description=_l(
            "Consultants, associations, élus… : invités par courriel, contributeurs au plus, jusqu’à une date. "
            "Si vous décochez, ceux qui sont là restent jusqu’à leur date, et plus personne n’entre."
        ),
    )
