"""What people are told by mail of what becomes of a space. Titles only: never what is in it."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from resana.accounts.models import Account
from resana.core.mail import send

from .models import Space
from .transfer_models import Transfer


def _address(endpoint: str, **values: str) -> str:
    """Built from the settings: what a request says of its host could be anybody's."""
    path = current_app.url_map.bind("localhost").build(endpoint, values)
    return f"{current_app.config['SETTINGS'].address}{path}"


def without_a_lead(space: Space, administrator: Account) -> None:
    """To an administrator of the owning administration: somebody has to be appointed."""
    send(
        administrator.email,
        _("L’espace « %(title)s » n’a plus de responsable", title=space.title),
        _(
            "Bonjour %(name)s,\n\n"
            "Plus aucun responsable de l’espace « %(title)s » n’a de compte actif. L’espace est mis sous séquestre : "
            "rien n’est perdu, mais personne ne le lit tant qu’il n’a pas de responsable.\n\n"
            "Nommez-en un à cette adresse :\n\n%(url)s\n",
            name=administrator.full_name,
            title=space.title,
            url=_address("spaces.choose_lead", space_id=space.public_id),
        ),
    )


def appointed(space: Space, lead: Account, by: Account) -> None:
    """To who leads a space from now on."""
    send(
        lead.email,
        _("Vous êtes responsable de l’espace « %(title)s »", title=space.title),
        _(
            "Bonjour %(name)s,\n\n"
            "L’espace « %(title)s » n’avait plus de responsable. %(by)s (%(place)s) vous a nommé responsable.\n\n"
            "%(url)s\n",
            name=lead.full_name,
            title=space.title,
            by=by.full_name,
            place=by.home_administration.short_name,
            url=_address("home.space", space_id=space.public_id),
        ),
    )


def to_member(kind: str, space: Space, member: Account, *, by: Account | None, lead: Account | None) -> None:
    """To everybody in the space: it was shut, or opened again, and why."""
    subjects = {
        "sequestered": _("L’espace « %(title)s » attend un responsable", title=space.title),
        "released": _("L’espace « %(title)s » est de nouveau ouvert", title=space.title),
        "appointed": _("L’espace « %(title)s » a un nouveau responsable", title=space.title),
        "trashed": _("L’espace « %(title)s » est à la corbeille", title=space.title),
        "restored": _("L’espace « %(title)s » est sorti de la corbeille", title=space.title),
    }
    bodies = {
        "sequestered": _(
            "Ses responsables n’ont plus de compte actif. Rien n’est perdu : l’espace se rouvrira dès que les "
            "administrateurs de « %(place)s », qui sont prévenus, en auront nommé un.",
            place=space.owner_administration.name,
        ),
        "released": _("Il a de nouveau un responsable : vous y retrouvez tout, comme avant."),
        "appointed": _(
            "%(by)s, qui administre « %(place)s », a nommé %(lead)s responsable.",
            by=by.full_name if by else "",
            place=space.owner_administration.name,
            lead=lead.full_name if lead else "",
        ),
        "trashed": _(
            "%(by)s l’a mis à la corbeille. Un responsable peut l’en sortir pendant trente jours.",
            by=by.full_name if by else "",
        ),
        "restored": _(
            "%(by)s l’a sorti de la corbeille : vous y retrouvez tout, comme avant.", by=by.full_name if by else ""
        ),
    }
    send(member.email, subjects[kind], _("Bonjour %(name)s,", name=member.full_name) + f"\n\n{bodies[kind]}\n")


def proposed(transfer: Transfer, administrator: Account) -> None:
    """To an administrator of the destination: somebody is proposed."""
    send(
        administrator.email,
        _("%(name)s est proposé à « %(place)s »", name=transfer.account.full_name, place=transfer.destination.name),
        _(
            "Bonjour %(name)s,\n\n"
            "%(by)s propose que le compte de %(who)s passe de « %(former)s » à « %(place)s ».\n"
            "Acceptez ou refusez à cette adresse, dans les trente jours :\n\n%(url)s\n",
            name=administrator.full_name,
            by=transfer.proposed_by.full_name,
            who=transfer.account.full_name,
            former=transfer.origin.name,
            place=transfer.destination.name,
            url=_address("spaces.show_transfer", transfer_id=transfer.public_id),
        ),
    )


def about_to_move(transfer: Transfer) -> None:
    """To the person: they are proposed to another administration."""
    send(
        transfer.account.email,
        _("Votre compte Resana est proposé à une autre administration"),
        _(
            "Bonjour %(name)s,\n\n"
            "%(by)s propose que votre compte passe de « %(former)s » à « %(place)s ». Rien ne change tant que cette "
            "administration n’a pas accepté.\n",
            name=transfer.account.full_name,
            by=transfer.proposed_by.full_name,
            former=transfer.origin.name,
            place=transfer.destination.name,
        ),
    )


def member_leaves(transfer: Transfer, space: Space, lead: Account) -> None:
    """To a lead of a space that the person is about to leave: they may keep them."""
    send(
        lead.email,
        _("%(name)s va quitter l’espace « %(title)s »", name=transfer.account.full_name, title=space.title),
        _(
            "Bonjour %(name)s,\n\n"
            "%(who)s change d’administration et n’aura plus son rôle dans l’espace « %(title)s », à moins que vous ne "
            "le lui laissiez :\n\n%(url)s\n",
            name=lead.full_name,
            who=transfer.account.full_name,
            title=space.title,
            url=_address("spaces.members", space_id=space.public_id),
        ),
    )


def answered(transfer: Transfer, by: Account) -> None:
    """To who proposed somebody: the answer."""
    accepted = transfer.state == "accepted"
    send(
        transfer.proposed_by.email,
        _("%(name)s : réponse de « %(place)s »", name=transfer.account.full_name, place=transfer.destination.name),
        _("%(by)s a accepté votre proposition.", by=by.full_name)
        if accepted
        else _("%(by)s n’a pas retenu votre proposition : %(answer)s", by=by.full_name, answer=transfer.answer),
    )
