"""How what concerns administrations is said on the screen."""

from __future__ import annotations

from flask_babel import gettext as _

from .models import SpaceCreation


def kind_name(kind: str) -> str:
    """What sort of administration a node is: « Préfecture »."""
    known = {
        "state": _("État"),
        "ministry": _("Ministère"),
        "region": _("Région"),
        "department": _("Département"),
        "prefecture": _("Préfecture"),
        "directorate": _("Direction"),
        "agency": _("Agence ou établissement"),
        "academy": _("Académie"),
        "service": _("Service"),
        "office": _("Bureau"),
        "partners": _("Partenaires"),
        "local_authority": _("Collectivité"),
    }
    return known.get(kind, _("Administration"))


def space_creation_name(policy: str) -> str:
    """Who creates spaces: « Tous les agents »."""
    return {
        SpaceCreation.EVERYONE: _("Tous les agents"),
        SpaceCreation.TEAM_LEADS: _("Les responsables d’équipe"),
        SpaceCreation.VALIDATED: _("Tous les agents, après accord d’un administrateur"),
    }[SpaceCreation(policy)]
