"""What people type about administrations, made sane."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from resana.core.forms import Form

from .models import AccountOpening, SpaceCreation


class PolicyForm(Form):
    """Who creates spaces in an administration, and who gets an account by asking."""

    space_creation = RadioField(
        _l("Qui crée des espaces ?"),
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
