"""The people of the demonstration: sixty agents who bear the names of plants, so that nobody takes them for real.

Those with a `what` are shown to newcomers; it says in one French sentence what the account lets one try.
"""

from dataclasses import dataclass
from typing import Literal
from unicodedata import combining, normalize

from resana.demo.administrations import mail_domains

PASSWORD = "demonstration-resana-2026"


@dataclass(frozen=True)
class Person:
    """One account; `scopes` are the administrations whose sub-tree this person administers."""

    key: str
    first_name: str
    last_name: str
    email: str
    administration: str
    job_title: str
    team_lead: bool = False
    status: Literal["active", "suspended"] = "active"
    scopes: tuple[str, ...] = ()
    platform_admin: bool = False
    what: str | None = None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}"


def _plain(name: str) -> str:
    """A name as it stands in an e-mail address: lower case, without accents or spaces."""
    letters = normalize("NFD", name.lower())
    return "".join(letter for letter in letters if not combining(letter)).replace(" ", "-").replace("œ", "oe")


def _person(first_name: str, last_name: str, administration: str, job_title: str, **rest) -> Person:
    domain = rest.pop("domain", None) or mail_domains(administration)[0]
    local = f"{_plain(first_name)}.{_plain(last_name)}"
    return Person(
        key=local.replace(".", "-"),
        first_name=first_name,
        last_name=last_name,
        email=f"{local}@{domain}",
        administration=administration,
        job_title=job_title,
        **rest,
    )


