"""How what concerns accounts is said on the screen."""

from __future__ import annotations

from flask_babel import gettext as _

from .models import AccountStatus


def status_name(status: str) -> str:
    """The state of an account: « Actif »."""
    return {
        AccountStatus.ACTIVE: _("Actif"),
        AccountStatus.INVITED: _("Invité, sans mot de passe"),
        AccountStatus.SUSPENDED: _("Suspendu"),
        AccountStatus.DEACTIVATED: _("Désactivé"),
        AccountStatus.ERASED: _("Effacé"),
    }[AccountStatus(status)]


def status_kind(status: str) -> str:
    """The kind of badge that goes with a state."""
    return {"active": "good", "invited": "main", "suspended": "warn", "deactivated": "", "erased": ""}[status]


def scope_name(scope: str) -> str:
    """What a token may do: « Lire seulement »."""
    return {"read": _("Lire seulement"), "write": _("Lire et écrire")}[scope]


def browser_of(user_agent: str) -> str:
    """A browser and its system as people call them: « Firefox sur Windows »."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), _("Navigateur inconnu"))
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return _("%(browser)s sur %(system)s", browser=browser, system=system) if system else browser


# In this order: most browsers name others too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)
