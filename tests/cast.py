"""The small cast that tests play with, built by real actions; each is there for one kind of person.

État
└── région Nouvelle-Aquitaine            Rose administers it
    ├── DREAL (Poitiers)                 Inès leads the space, Marc moderates it, Adam administers the DREAL;
│   │                                its spaces may be open to read for all agents
    │   └── DREAL, service de Limoges    Lucie reads through her administration (sub-tree of the DREAL)
    ├── préfecture (Bordeaux)            Bruno contributes, Sami is suspended
    └── rectorat (Limoges)               Olga is an outsider, Réjane administers the rectorat
Petra administers the platform, and belongs to the région. Gaël comes from outside: Inès invited him to contribute to
the space, for a month; Gilda's time is over. Both have the second factor that guests owe.
"""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy import select

from resana.accounts import actions as accounts
from resana.accounts import administrators
from resana.accounts import guests as from_outside
from resana.accounts.factors import totp
from resana.accounts.factors.models import FactorKind, SecondFactor
from resana.accounts.models import Account, AccountStatus
from resana.administrations import actions as administrations
from resana.administrations.models import Administration, SpaceCreation
from resana.core.actions import action
from resana.core.clock import now, pretending
from resana.core.database import session
from resana.spaces import actions as spaces
from resana.spaces import grants, guests
from resana.spaces.models import Role, Space

PEOPLE = {
    "ines": ("Inès", "Moreau", "dreal"),
    "marc": ("Marc", "Leroux", "dreal"),
    "adam": ("Adam", "Texier", "dreal"),
    "lucie": ("Lucie", "Faure", "dreal_limoges"),
    "bruno": ("Bruno", "Castaing", "prefecture"),
    "sami": ("Sami", "Ferrand", "prefecture"),
    "olga": ("Olga", "Roussel", "rectorat"),
    "rejane": ("Réjane", "Vidal", "rectorat"),
    "rose": ("Rose", "Delmas", "region"),
    "xavier": ("Xavier", "Blanchard", "state"),
    "petra": ("Petra", "Nadaud", "region"),
}


@action
def build() -> None:
    """Make the cast and its one space."""
    nodes: dict[str, Administration] = {}
    for key, parent, kind, name, short, city in (
        ("state", None, "state", "État", "État", "Paris"),
        ("region", "state", "region", "Région Nouvelle-Aquitaine", "Nouvelle-Aquitaine", "Bordeaux"),
        ("dreal", "region", "directorate", "Direction de l’environnement", "DREAL", "Poitiers"),
        ("dreal_limoges", "dreal", "service", "DREAL, service de Limoges", "DREAL Limoges", "Limoges"),
        ("prefecture", "region", "prefecture", "Préfecture de région", "Préfecture", "Bordeaux"),
        ("rectorat", "region", "academy", "Rectorat de Limoges", "Rectorat", "Limoges"),
    ):
        nodes[key] = administrations.create(
            name=name,
            short_name=short,
            kind=kind,
            city=city,
            parent=nodes.get(parent or ""),
            mail_domains=[f"{key.replace('_', '-')}.example"],
            space_creation=SpaceCreation.VALIDATED if key == "rectorat" else SpaceCreation.TEAM_LEADS,
            all_agents_may_read=key == "dreal",
        )
    people: dict[str, Account] = {}
    for key, (first, last, home) in PEOPLE.items():
        people[key] = accounts.create(
            email=f"{key}@{home.replace('_', '-')}.example",
            first_name=first,
            last_name=last,
            administration=nodes[home],
            team_lead=key in ("ines", "marc"),
            by=None,
        )
        people[key].status = AccountStatus.ACTIVE
    people["petra"].platform_admin = True
    administrators.appoint(people["adam"], nodes["dreal"])
    administrators.appoint(people["rejane"], nodes["rectorat"])
    administrators.appoint(people["rose"], nodes["region"])
    session.flush()

    space = spaces.create(title="Cellule sécheresse", description="Suivre les arrêtés.", by=people["ines"])
    for principal, role, subtree in (
        (people["marc"], Role.MODERATOR, False),
        (people["bruno"], Role.CONTRIBUTOR, False),
        (people["sami"], Role.CONTRIBUTOR, False),
        (nodes["dreal"], Role.READER, True),
    ):
        grants.bring_in(space, principal, role, by=people["ines"], their_role=Role.LEAD, subtree=subtree)
    people["sami"].status = AccountStatus.SUSPENDED
    guests.allow(space, True, by=people["ines"])
    _bring_in_guest(space, "gael@bureau-etudes.example", "Gaël", "Morvan", people["ines"])
    with pretending(now() - timedelta(days=60)):
        _bring_in_guest(space, "gilda@bureau-etudes.example", "Gilda", "Kersauson", people["ines"])


def _bring_in_guest(space: Space, email: str, first: str, last: str, sponsor: Account) -> None:
    until = now() + timedelta(days=30)
    guest = from_outside.described(
        email=email,
        first_name=first,
        last_name=last,
        organisation="Bureau d’études Morvan",
        home=space.owner_administration,
    )
    from_outside.open_account(guest, sponsor=sponsor, valid_until=until, password_hash=None)
    guests.admit(space, guest, Role.CONTRIBUTOR, until, by=sponsor)
    sealed = totp.sealed("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", guest)
    session.add(SecondFactor(account_id=guest.id, kind=FactorKind.TOTP, name="Téléphone", sealed_secret=sealed))
    session.flush()


def find() -> SimpleNamespace:
    """The cast by name (`cast.ines`), its administrations (`cast.at.dreal`), and its space (`cast.space`)."""
    everybody = session.execute(select(Account)).scalars().all()
    found = {account.email.partition("@")[0]: account for account in everybody}
    nodes = {node.name: node for node in session.execute(select(Administration)).scalars()}
    at = SimpleNamespace(
        state=nodes["État"],
        region=nodes["Région Nouvelle-Aquitaine"],
        dreal=nodes["Direction de l’environnement"],
        dreal_limoges=nodes["DREAL, service de Limoges"],
        prefecture=nodes["Préfecture de région"],
        rectorat=nodes["Rectorat de Limoges"],
    )
    space = session.execute(select(Space).where(Space.title == "Cellule sécheresse")).scalar_one()
    return SimpleNamespace(**found, at=at, space=space)
