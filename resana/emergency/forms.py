"""What is typed to ask for an exceptional access."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from resana.core.forms import Form

from .actions import LONGEST_REASON


class AskForm(Form):
    """Why."""

    reason = TextAreaField(
        _l("Pourquoi cet accès est-il nécessaire ?"),
        [
            DataRequired(_l("Expliquez pourquoi : l’administration propriétaire et les responsables le liront.")),
            Length(max=LONGEST_REASON, message=_l("1 000 caractères au plus.")),
        ],
        description=_l("Par exemple : réquisition judiciaire, incident de sécurité, perte de données signalée."),
    )
