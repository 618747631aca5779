"""What a person is told by mail of each act on their account: nothing is done to anybody behind their back."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _

from resana.administrations.models import Administration
from resana.core.mail import send
from resana.core.words import exactly

from .life_models import Delegation, EmailChange
from .models import Account


def _who(by: Account | None) -> str:
    """The administrator as the person may find them; the product, where nobody did it."""
    if by is None:
        return _("le service")
    return f"{by.full_name} ({by.home_administration.short_name})"


def _tell(account: Account, subject: str, body: str, to: str | None = None) -> None:
    greeting = _("Bonjour %(name)s,", name=account.full_name)
    closing = _("Une question ? Adressez-vous à l’administrateur de votre administration.")
    send(to or account.email, subject, f"{greeting}\n\n{body}\n\n{closing}\n")


def suspended(account: Account, by: Account | None) -> None:
    """The account is closed for a while."""
    _tell(
        account,
        _("Votre compte Resana est suspendu"),
        _(
            "%(who)s a suspendu votre compte : vous ne pouvez plus vous connecter. "
            "Rien n’est perdu, et vos accès vous attendent.",
            who=_who(by),
        ),
    )


def reactivated(account: Account, by: Account | None) -> None:
    """The account is open again."""
    _tell(
        account,
        _("Votre compte Resana est réactivé"),
        _("%(who)s a réactivé votre compte : vous retrouvez les mêmes accès qu’auparavant.", who=_who(by)),
    )


def deactivated(account: Account, by: Account | None) -> None:
    """The account is closed because its holder leaves."""
    _tell(
        account,
        _("Votre compte Resana est désactivé"),
        _(
            "%(who)s a désactivé votre compte, parce que vous quittez votre administration. "
            "Ce que vous avez écrit et déposé reste dans les espaces.",
            who=_who(by),
        ),
    )


def moved(account: Account, former: Administration, by: Account | None) -> None:
    """The account belongs to another administration."""
    _tell(
        account,
        _("Votre compte Resana change d’administration"),
        _(
            "%(who)s a fait passer votre compte de « %(former)s » à « %(present)s ». "
            "Vos accès suivent votre administration : ceux de l’ancienne se sont fermés, "
            "ceux de la nouvelle sont ouverts.",
            who=_who(by),
            former=former.name,
            present=account.home_administration.name,
        ),
    )


def edited(account: Account, by: Account | None) -> None:
    """What is said of the person was corrected."""
    _tell(
        account,
        _("Votre fiche Resana a été corrigée"),
        _("%(who)s a corrigé votre fiche. Relisez-la sur votre page « Mon compte ».", who=_who(by)),
    )


def erased(account: Account, by: Account | None) -> None:
    """The personal data is gone: the last mail to that address."""
    _tell(
        account,
        _("Votre compte Resana est effacé"),
        _(
            "%(who)s a effacé votre compte : votre nom, votre adresse et vos connexions ne sont plus conservés. "
            "Les documents et les messages restent, sous le nom « Compte effacé ».",
            who=_who(by),
        ),
    )


def delegated(delegation: Delegation, by: Account) -> None:
    """The person also belongs to another administration for a while."""
    _tell(
        delegation.account,
        _("Resana : intérim à « %(place)s »", place=delegation.administration.name),
        _(
            "%(who)s vous fait aussi appartenir à « %(place)s », du %(start)s au %(end)s. "
            "Vous voyez ce que cette administration voit ; cela s’arrête de soi-même.",
            who=_who(by),
            place=delegation.administration.name,
            start=exactly(delegation.starts_at),
            end=exactly(delegation.ends_at),
        ),
    )


def no_longer_delegated(delegation: Delegation, by: Account) -> None:
    """It has ended earlier."""
    _tell(
        delegation.account,
        _("Resana : fin de l’intérim à « %(place)s »", place=delegation.administration.name),
        _(
            "%(who)s a mis fin à votre intérim à « %(place)s ».",
            who=_who(by),
            place=delegation.administration.name,
        ),
    )


def confirm_new_address(account: Account, email: str, url: str) -> None:
    """To the new address, asked for by its holder."""
    _tell(
        account,
        _("Confirmez votre nouvelle adresse Resana"),
        _(
            "Vous avez demandé que votre compte Resana ait cette adresse. "
            "Confirmez-le dans les 24 heures, par une page qui vous le demandera :\n\n%(url)s",
            url=url,
        ),
        to=email,
    )


def address_is_taken(email: str) -> None:
    """To an address that somebody wanted, and that is another account's."""
    send(
        email,
        _("Votre adresse est déjà celle d’un compte Resana"),
        _("Quelqu’un a voulu donner cette adresse à un autre compte Resana. Rien n’a changé pour le vôtre.\n"),
    )


def new_address_asked(account: Account, email: str) -> None:
    """To the present address: somebody asks for another."""
    _tell(
        account,
        _("Votre adresse Resana va changer"),
        _(
            "Il a été demandé, depuis votre compte, que votre adresse devienne %(email)s. "
            "Ce n’est pas vous ? Changez votre mot de passe, et refusez sur votre page « Mon compte ».",
            email=email,
        ),
    )


def address_changed_by_administrator(account: Account, email: str, by: Account, url: str, due_at: datetime) -> None:
    """To both addresses: an administrator changes it; the former one may say yes or no."""
    _tell(
        account,
        _("Votre adresse Resana va changer"),
        _(
            "%(who)s demande que l’adresse de votre compte devienne %(email)s. Dites oui ou non à cette adresse :\n\n"
            "%(url)s\n\nSans réponse, elle changera le %(when)s.",
            who=_who(by),
            email=email,
            url=url,
            when=exactly(due_at),
        ),
    )
    _tell(
        account,
        _("Votre adresse Resana va changer"),
        _(
            "%(who)s demande que l’adresse de votre compte devienne celle-ci. Vous pouvez dire oui depuis votre "
            "adresse actuelle ; sinon, elle changera le %(when)s.",
            who=_who(by),
            when=exactly(due_at),
        ),
        to=email,
    )


def address_is_changed(account: Account, former: str) -> None:
    """To both addresses: it is done."""
    for to in (former, account.email):
        _tell(
            account,
            _("Votre adresse Resana a changé"),
            _("Votre compte Resana a maintenant l’adresse %(email)s.", email=account.email),
            to=to,
        )


def address_was_refused(change: EmailChange) -> None:
    """To the administrator: the person said no."""
    send(
        change.asked_by.email,
        _("%(name)s garde son adresse", name=change.account.full_name),
        _("%(name)s a refusé le changement d’adresse que vous aviez demandé.\n", name=change.account.full_name),
    )
