"""The administrations of the demonstration: Nouvelle-Aquitaine as it is spread over its cities.

The shape is the real one (a regional directorate has its seat in Bordeaux, Limoges or Poitiers and its
people in all three); every SIRET and mail domain is fictitious. Parents come before their children.
"""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of node an administration is in the tree."""

    STATE = "state"
    REGION = "region"
    PREFECTURE = "prefecture"
    DIRECTORATE = "directorate"
    AGENCY = "agency"
    ACADEMY = "academy"
    SERVICE = "service"
    PARTNERS = "partners"
    LOCAL_AUTHORITY = "local_authority"


class Policy(StrEnum):
    """Who may create spaces in an administration."""

    EVERYONE = "everyone"
    TEAM_LEADS = "team_leads"
    VALIDATED = "validated"


@dataclass(frozen=True)
class Node:
    """One administration; a node without a mail domain uses the one of its nearest ancestor that has one."""

    key: str
    name: str
    short_name: str
    kind: Kind
    city: str
    parent: str | None
    sirets: tuple[str, ...] = ()
    mail_domains: tuple[str, ...] = ()
    policy: Policy = Policy.TEAM_LEADS
    all_agents_may_read: bool = False
    successor: str | None = None
    """In which it has ended since."""


def luhn_valid(number: str) -> bool:
    """Whether the digits carry a right Luhn key, as the SIREN and the SIRET of INSEE do."""
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])) % 10 == 0


def fictitious_siret(rank: int) -> str:
    """The rank-th SIRET of the demonstration: SIREN 9999…, first establishment, both keys right."""
    return _with_key(_with_key(f"9999{rank:04d}") + "0001")


def _with_key(digits: str) -> str:
    return next(digits + key for key in "0123456789" if luhn_valid(digits + key))


def _departments() -> tuple[Node, ...]:
    """The twelve prefectures, then their twelve directorates (DDTM on the coast, DDT inland)."""
    departments = (
        ("16", "Charente", "de la Charente", "Angoulême"),
        ("17", "Charente-Maritime", "de la Charente-Maritime", "La Rochelle"),
        ("19", "Corrèze", "de la Corrèze", "Tulle"),
        ("23", "Creuse", "de la Creuse", "Guéret"),
        ("24", "Dordogne", "de la Dordogne", "Périgueux"),
        ("33", "Gironde", "de la Gironde", "Bordeaux"),
        ("40", "Landes", "des Landes", "Mont-de-Marsan"),
        ("47", "Lot-et-Garonne", "de Lot-et-Garonne", "Agen"),
        ("64", "Pyrénées-Atlantiques", "des Pyrénées-Atlantiques", "Pau"),
        ("79", "Deux-Sèvres", "des Deux-Sèvres", "Niort"),
        ("86", "Vienne", "de la Vienne", "Poitiers"),
        ("87", "Haute-Vienne", "de la Haute-Vienne", "Limoges"),
    )
    policies = tuple(Policy)
    prefectures, directorates = [], []
    for rank, (code, _name, of_name, city) in enumerate(departments):
        coast = code in {"17", "33", "40", "64"}
        long_name = "Direction départementale des territoires" + (" et de la mer" if coast else "")
        short_name = "DDTM" if coast else "DDT"
        prefectures.append(
            Node(
                key=f"prefecture-{code}",
                name=f"Préfecture {of_name}",
                short_name=f"Préfecture {code}",
                kind=Kind.PREFECTURE,
                city=city,
                parent="nouvelle-aquitaine",
                sirets=(fictitious_siret(20 + rank),),
                mail_domains=(f"pref{code}.example",),
                policy=policies[rank % 3],
            )
        )
        directorates.append(
            Node(
                key=f"{short_name.lower()}-{code}",
                name=f"{long_name} {of_name}",
                short_name=f"{short_name} {code}",
                kind=Kind.DIRECTORATE,
                city=city,
                parent="nouvelle-aquitaine",
                sirets=(fictitious_siret(40 + rank),),
                mail_domains=(f"{short_name.lower()}{code}.example",),
                policy=policies[(rank + 1) % 3],
            )
        )
    return (*prefectures, *directorates)


ADMINISTRATIONS: tuple[Node, ...] = (
    Node("etat", "État", "État", Kind.STATE, "Paris", None, policy=Policy.VALIDATED),
    Node(
        "nouvelle-aquitaine",
        "Services de l’État en Nouvelle-Aquitaine",
        "Nouvelle-Aquitaine",
        Kind.REGION,
        "Bordeaux",
        "etat",
        policy=Policy.VALIDATED,
    ),
    Node(
        "prefecture-region",
        "Préfecture de la région Nouvelle-Aquitaine",
        "Préfecture de région",
        Kind.PREFECTURE,
        "Bordeaux",
        "nouvelle-aquitaine",
        ("99990001200017",),
        ("pref-na.example",),
        Policy.TEAM_LEADS,
    ),
    Node(
        "sgar",
        "Secrétariat général pour les affaires régionales",
        "SGAR",
        Kind.SERVICE,
        "Bordeaux",
        "prefecture-region",
        policy=Policy.EVERYONE,
        all_agents_may_read=True,
    ),
    Node(
        "dreal",
        "Direction régionale de l’environnement, de l’aménagement et du logement",
        "DREAL Nouvelle-Aquitaine",
        Kind.DIRECTORATE,
        "Poitiers",
        "nouvelle-aquitaine",
        ("99990002000010",),
        ("dreal-na.example",),
        Policy.TEAM_LEADS,
    ),
    Node(
        "dreal-limoges",
        "DREAL, site de Limoges : patrimoine naturel et police de l’eau",
        "DREAL Limoges",
        Kind.SERVICE,
        "Limoges",
        "dreal",
        policy=Policy.TEAM_LEADS,
    ),
    Node(
        "dreal-bordeaux",
        "DREAL, site de Bordeaux : eau, air et transition énergétique",
        "DREAL Bordeaux",
        Kind.SERVICE,
        "Bordeaux",
        "dreal",
        policy=Policy.TEAM_LEADS,
    ),
    Node(
        "draaf",
        "Direction régionale de l’alimentation, de l’agriculture et de la forêt",
        "DRAAF Nouvelle-Aquitaine",
        Kind.DIRECTORATE,
        "Limoges",
        "nouvelle-aquitaine",
        (fictitious_siret(6),),
        ("draaf-na.example",),
        Policy.EVERYONE,
    ),
    Node(
        "drac",
        "Direction régionale des affaires culturelles",
        "DRAC Nouvelle-Aquitaine",
        Kind.DIRECTORATE,
        "Bordeaux",
        "nouvelle-aquitaine",
        (fictitious_siret(7),),
        ("drac-na.example",),
        Policy.TEAM_LEADS,
    ),
    # Two SIRETs and two mail domains: the State's labour and social-cohesion networks were merged in 2021.
    Node(
        "dreets",
        "Direction régionale de l’économie, de l’emploi, du travail et des solidarités",
        "DREETS Nouvelle-Aquitaine",
        Kind.DIRECTORATE,
        "Bordeaux",
        "nouvelle-aquitaine",
        ("99990004600015", "99990005300011"),
        ("dreets-na.example", "drdjscs-na.example"),
        Policy.VALIDATED,
    ),
    Node(
        "drdjscs",
        "Direction régionale et départementale de la jeunesse, des sports et de la cohésion sociale",
        "DRDJSCS Nouvelle-Aquitaine",
        Kind.DIRECTORATE,
        "Bordeaux",
        "nouvelle-aquitaine",
        successor="dreets",
    ),
    Node(
        "drfip",
        "Direction régionale des finances publiques",
        "DRFIP Nouvelle-Aquitaine",
        Kind.DIRECTORATE,
        "Bordeaux",
        "nouvelle-aquitaine",
        (fictitious_siret(8),),
        ("drfip-na.example",),
        Policy.VALIDATED,
    ),
    Node(
        "ars",
        "Agence régionale de santé Nouvelle-Aquitaine",
        "ARS Nouvelle-Aquitaine",
        Kind.AGENCY,
        "Bordeaux",
        "nouvelle-aquitaine",
        (fictitious_siret(9),),
        ("ars-na.example",),
        Policy.TEAM_LEADS,
    ),
    Node(
        "rectorat-bordeaux",
        "Rectorat de l’académie de Bordeaux",
        "Rectorat de Bordeaux",
        Kind.ACADEMY,
        "Bordeaux",
        "nouvelle-aquitaine",
        (fictitious_siret(10),),
        ("ac-bordeaux.example",),
        Policy.TEAM_LEADS,
    ),
    Node(
        "rectorat-limoges",
        "Rectorat de l’académie de Limoges",
        "Rectorat de Limoges",
        Kind.ACADEMY,
        "Limoges",
        "nouvelle-aquitaine",
        ("99990003800012",),
        ("ac-limoges.example",),
        Policy.VALIDATED,
    ),
    Node(
        "rectorat-poitiers",
        "Rectorat de l’académie de Poitiers",
        "Rectorat de Poitiers",
        Kind.ACADEMY,
        "Poitiers",
        "nouvelle-aquitaine",
        (fictitious_siret(11),),
        ("ac-poitiers.example",),
        Policy.EVERYONE,
    ),
    *_departments(),
    # A local authority administers itself freely: partners stand beside the State's tree, not under it.
    Node(
        "partenaires",
        "Collectivités territoriales partenaires",
        "Collectivités",
        Kind.PARTNERS,
        "Bordeaux",
        None,
        policy=Policy.VALIDATED,
    ),
    Node(
        "conseil-regional",
        "Conseil régional de Nouvelle-Aquitaine",
        "Conseil régional",
        Kind.LOCAL_AUTHORITY,
        "Bordeaux",
        "partenaires",
        (fictitious_siret(60),),
        ("conseil-regional-na.example",),
        Policy.TEAM_LEADS,
    ),
    Node(
        "cd-gironde",
        "Conseil départemental de la Gironde",
        "Département de la Gironde",
        Kind.LOCAL_AUTHORITY,
        "Bordeaux",
        "partenaires",
        (fictitious_siret(61),),
        ("departement-gironde.example",),
        Policy.EVERYONE,
    ),
    Node(
        "bordeaux-metropole",
        "Bordeaux Métropole",
        "Bordeaux Métropole",
        Kind.LOCAL_AUTHORITY,
        "Bordeaux",
        "partenaires",
        (fictitious_siret(62),),
        ("metropole-bordeaux.example",),
        Policy.TEAM_LEADS,
    ),
)

BY_KEY: dict[str, Node] = {node.key: node for node in ADMINISTRATIONS}


def ancestors(key: str) -> tuple[str, ...]:
    """The administration itself, then those above it up to the root."""
    chain = []
    at: str | None = key
    while at is not None:
        chain.append(at)
        at = BY_KEY[at].parent
    return tuple(chain)


def mail_domains(key: str) -> tuple[str, ...]:
    """The mail domains of an administration: its own, or those of the nearest one above that has some."""
    return next((BY_KEY[at].mail_domains for at in ancestors(key) if BY_KEY[at].mail_domains), ())
