"""Accueil des nouveaux arrivants: what one needs in the first weeks, for the whole region."""

from resana.demo.files import csv, docx, ods, pdf, plain
from resana.demo.story import Grant, Space, document, says, thread, version

BOOKLET = """
# Livret d’accueil des agents de l’État en Nouvelle-Aquitaine

Bienvenue ! Ce livret répond aux questions que l’on se pose les premières semaines, que l’on arrive à Bordeaux, à
Limoges, à Poitiers ou dans l’un des douze départements.

## Avant d’arriver

- Signer le procès-verbal d’installation.
- Envoyer le relevé d’identité bancaire et l’attestation de carte Vitale.
- Dire à votre service vos besoins d’aménagement de poste.

## La première journée

| Heure | Quoi | Avec qui |
| 9 h 00 | Accueil et badge | Secrétariat |
| 10 h 00 | Poste de travail, messagerie, Resana | Correspondant numérique |
| 14 h 00 | Tour des équipes | Votre parrain ou marraine |
| 16 h 00 | Premier point | Votre responsable |

---

## Une région, trois villes

La fusion de 2016 a réuni Aquitaine, Limousin et Poitou-Charentes. Les sièges des directions sont répartis entre
Bordeaux, Limoges et Poitiers, et beaucoup d’équipes travaillent sur deux ou trois sites. Les réunions se tiennent
donc par défaut en visioconférence, et les documents vivent dans les espaces Resana.

## Se déplacer

- Réservation des trains par l’outil de votre administration, ordre de mission obligatoire.
- Véhicules partagés : une réservation par équipe, covoiturage d’abord.

---

## Vos droits et vos interlocuteurs

| Sujet | Qui |
| Télétravail | Votre responsable, puis le bureau des ressources humaines |
| Restauration, logement, crèche | Service social interministériel |
| Handicap | Correspondant handicap de votre site |
| Mobilité | Conseiller mobilité-carrière de la plateforme régionale |
"""

CHECKLIST = """
# Accueillir un agent : la liste du parrain ou de la marraine

## Une semaine avant

- Appeler la personne.
- Vérifier le bureau, l’ordinateur et le badge.
- Demander les accès aux espaces Resana de l’équipe.

## Le premier mois

- Un déjeuner par semaine avec une équipe différente.
- Une visite d’un autre site.
- Un point à trois, avec le responsable, à J + 30.

## Rapport d’étonnement

Au bout de trois mois, la nouvelle ou le nouveau raconte ce qui l’a surpris. On écoute, on ne se justifie pas.
"""

ARRIVALS = [
    ["Mois", "Bordeaux", "Limoges", "Poitiers", "Autres sites"],
    ["Septembre", 31, 14, 12, 22],
    ["Octobre", 12, 6, 7, 9],
    ["Novembre", 8, 5, 3, 6],
    ["Janvier", 15, 7, 9, 11],
]

