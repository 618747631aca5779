"""Roles, principals and visibilities, as people say them."""

from __future__ import annotations

from flask_babel import gettext as _

from .models import Role, Visibility


def role_name(role: Role | int) -> str:
    """« responsable »."""
    return {
        Role.CARD: _("vitrine"),
        Role.READER: _("lecteur"),
        Role.CONTRIBUTOR: _("contributeur"),
        Role.MODERATOR: _("animateur"),
        Role.LEAD: _("responsable"),
    }[Role(role)]


def role_explained(role: Role | int) -> str:
    """What a role lets one do, in a few words."""
    return {
        Role.CARD: _("voit la présentation de l’espace et peut demander l’accès"),
        Role.READER: _("lit et télécharge"),
        Role.CONTRIBUTOR: _("dépose des documents et participe aux discussions"),
        Role.MODERATOR: _("fait entrer des collègues et range ce que d’autres ont déposé"),
        Role.LEAD: _("règle l’espace, ses membres et sa visibilité"),
    }[Role(role)]


def visibility_name(visibility: str, administration: str, open_to_read: bool) -> str:
    """Who may know of a space without being in it, in a sentence."""
    if visibility == Visibility.PRIVATE:
        return _("Privé : seuls ses membres savent qu’il existe")
    if visibility == Visibility.ADMINISTRATION:
        if open_to_read:
            return _("Ouvert en lecture à %(name)s et à ses services", name=administration)
        return _("Connu de %(name)s et de ses services, qui peuvent demander l’accès", name=administration)
    if open_to_read:
        return _("Ouvert en lecture à tous les agents")
    return _("Connu de tous les agents, qui peuvent demander l’accès")