PEOPLE: tuple[Person, ...] = (
    # Shown to newcomers: three agents of three cities first, who share the space on drought.
    _person(
        "Simon",
        "Noisetier",
        "dreal-limoges",
        "Hydrobiologiste",
        what="Agent à Limoges : lit et écrit dans la cellule sécheresse, dépose une nouvelle version, reçoit les messages en direct.",
    ),
    _person(
        "Inès",
        "Bruyère",
        "dreal",
        "Cheffe de l’unité hydrologie",
        team_lead=True,
        what="Responsable d’équipe à Poitiers : responsable de la cellule sécheresse, crée des espaces et donne les accès.",
    ),
    _person(
        "Camille",
        "Romarin",
        "sgar",
        "Chargée de mission innovation publique",
        team_lead=True,
        what="Agente à Bordeaux : responsable du Mois de l’innovation publique, préparé avec des collègues des trois villes ; écrit aussi dans le Labo’mobile.",
    ),
    _person(
        "Marius",
        "Châtaigne",
        "draaf",
        "Chef du pôle viticulture et agroécologie",
        team_lead=True,
        what="Responsable d’équipe à la DRAAF (Limoges) : anime VitiREV pour l’État et voit des espaces où demander l’accès.",
    ),
    _person(
        "Elsa",
        "Mélisse",
        "ars",
        "Responsable du pôle santé-environnement",
        team_lead=True,
        what="Responsable du plan régional santé-environnement : deux demandes d’accès attendent sa réponse.",
    ),
    _person(
        "Diane",
        "Sarment",
        "conseil-regional",
        "Directrice de projet VitiREV",
        team_lead=True,
        what="Partenaire du conseil régional : responsable de VitiREV, un espace mené par une collectivité avec l’État.",
    ),
    _person(
        "Paul",
        "Jonquille",
        "rectorat-limoges",
        "Conseiller pour l’éducation au développement durable",
        what="Agent du rectorat de Limoges : sa demande de création d’espace attend la validation de son administration.",
    ),
    _person(
        "Madeleine",
        "Tilleul",
        "rectorat-limoges",
        "Cheffe du bureau des ressources humaines",
        scopes=("rectorat-limoges",),
        what="Administratrice du rectorat de Limoges : gère ses comptes, et eux seuls, et répond aux demandes d’espace.",
    ),
    _person(
        "Noé",
        "Sureau",
        "dreal",
        "Responsable des ressources humaines",
        scopes=("dreal",),
        what="Administrateur de la DREAL : crée, modifie et suspend les comptes de Poitiers, Limoges et Bordeaux.",
    ),
    _person(
        "Odile",
        "Genévrier",
        "prefecture-region",
        "Responsable de la plateforme régionale des ressources humaines",
        team_lead=True,
        scopes=("nouvelle-aquitaine",),
        what="Administratrice de toute la région : déplace un agent d’une administration à une autre.",
    ),
    _person(
        "Hugo",
        "Tamaris",
        "prefecture-region",
        "Administrateur de la plateforme Resana",
        platform_admin=True,
        what="Administrateur de la plateforme : sait quels espaces existent, sans en lire le contenu.",
    ),
    _person(
        "Octave",
        "Ortie",
        "drac",
        "Chargé d’études",
        status="suspended",
        what="Compte suspendu : la connexion est refusée, avec le même message que pour un mot de passe faux.",
    ),
    # Bordeaux: préfecture de région and its SGAR
    _person("Lucas", "Chèvrefeuille", "sgar", "Designer de services"),
    _person("Salomé", "Mirabelle", "sgar", "Conseillère mobilité-carrière", team_lead=True),
    _person("Basile", "Cornouiller", "prefecture-region", "Gestionnaire au secrétariat général commun"),
    # DREAL: Poitiers, Limoges, Bordeaux
    _person("Judith", "Fougère", "dreal", "Hydrologue"),
    _person("Mathis", "Ajonc", "dreal", "Géomaticien"),
    _person("Apolline", "Verveine", "dreal", "Chargée de mission santé-environnement"),
    _person("Clémence", "Myrtille", "dreal-limoges", "Inspectrice de l’environnement, police de l’eau"),
    _person("Gaspard", "Alisier", "dreal-limoges", "Chef du service patrimoine naturel", team_lead=True),
    _person("Flora", "Glycine", "dreal-bordeaux", "Chargée de mission eau et vigne"),
    _person("Augustin", "Platane", "dreal-bordeaux", "Chargé d’études qualité de l’air"),
    # Other regional directorates
    _person("Léonie", "Sarriette", "draaf", "Chargée de mission Écophyto"),
    _person("Victor", "Bourrache", "draaf", "Statisticien agricole"),
    _person("Céleste", "Ancolie", "drac", "Conseillère pour l’action culturelle", team_lead=True),
    _person("Oscar", "Lierre", "drac", "Chargé de communication"),
    _person("Agathe", "Houblon", "dreets", "Chargée de mission mutations économiques", team_lead=True),
    _person("Félix", "Camomille", "dreets", "Inspecteur jeunesse et solidarités", domain="drdjscs-na.example"),
    _person("Rosalie", "Pervenche", "drfip", "Contrôleuse budgétaire", team_lead=True),
    _person("Anatole", "Érable", "drfip", "Chargé de la transformation numérique"),
    _person("Tom", "Valériane", "ars", "Ingénieur d’études sanitaires"),
    _person("Garance", "Coquelicot", "ars", "Chargée de mission habitat et santé"),
    _person("Jules", "Estragon", "ars", "Statisticien"),
    # Rectorats
    _person("Zoé", "Pâquerette", "rectorat-limoges", "Infirmière conseillère technique"),
    _person("Achille", "Sorbier", "rectorat-limoges", "Chargé de formation"),
    _person("Héloïse", "Capucine", "rectorat-bordeaux", "Conseillère technique santé", team_lead=True),
    _person("Adrien", "Bleuet", "rectorat-bordeaux", "Chargé de mission bâti scolaire"),
    _person("Suzanne", "Primevère", "rectorat-poitiers", "Déléguée à la formation des personnels", team_lead=True),
    _person("Éliott", "Réséda", "rectorat-poitiers", "Correspondant numérique"),
    # Préfectures of the départements
    _person("Colette", "Muguet", "prefecture-23", "Chargée de mission ruralité"),
    _person("Arthur", "Dahlia", "prefecture-64", "Chef du bureau de la communication", team_lead=True),
    _person("Blanche", "Narcisse", "prefecture-86", "Correspondante accueil et handicap"),
    _person("Léandre", "Pivoine", "prefecture-33", "Chargé de l’accueil des usagers"),
    # One correspondent in each DDT(M)
    _person("Yann", "Aubépine", "ddt-16", "Chef de l’unité gestion quantitative", team_lead=True),
    _person("Maëlle", "Nénuphar", "ddtm-17", "Chargée de la ressource en eau"),
    _person("Émile", "Ronce", "ddt-19", "Chargé de la police de l’eau"),
    _person("Louise", "Callune", "ddt-23", "Cheffe du service eau et milieux", team_lead=True),
    _person("Robin", "Lavande", "ddt-24", "Technicien de l’environnement"),
    _person("Nina", "Mimosa", "ddtm-33", "Chargée de la gestion de crise"),
    _person("Gabin", "Séquoia", "ddtm-40", "Chargé de l’irrigation"),
    _person("Alma", "Santoline", "ddt-47", "Cheffe de l’unité irrigation", team_lead=True),
    _person("Xavier", "Achillée", "ddtm-64", "Chargé des étiages"),
    _person("Lila", "Roquette", "ddt-79", "Chargée des prélèvements"),
    _person("Bastien", "Charme", "ddt-86", "Chargé des arrêtés de restriction"),
    _person("Perrine", "Églantine", "ddt-87", "Technicienne police de l’eau"),
    # Partners: local authorities
    _person(
        "Ulysse",
        "Ciboulette",
        "conseil-regional",
        "Chargé de mission agroécologie",
        scopes=("conseil-regional",),
    ),
    _person("Manon", "Marjolaine", "cd-gironde", "Responsable du laboratoire d’innovation", team_lead=True),
    _person("Théo", "Potiron", "cd-gironde", "Médiateur numérique"),
    _person("Iris", "Hortensia", "bordeaux-metropole", "Cheffe de projet participation citoyenne", team_lead=True),
    _person("Léon", "Pissenlit", "bordeaux-metropole", "Chargé de mission santé environnementale"),
)

BY_KEY: dict[str, Person] = {person.key: person for person in PEOPLE}

SHOWN: tuple[Person, ...] = tuple(person for person in PEOPLE if person.what)
