"""How what concerns accounts is said on the screen."""

from __future__ import annotations

from flask_babel import gettext as _

from .models import AccountStatus, Verdict


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


def factor_kind(kind: str) -> str:
    """A kind of second factor: « Clé d’accès »."""
    return {"passkey": _("Clé d’accès"), "totp": _("Application de codes")}[kind]


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


def verdict_name(verdict: str, *, done: bool = False) -> str:
    """What a line of an import comes to: « À ouvrir », and once it is done « Ouvert »."""
    return {
        Verdict.OPEN: _("Ouvert") if done else _("À ouvrir"),
        Verdict.EDIT: _("Corrigé") if done else _("À corriger"),
        Verdict.SAME: _("Déjà en place"),
        Verdict.REFUSED: _("Refusé"),
    }[Verdict(verdict)]


def import_problem(problem: str, about: str) -> str:
    """Why a line of an import is refused, and what to do."""
    return {
        "no_email": _("L’adresse électronique manque."),
        "email": _("L’adresse électronique n’est pas complète, ou pas écrite correctement."),
        "twice": _("Cette adresse figure déjà à la ligne %(line)s.", line=about),
        "formula": _("Un nom ou une fonction commence par un signe de formule (=, +, -, @). Retirez-le."),
        "team_lead": _("« %(word)s » ne dit ni oui ni non.", word=about),
        "elsewhere": _("Cette adresse a déjà un compte, hors de votre périmètre."),
        "closed": _("Le compte de cette adresse est désactivé. Réactivez-le d’abord."),
        "no_administration": _(
            "L’administration manque : nommez-la sur la ligne, ou choisissez-en une pour toute la liste."
        ),
        "no_such_administration": _("« %(name)s » n’est pas une administration de votre périmètre.", name=about),
        "several_administrations": _(
            "Plusieurs administrations s’appellent « %(name)s » : écrivez son SIRET.", name=about
        ),
        "moves": _("Cette personne appartient à une autre administration : déplacez son compte depuis sa page."),
        "wrong_first_name": _("Le prénom manque, est trop long, ou contient des caractères invisibles."),
        "wrong_last_name": _("Le nom manque, est trop long, ou contient des caractères invisibles."),
        "wrong_job_title": _("La fonction est trop longue, ou contient des caractères invisibles."),
        "no_longer": _("Vous n’administrez plus l’administration de cette ligne."),
    }[problem]
