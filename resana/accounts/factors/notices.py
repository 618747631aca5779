"""Mails by which people hear of what concerns the way they sign in."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from resana.accounts.models import Account
from resana.accounts.words import browser_of
from resana.core.clock import now
from resana.core.mail import send
from resana.core.words import exactly


def new_device(account: Account, user_agent: str) -> None:
    """Somebody has signed in on a browser that is not known. Within an action."""
    _tell(
        account,
        _("Nouvelle connexion à votre compte Resana"),
        _(
            "Votre compte vient d’être ouvert sur un navigateur que nous ne connaissions pas :\n\n"
            "%(browser)s, %(when)s.\n\n"
            "C’était vous ? Il n’y a rien à faire.\n"
            "Ce n’était pas vous ? Fermez cette connexion et changez de mot de passe :",
            browser=browser_of(user_agent),
            when=exactly(now()),
        ),
    )


def factor_added(account: Account, name: str) -> None:
    """A second factor was added. Within an action."""
    _tell(
        account,
        _("Vérification en deux étapes : un moyen ajouté"),
        _(
            "« %(name)s » vient d’être ajouté à votre compte, le %(when)s : il sera demandé à chaque connexion.\n\n"
            "Ce n’était pas vous ? Retirez-le et changez de mot de passe :",
            name=name,
            when=exactly(now()),
        ),
    )


def factor_removed(account: Account, name: str) -> None:
    """One was removed. Within an action."""
    _tell(
        account,
        _("Vérification en deux étapes : un moyen retiré"),
        _(
            "« %(name)s » vient d’être retiré de votre compte, le %(when)s.\n\n"
            "Ce n’était pas vous ? Changez de mot de passe et prévenez l’administrateur de votre administration :",
            name=name,
            when=exactly(now()),
        ),
    )


def codes_renewed(account: Account) -> None:
    """Ten new recovery codes were made. Within an action."""
    _tell(
        account,
        _("Vérification en deux étapes : nouveaux codes de secours"),
        _(
            "De nouveaux codes de secours ont été créés pour votre compte, le %(when)s. "
            "Les anciens ne servent plus.\n\n"
            "Ce n’était pas vous ? Changez de mot de passe et prévenez l’administrateur de votre administration :",
            when=exactly(now()),
        ),
    )


def recovery_code_used(account: Account, left: int) -> None:
    """A recovery code was used. Within an action."""
    _tell(
        account,
        _("Un code de secours a servi"),
        _(
            "Un code de secours vient de servir pour ouvrir votre compte ou confirmer une action, le %(when)s. "
            "Il vous en reste %(left)d.\n\n"
            "Ce n’était pas vous ? Changez de mot de passe et créez de nouveaux codes :",
            when=exactly(now()),
            left=left,
        ),
    )


def reset_asked(account: Account, by: Account) -> None:
    """An administrator has asked that the second factors be taken away. Within an action."""
    _tell(
        account,
        _("Demande de réinitialisation de votre vérification en deux étapes"),
        _(
            "%(by)s, qui administre votre compte, a demandé le %(when)s "
            "que votre vérification en deux étapes soit réinitialisée. "
            "Elle le sera dans vingt-quatre heures, ou dès qu’un second administrateur sera d’accord.\n\n"
            "Vous l’avez demandé ? Il n’y a rien à faire.\n"
            "Vous n’avez rien demandé ? Connectez-vous et annulez cette demande :",
            by=by.full_name,
            when=exactly(now()),
        ),
    )


def reset_done(account: Account) -> None:
    """They are taken away. Within an action."""
    _tell(
        account,
        _("Votre vérification en deux étapes est réinitialisée"),
        _(
            "Vos clés, vos applications et vos codes de secours ne servent plus, depuis le %(when)s, "
            "et vos connexions sont fermées. "
            "Connectez-vous avec votre mot de passe, puis protégez de nouveau votre compte :",
            when=exactly(now()),
        ),
    )


def reset_cancelled(account: Account) -> None:
    """It will not happen. Within an action."""
    _tell(
        account,
        _("La réinitialisation est annulée"),
        _(
            "La demande de réinitialisation de votre vérification en deux étapes a été annulée le %(when)s. "
            "Rien ne change à votre compte :",
            when=exactly(now()),
        ),
    )


def _tell(account: Account, subject: str, words: str) -> None:
    path = current_app.url_map.bind("localhost").build("accounts.second_factors")
    url = f"{current_app.config['SETTINGS'].address}{path}"
    greeting = _("Bonjour %(name)s,", name=account.full_name)
    send(account.email, subject, f"{greeting}\n\n{words}\n\n{url}\n")
