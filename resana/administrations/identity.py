"""By what an administration is known outside: its SIRETs, and the domains of its mail addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, select

from resana.acts import Act
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import Conflict, Refused
from resana.permissions import Can, can, obtain

from . import tree
from .models import Administration, AdministrationDomain, AdministrationSiret

Account = Any
"""An account's row; its package stands above this one."""

MOST = 50
"""SIRETs, or mail domains, that one administration may have."""
LA_POSTE = "356000000"
"""The SIREN whose establishments have no Luhn key: the sum of their digits is a multiple of five (INSEE)."""
OPEN_TO_ANYBODY = frozenset(
    {
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "outlook.fr",
        "hotmail.com",
        "hotmail.fr",
        "live.com",
        "live.fr",
        "msn.com",
        "yahoo.com",
        "yahoo.fr",
        "icloud.com",
        "me.com",
        "aol.com",
        "gmx.com",
        "gmx.fr",
        "proton.me",
        "protonmail.com",
        "orange.fr",
        "wanadoo.fr",
        "free.fr",
        "sfr.fr",
        "neuf.fr",
        "laposte.net",
        "bbox.fr",
        "numericable.fr",
    }
)
"""Domains in which anybody has an address: they say nothing about an administration."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_SPACES = re.compile(r"[\s\u00a0\u202f.]+")


def clean_siret(text: str) -> str:
    """Fourteen digits with a right key, as INSEE gives them. Raises Refused at `sirets`."""
    siret = _SPACES.sub("", text)
    if not re.fullmatch(r"[0-9]{14}", siret):
        raise Refused(
            _("« %(siret)s » n’est pas un SIRET : il a 14 chiffres, par exemple 999 900 012 00017.", siret=text[:40]),
            "sirets",
        )
    digits = [int(digit) for digit in reversed(siret)]
    luhn = sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    if luhn % 10 and not (siret.startswith(LA_POSTE) and sum(digits) % 5 == 0):
        raise Refused(
            _("Le SIRET %(siret)s contient une erreur de frappe : sa clé de contrôle est fausse.", siret=siret),
            "sirets",
        )
    return siret


def clean_domain(text: str) -> str:
    """A domain as we keep and compare it: lower case, in the letters of DNS. Raises Refused at `mail_domains`."""
    domain = text.strip().lower().removeprefix("@").rstrip(".")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
    except UnicodeError:
        domain = ""
    labels = domain.split(".")
    if len(domain) > 200 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused(
            _("« %(domain)s » n’est pas un domaine de messagerie, par exemple dreal.example.", domain=text[:60]),
            "mail_domains",
        )
    if domain in OPEN_TO_ANYBODY:
        raise Refused(
            _(
                "N’importe qui peut avoir une adresse en %(domain)s : ce domaine ne désigne pas une administration.",
                domain=domain,
            ),
            "mail_domains",
        )
    return domain


@action
def identify(
    administration: Administration, *, sirets: Sequence[str], mail_domains: Sequence[str], by: Account | None
) -> None:
    """Say by which SIRETs and mail domains an administration is known; those that are left out are given up.

    Raises Refused, or Conflict where one of them is another administration's.
    """
    tree.hold()
    if by is not None:
        obtain(by, Can.IDENTIFY_ADMINISTRATION, administration_id=administration.public_id)
    wanted = {
        AdministrationSiret: _once(map(clean_siret, sirets), "sirets"),
        AdministrationDomain: _once(map(clean_domain, mail_domains), "mail_domains"),
    }
    changed = False
    for model, values in wanted.items():
        changed |= _keep(model, values, administration, by)
    if changed:
        tell(
            Act.ADMINISTRATION_IDENTIFIED,
            by=by,
            of=administration,
            administration_id=administration.id,
            sirets=len(wanted[AdministrationSiret]),
            mail_domains=len(wanted[AdministrationDomain]),
        )


def _once(values: Iterable[str], field: str) -> list[str]:
    found = list(dict.fromkeys(values))
    if len(found) > MOST:
        raise Refused(_("%(most)d au plus.", most=MOST), field)
    return found


def _keep(model: Any, values: list[str], administration: Administration, by: Account | None) -> bool:
    column = model.siret if model is AdministrationSiret else model.domain
    taken = session.execute(
        select(column, Administration)
        .join(Administration, Administration.id == model.administration_id)
        .where(column.in_(values), model.administration_id != administration.id)
        .order_by(column)
    ).first()
    if taken is not None:
        raise _taken(taken[0], taken[1], by, "sirets" if model is AdministrationSiret else "mail_domains")
    known = set(session.execute(select(column).where(model.administration_id == administration.id)).scalars())
    if known == set(values):
        return False
    session.execute(
        delete(model)
        .where(model.administration_id == administration.id, column.not_in(values))
        .execution_options(synchronize_session="fetch")
    )
    session.add_all(
        model(**{column.key: value, "administration_id": administration.id}) for value in values if value not in known
    )
    session.flush()
    return True


def _taken(value: str, other: Administration, by: Account | None, field: str) -> Conflict:
    """Whose it is, is only said to who may see that one."""
    if by is not None and can(by, Can.SEE_ADMINISTRATION, other):
        return Conflict(_("%(value)s est déjà à « %(name)s ».", value=value, name=other.name), field)
    return Conflict(_("%(value)s est déjà à une autre administration.", value=value), field)


def by_address(email: str) -> Administration | None:
    """The administration of today to whose people a mail address belongs.

    The domain is compared whole: an address in x.dreal.example, or in evil-dreal.example, is not one in dreal.example
    (the trap of suffixes, Discourse CVE-2026-33393).
    """
    _name, at, domain = email.strip().lower().rpartition("@")
    try:
        domain = clean_domain(domain) if at else ""
    except Refused:
        return None
    return session.execute(
        select(Administration)
        .join(AdministrationDomain, AdministrationDomain.administration_id == Administration.id)
        .where(AdministrationDomain.domain == domain, Administration.status == "active")
    ).scalar_one_or_none()
