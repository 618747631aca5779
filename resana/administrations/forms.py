"""What people type about administrations, made sane."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired

from resana.core.forms import Form

from .models import FactorPolicy, SpaceCreation


class PolicyForm(Form):
    """Who creates spaces in an administration, and of whom a second factor is demanded."""

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
