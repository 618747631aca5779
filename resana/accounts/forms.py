"""What people type about accounts, made sane."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, FileField, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo, InputRequired, Length, Optional, ValidationError

from resana.administrations.models import Administration
from resana.core.clock import now
from resana.core.errors import Refused
from resana.core.forms import Form

from .models import Account
from .passwords import LONGEST_TYPED, accepted
from .tokens import USUAL, TokenScope

PASSWORD_HINT = _l(
    "15 caractères au moins : une petite phrase que vous retenez. "
    "Votre nom, celui de votre service et l’année ne suffisent pas : il y faut d’autres mots."
)


def _required(message: object) -> DataRequired:
    return DataRequired(message)


class SignInForm(Form):
    """An address and a password."""

    email = StringField(
        _l("Adresse électronique professionnelle"),
        [
            _required(_l("Écrivez votre adresse électronique.")),
            Length(max=254, message=_l("Cette adresse est trop longue.")),
        ],
    )
    password = PasswordField(
        _l("Mot de passe"),
        [
            InputRequired(_l("Écrivez votre mot de passe.")),
            Length(max=LONGEST_TYPED, message=_l("Ce mot de passe est trop long.")),
        ],
    )


class ForgottenForm(Form):
    """The address that wants a link."""

    email = StringField(
        _l("Adresse électronique professionnelle"),
        [
            _required(_l("Écrivez votre adresse électronique.")),
            Length(max=254, message=_l("Cette adresse est trop longue.")),
        ],
    )


class ChoosePasswordForm(Form):
    """A new password for `owner`, twice."""

    owner: Account
    password = PasswordField(
        _l("Nouveau mot de passe"),
        [InputRequired(_l("Écrivez votre nouveau mot de passe."))],
        description=PASSWORD_HINT,
    )
    again = PasswordField(
        _l("Le même, une seconde fois"),
        [
            InputRequired(_l("Écrivez le mot de passe une seconde fois.")),
            EqualTo("password", _l("Les deux mots de passe ne sont pas les mêmes.")),
        ],
    )

    def validate_password(self, field: PasswordField) -> None:
        """Say what is wrong with it together with all else that is."""
        try:
            accepted(field.data or "", self.owner)
        except Refused as refused:
            raise ValidationError(refused.detail) from None


class ChangePasswordForm(ChoosePasswordForm):
    """The present password, and a new one."""

    present = PasswordField(
        _l("Mot de passe actuel"),
        [
            InputRequired(_l("Écrivez votre mot de passe actuel.")),
            Length(max=LONGEST_TYPED, message=_l("Ce mot de passe est trop long.")),
        ],
    )


class TokenForm(Form):
    """A new access token."""

    name = StringField(
        _l("À quoi sert ce jeton ?"),
        [_required(_l("Donnez un nom au jeton.")), Length(max=200, message=_l("200 caractères au plus."))],
        description=_l("Par exemple « Dépôt des relevés du lundi »."),
    )
    scope = RadioField(
        _l("Que peut-il faire ?"),
        choices=[
            SelectChoice(TokenScope.READ.value, _l("Lire seulement")),
            SelectChoice(TokenScope.WRITE.value, _l("Lire et écrire, comme vous")),
        ],
        default=TokenScope.READ.value,
        validators=[DataRequired(_l("Choisissez une réponse."))],
    )
    expires_at = DateField(
        _l("Valable jusqu’au"),
        [InputRequired(_l("Choisissez une date."))],
        default=lambda: (now() + USUAL).date(),
        description=_l("Un an au plus."),
    )


class SecondStepForm(Form):
    """A code of an application or a recovery code; or what a passkey answered."""

    code = StringField(
        _l("Code"),
        [Length(max=100, message=_l("Ce code est trop long."))],
        description=_l("Les six chiffres de votre application, ou l’un de vos codes de secours."),
    )
    passkey = HiddenField()


class ApplicationForm(Form):
    """The code that proves that an application has taken the secret."""

    name = StringField(
        _l("Comment l’appeler ?"),
        [_required(_l("Donnez-lui un nom.")), Length(max=100, message=_l("100 caractères au plus."))],
        description=_l("Par exemple « Téléphone professionnel »."),
    )
    code = StringField(
        _l("Code affiché par l’application"),
        [_required(_l("Écrivez les six chiffres.")), Length(max=20, message=_l("Six chiffres suffisent."))],
    )
    draft = HiddenField()


class PasskeyForm(Form):
    """What a new key is called, and what the browser answered for it."""

    name = StringField(
        _l("Comment l’appeler ?"),
        [_required(_l("Donnez-lui un nom.")), Length(max=100, message=_l("100 caractères au plus."))],
        description=_l("Par exemple « Clé du trousseau » ou « Ordinateur du bureau »."),
    )
    answer = HiddenField()


class AccountForm(Form):
    """What an administrator says of a person. `places` are the administrations to choose from."""

    first_name = StringField(
        _l("Prénom"), [_required(_l("Écrivez le prénom.")), Length(max=100, message=_l("100 caractères au plus."))]
    )
    last_name = StringField(
        _l("Nom"), [_required(_l("Écrivez le nom.")), Length(max=100, message=_l("100 caractères au plus."))]
    )
    job_title = StringField(_l("Fonction"), [Length(max=200, message=_l("200 caractères au plus."))])
    administration_id = SelectField(
        _l("Administration"), [_required(_l("Choisissez une administration."))], validate_choice=False
    )
    team_lead = BooleanField(
        _l("Responsable d’équipe"),
        description=_l("Peut créer des espaces, là où l’administration le réserve à l’encadrement."),
    )


class NewAccountForm(AccountForm):
    """The same, with the address to which the link goes."""

    email = StringField(
        _l("Adresse électronique professionnelle"),
        [
            _required(_l("Écrivez l’adresse électronique.")),
            Length(max=254, message=_l("Cette adresse est trop longue.")),
        ],
        description=_l("Un lien à usage unique y sera envoyé, pour choisir un mot de passe."),
    )


class ImportForm(Form):
    """A list of people, and the administration of those for whom it names none."""

    file = FileField(
        _l("Votre liste (CSV)"),
        description=_l(
            "Une personne par ligne, 10 000 lignes et 2 Mo au plus. Un tableau enregistré au format CSV convient."
        ),
    )
    administration_id = SelectField(
        _l("Administration des lignes qui n’en nomment pas"), [Optional()], validate_choice=False
    )

    def offer(self, places: Sequence[Administration]) -> None:
        """Let one choose among these."""
        self.administration_id.choices = [
            SelectChoice("", _l("Aucune : chaque ligne nomme la sienne")),
            *(SelectChoice(place.public_id, f"{place.name} ({place.city})") for place in places),
        ]


class AccountRequestForm(Form):
    """Who asks for an account."""

    email = StringField(
        _l("Adresse électronique professionnelle"),
        [
            _required(_l("Écrivez votre adresse électronique.")),
            Length(max=254, message=_l("Cette adresse est trop longue.")),
        ],
        description=_l("Celle de votre administration : un lien y part, qui confirme qu’elle est la vôtre."),
    )
    first_name = StringField(
        _l("Prénom"), [_required(_l("Écrivez votre prénom.")), Length(max=100, message=_l("100 caractères au plus."))]
    )
    last_name = StringField(
        _l("Nom"), [_required(_l("Écrivez votre nom.")), Length(max=100, message=_l("100 caractères au plus."))]
    )
    job_title = StringField(_l("Fonction"), [Length(max=200, message=_l("200 caractères au plus."))])


class AppointmentForm(Form):
    """Who shall administer, and until when."""

    account_id = HiddenField()
    ends_on = DateField(
        _l("Jusqu’au"),
        [Optional()],
        description=_l("Ce jour compris. Sans date, jusqu’à ce que quelqu’un y mette fin."),
    )
