"""What people type about administrations, made sane."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from resana.core.forms import Form

from .models import AccountOpening, AdministrationKind, FactorPolicy, SpaceCreation
from .words import kind_name


class PolicyForm(Form):
    """What an administration allows; for it alone."""

    space_creation = RadioField(
        _l("Qui crée des espaces ?"),
        choices=[
            SelectChoice(SpaceCreation.EVERYONE.value, _l("Tous les agents")),
            SelectChoice(SpaceCreation.TEAM_LEADS.value, _l("Les responsables d’équipe")),
            SelectChoice(SpaceCreation.VALIDATED.value, _l("Tous les agents, après accord d’un administrateur")),
        ],
        validators=[DataRequired(_l("Choisissez une réponse."))],
        description=_l("Vaut pour les agents de cette administration, et pour elle seule."),
    )
    account_opening = RadioField(
        _l("Qui obtient un compte en le demandant ?"),
        choices=[
            SelectChoice(AccountOpening.CLOSED.value, _l("Personne : les administrateurs ouvrent les comptes")),
            SelectChoice(
                AccountOpening.VALIDATED.value,
                _l("Qui écrit depuis une de ses adresses, après accord d’un administrateur"),
            ),
            SelectChoice(AccountOpening.IMMEDIATE.value, _l("Qui écrit depuis une de ses adresses, aussitôt")),
        ],
        validators=[DataRequired(_l("Choisissez une réponse."))],
        description=_l("Une adresse de l’administration se termine par un de ses domaines de messagerie, exactement."),
    )
    second_factor = RadioField(
        _l("Qui doit se connecter par une vérification en deux étapes ?"),
        choices=[
            SelectChoice(FactorPolicy.NOBODY.value, _l("Personne n’y est obligé")),
            SelectChoice(FactorPolicy.ADMINISTRATORS.value, _l("Les administrateurs")),
            SelectChoice(FactorPolicy.EVERYONE.value, _l("Tous les agents")),
        ],
        validators=[DataRequired(_l("Choisissez une réponse."))],
        description=_l(
            "Au mot de passe s’ajoute une clé ou un code. Qui n’en a pas encore devra l’ajouter dès maintenant : "
            "d’ici là, ses pages et ses jetons d’accès restent fermés."
        ),
    )
    all_agents_may_read = BooleanField(
        _l("Permettre les espaces ouverts en lecture à tous les agents"),
        description=_l(
            "Un responsable peut alors laisser lire son espace à tous les agents, de toutes les administrations. "
            "Ce qui est déjà ouvert le reste."
        ),
    )


class AdministrationForm(Form):
    """What an administration is called, what it is and where."""

    name = StringField(
        _l("Nom"),
        [DataRequired(_l("Écrivez le nom.")), Length(max=200, message=_l("200 caractères au plus."))],
        description=_l("En toutes lettres, par exemple « Direction départementale des territoires de la Creuse »."),
    )
    short_name = StringField(
        _l("Nom court"),
        [DataRequired(_l("Écrivez un nom court.")), Length(max=80, message=_l("80 caractères au plus."))],
        description=_l("Celui que l’on lit à côté des personnes, par exemple « DDT 23 »."),
    )
    kind = SelectField(_l("Type"), [DataRequired(_l("Choisissez un type."))])
    city = StringField(
        _l("Ville"), [DataRequired(_l("Écrivez la ville.")), Length(max=80, message=_l("80 caractères au plus."))]
    )

    def __init__(self, *arguments: object, **named: object) -> None:
        """The kinds are said in the language of whoever asks."""
        super().__init__(*arguments, **named)
        self.kind.choices = [
            SelectChoice("", ""),
            *(SelectChoice(kind.value, kind_name(kind.value)) for kind in AdministrationKind),
        ]


class IdentityForm(Form):
    """By what an administration is known outside, one on each line."""

    sirets = TextAreaField(
        _l("SIRET"),
        [Length(max=2_000, message=_l("2 000 caractères au plus."))],
        description=_l("Un par ligne, 14 chiffres. Une administration née d’une fusion peut en avoir plusieurs."),
    )
    mail_domains = TextAreaField(
        _l("Domaines de messagerie"),
        [Length(max=10_000, message=_l("10 000 caractères au plus."))],
        description=_l("Un par ligne, par exemple « dreal.example ». Les sous-domaines s’écrivent à part."),
    )