ACCUEIL = Space(
    key="accueil",
    title="Accueil des nouveaux arrivants",
    description="Livret, démarches, parrainage, questions des premières semaines, pour tous les services de l’État de la région.",
    purpose="Que chaque nouvel agent trouve en un endroit ce dont il a besoin, et quelqu’un qui lui répond.",
    owner="prefecture-region",
    created_by="salome-mirabelle",
    created_days_ago=240,
    visibility="administration",
    visibility_level="reader",
    grants=(
        Grant("person", "salome-mirabelle", "lead"),
        Grant("person", "odile-genevrier", "lead"),
        Grant("person", "madeleine-tilleul", "moderator"),
        Grant("person", "noe-sureau", "moderator"),
        Grant("person", "blanche-narcisse", "contributor"),
        Grant("person", "colette-muguet", "contributor"),
        Grant("person", "basile-cornouiller", "contributor"),
        Grant("person", "celeste-ancolie", "contributor"),
        Grant("person", "agathe-houblon", "contributor"),
        Grant("person", "clemence-myrtille", "contributor"),
        Grant("person", "robin-lavande", "contributor"),
        Grant("person", "anatole-erable", "contributor"),
        Grant("subtree", "nouvelle-aquitaine", "reader"),
    ),
    folders=("Livret", "Parrainage", "Démarches", "Démarches/Logement", "Démarches/Transport", "Journées d’accueil"),
    documents=(
        document(
            "Livret d’accueil.pdf",
            "Livret",
            version(
                "salome-mirabelle",
                120,
                "16:00",
                pdf,
                BOOKLET.replace("- Dire à votre service vos besoins d’aménagement de poste.\n", ""),
            ),
            version(
                "blanche-narcisse",
                52,
                "11:10",
                pdf,
                BOOKLET.replace("| Restauration, logement, crèche | Service social interministériel |\n", ""),
            ),
            version("salome-mirabelle", 17, "14:35", pdf, BOOKLET),
        ),
        document(
            "Liste du parrain ou de la marraine.docx",
            "Parrainage",
            version("noe-sureau", 60, "09:50", docx, CHECKLIST.replace("- Une visite d’un autre site.\n", "")),
            version("madeleine-tilleul", 41, "15:25", docx, CHECKLIST),
        ),
        document(
            "Parrains et marraines.csv",
            "Parrainage",
            version(
                "salome-mirabelle",
                34,
                "10:00",
                csv,
                [
                    ["Site", "Parrain ou marraine", "Service", "Places"],
                    ["Bordeaux", "Basile Cornouiller", "Préfecture de région", 2],
                    ["Limoges", "Clémence Myrtille", "DREAL", 1],
                    ["Poitiers", "Blanche Narcisse", "Préfecture de la Vienne", 2],
                    ["Guéret", "Colette Muguet", "Préfecture de la Creuse", 1],
                ],
            ),
        ),
        document(
            "Arrivées prévues.ods",
            "Journées d’accueil",
            version("odile-genevrier", 38, "17:20", ods, {"Arrivées": ARRIVALS[:4]}),
            version("odile-genevrier", 11, "17:05", ods, {"Arrivées": ARRIVALS}),
        ),
        document(
            "Trouver un logement.md",
            "Démarches/Logement",
            version(
                "agathe-houblon",
                48,
                "10:45",
                plain,
                """
# Trouver un logement

- **Bordeaux** : déposer la demande auprès de la section régionale interministérielle d’action sociale dès l’affectation.
- **Limoges** et **Poitiers** : l’offre privée suffit le plus souvent ; comptez trois semaines.
- **Littoral** : éviter les baux qui s’arrêtent en juin.

L’avance pour l’installation est demandée *dans les quatre mois* qui suivent l’affectation.
""",
            ),
        ),
    ),
    threads=(
        thread(
            "Vos questions des premières semaines",
            says(
                "salome-mirabelle",
                60,
                "09:00",
                "Posez ici toutes vos questions, même celles qui semblent trop simples. **Surtout celles-là.**",
            ),
            says(
                "robin-lavande",
                47,
                "08:35",
                "Je viens d’arriver à Périgueux. Comment réserver un véhicule partagé quand on n’a pas encore son badge ?",
            ),
            says(
                "basile-cornouiller",
                47,
                "09:20",
                "Par le secrétariat général commun de la Dordogne, qui ouvre un accès provisoire de quinze jours.",
                reply_to=2,
            ),
            says("robin-lavande", 47, "09:26", "Merci, c’est fait en cinq minutes.", reply_to=3),
            says(
                "clemence-myrtille", 45, "12:50", "Peut-on demander le forfait mobilités durables la première année ?"
            ),
            says(
                "madeleine-tilleul",
                45,
                "14:05",
                "Oui, dès 30 jours de vélo ou de covoiturage dans l’année civile. L’attestation est à remettre avant le 31 décembre.",
                reply_to=5,
            ),
            says(
                "anatole-erable",
                36,
                "10:10",
                "Où trouve-t-on les jours de fermeture du restaurant administratif de Bordeaux ?",
            ),
            says("salome-mirabelle", 36, "10:31", "Bonne question : nulle part ! Je les ajoute au livret.", reply_to=7),
            says(
                "salome-mirabelle",
                17,
                "14:40",
                "C’est ajouté, page 3, avec le service social.",
                reply_to=8,
                attach=("Livret d’accueil.pdf",),
            ),
            says(
                "celeste-ancolie",
                5,
                "09:15",
                "Une collègue rejoint la DRAC à Limoges après dix ans à Bordeaux. Existe-t-il une aide au déménagement entre sites ?",
            ),
            says(
                "odile-genevrier",
                5,
                "11:02",
                """
Oui, sous conditions :

1. changement de résidence administrative d’au moins 20 km ;
2. cinq ans dans la résidence précédente (sauf première mutation : trois ans) ;
3. demande **dans l’année** qui suit.

Qu’elle m’écrive, nous regarderons son dossier ensemble.
""",
                reply_to=10,
            ),
            says("celeste-ancolie", 5, "11:15", "Elle va être soulagée. Merci beaucoup !", reply_to=11),
        ),
        thread(
            "Parrainage : volontaires recherchés",
            says(
                "salome-mirabelle",
                42,
                "10:00",
                "Vingt-deux arrivées en janvier hors des trois villes, et seulement quatre parrains. Qui peut donner deux heures par mois ?",
            ),
            says("colette-muguet", 42, "10:24", "Moi, à Guéret. Une personne à la fois."),
            says("blanche-narcisse", 42, "13:15", "Deux places à Poitiers."),
            says(
                "noe-sureau",
                41,
                "09:10",
                "À la DREAL, j’en parle aux chefs de service. La liste du parrain est-elle à jour ?",
            ),
            says(
                "madeleine-tilleul",
                41,
                "15:30",
                "Oui depuis tout à l’heure : j’ai ajouté la visite d’un autre site.",
                reply_to=4,
                attach=("Liste du parrain ou de la marraine.docx",),
            ),
            says(
                "salome-mirabelle",
                34,
                "10:05",
                "Le tableau des volontaires est en ligne. Merci à vous.",
                attach=("Parrains et marraines.csv",),
            ),
        ),
        thread(
            "Journée d’accueil de janvier",
            says(
                "odile-genevrier",
                11,
                "17:10",
                "42 arrivées en janvier. Je propose une journée commune, matin en visioconférence, après-midi sur chaque site.",
                attach=("Arrivées prévues.ods",),
            ),
            says(
                "noe-sureau",
                10,
                "08:55",
                "Très bien. Pour Poitiers et Limoges, nous pouvons accueillir l’après-midi à la DREAL.",
            ),
            says(
                "blanche-narcisse",
                10,
                "10:30",
                "Pensez à demander les besoins d’accessibilité **dans** le formulaire d’inscription, pas la veille.",
                first_written="Pensez à demander les besoins d’accessibilité dans le formulaire.",
            ),
            says("odile-genevrier", 10, "10:44", "C’est noté, la question sera la première.", reply_to=3),
            says(
                "agathe-houblon",
                9,
                "16:00",
                "La DREETS tient un stand sur l’égalité professionnelle. Il nous faut une table et une prise.",
            ),
            says(
                "odile-genevrier",
                2,
                "11:30",
                """
Programme arrêté :

| Heure | Séquence |
| --- | --- |
| 9 h 30 | Mot d’accueil, en visioconférence |
| 10 h 00 | La région en une heure |
| 11 h 15 | Questions |
| 14 h 00 | Sur chaque site : tour des équipes |
""",
            ),
        ),
    ),
)
