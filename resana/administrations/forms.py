"""What people type about administrations, made sane."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from resana.core.forms import Form

from .models import SpaceCreation


class PolicyForm(Form):
    """Who creates spaces in an administration."""

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
    all_agents_may_read = BooleanField(
        _l("Permettre les espaces ouverts en lecture à tous les agents"),
        description=_l(
            "Un responsable peut alors laisser tous les agents lire son espace, de toutes les administrations. "
            "Ce qui est déjà ouvert le reste."
        ),
    )
