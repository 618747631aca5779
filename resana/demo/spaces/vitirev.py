"""VitiREV: the vineyards of the region do without pesticides, led by the conseil régional with State services."""

from resana.demo.files import bars, csv, docx, ods, pdf, plain
from resana.demo.story import Grant, Space, document, says, thread, version

LABS = [
    ["Laboratoire d’innovation territoriale", "Vignoble", "Domaines engagés", "Surface (ha)", "Baisse de l’IFT (%)"],
    ["Coteaux du Nord", "Charentais", 42, 1180, 18.5],
    ["Rive des Graves", "Bordelais", 57, 960, 24.0],
    ["Haut Pays", "Bergeracois", 31, 610, 21.5],
    ["Piémont", "Jurançonnais", 19, 240, 27.0],
    ["Val de Garonne", "Marmandais", 14, 205, 15.0],
]

COMMITTEE = """
# VitiREV : dossier du comité de pilotage

Sortir la vigne des pesticides : où en sont les laboratoires d’innovation territoriale, et ce que le comité doit décider.

## Avancement

Cinq laboratoires sont actifs ; 163 domaines sont engagés, sur 3 195 hectares. L’indice de fréquence de traitement
baisse de 21 % en moyenne par rapport à la période de référence, avec de forts écarts entre vignobles.

| Laboratoire | Domaines | Baisse de l’IFT |
| Coteaux du Nord | 42 | 18,5 % |
| Rive des Graves | 57 | 24,0 % |
| Haut Pays | 31 | 21,5 % |
| Piémont | 19 | 27,0 % |
| Val de Garonne | 14 | 15,0 % |

## Ce qui marche

- Les cépages résistants plantés en bordure d’habitation.
- Le prêt de pulvérisateurs confinés entre voisins.
- Les réunions au bord de la parcelle, plutôt qu’en salle.

---

## Difficultés

La pression du mildiou a conduit huit domaines à reprendre des traitements. Le délai de paiement des aides à
l’équipement atteint neuf mois. Les écoles riveraines demandent un calendrier des traitements.

## Décisions attendues

- Reconduire l’appel à projets « matériel partagé ».
- Expérimenter un calendrier de traitement affiché, avec trois communes volontaires.
- Désigner un correspondant unique pour le paiement des aides.

---

## Annexe : calendrier

| Échéance | Étape |
| Trimestre 1 | Relevé des IFT |
| Trimestre 2 | Visites croisées entre laboratoires |
| Trimestre 3 | Bilan sanitaire |
| Trimestre 4 | Rapport annuel |
"""

CALL = """
# Appel à projets « matériel partagé »

## Objet

Soutenir l’achat en commun de pulvérisateurs confinés, d’outils de travail du sol sous le rang et de stations météo.

## Bénéficiaires

- Coopératives d’utilisation de matériel agricole.
- Groupements d’au moins trois domaines.
- Collectivités qui mettent le matériel à disposition.

## Taux d’aide

| Dépense | Taux | Plafond |
| Pulvérisateur confiné | 40 % | 60 000 € |
| Travail du sol | 30 % | 25 000 € |
| Station météo | 50 % | 4 000 € |

## Dépôt des dossiers

Les dossiers sont complets à la date de clôture ; aucune pièce n’est acceptée après.
"""

VITIREV = Space(
    key="vitirev",
    title="VitiREV",
    description="Sortir les vignobles de Nouvelle-Aquitaine des pesticides : laboratoires d’innovation, aides, résultats.",
    purpose="Réunir la Région, les services de l’État et les collectivités autour des mêmes dossiers et des mêmes chiffres.",
    owner="conseil-regional",
    created_by="diane-sarment",
    created_days_ago=180,
    visibility="agents",
    visibility_level="card",
    grants=(
        Grant("person", "diane-sarment", "lead"),
        Grant("person", "ulysse-ciboulette", "lead"),
        Grant("person", "marius-chataigne", "moderator"),
        Grant("person", "flora-glycine", "contributor"),
        Grant("person", "elsa-melisse", "contributor"),
        Grant("person", "rosalie-pervenche", "contributor"),
        Grant("person", "camille-romarin", "reader"),
        Grant("administration", "conseil-regional", "contributor"),
        Grant("administration", "draaf", "contributor"),
        Grant("administration", "ddtm-33", "reader"),
        Grant("subtree", "dreal", "reader"),
    ),
    folders=(
        "Pilotage",
        "Pilotage/Comité de pilotage",
        "Laboratoires",
        "Laboratoires/Relevés",
        "Appel à projets",
        "Riverains et écoles",
    ),
    documents=(
        document(
            "Dossier du comité de pilotage.pdf",
            "Pilotage/Comité de pilotage",
            version(
                "ulysse-ciboulette",
                24,
                "18:10",
                pdf,
                COMMITTEE.replace("- Désigner un correspondant unique pour le paiement des aides.\n", ""),
            ),
            version("diane-sarment", 21, "09:30", pdf, COMMITTEE),
        ),
        document(
            "Indicateurs des laboratoires.ods",
            "Laboratoires/Relevés",
            version("victor-bourrache", 35, "14:15", ods, {"Laboratoires": LABS[:5]}),
            version(
                "victor-bourrache",
                26,
                "11:45",
                ods,
                {"Laboratoires": LABS, "Méthode": [["IFT", "Nombre de doses homologuées par hectare et par campagne"]]},
            ),
        ),
        document(
            "Indicateurs des laboratoires.csv",
            "Laboratoires/Relevés",
            version("victor-bourrache", 26, "11:50", csv, LABS),
        ),
        document(
            "Baisse de l’IFT.png",
            "Laboratoires",
            version(
                "leonie-sarriette",
                25,
                "10:20",
                bars,
                "Baisse de l’indice de traitement par laboratoire",
                "%",
                [(str(row[0]).split()[0], float(row[4])) for row in LABS[1:]],
            ),
        ),
        document(
            "Appel à projets – cahier des charges.docx",
            "Appel à projets",
            version("ulysse-ciboulette", 18, "16:00", docx, CALL.replace("40 % | 60 000 €", "35 % | 50 000 €")),
            version(
                "marius-chataigne",
                15,
                "10:30",
                docx,
                CALL.replace("| Station météo | 50 % | 4 000 € |", "| Station météo | 40 % | 4 000 € |"),
            ),
            version("ulysse-ciboulette", 12, "17:25", docx, CALL),
        ),
        document(
            "Charte de voisinage (projet).md",
            "Riverains et écoles",
            version(
                "elsa-melisse",
                10,
                "15:10",
                plain,
                """
# Charte de voisinage : projet

1. Le domaine annonce les traitements **la veille avant 18 h**, par un panneau et par message.
2. Aucun traitement à moins de 50 m d’une école pendant l’entrée, la sortie et les récréations.
3. Une réunion par an au bord de la parcelle, ouverte aux parents d’élèves.
""",
            ),
        ),
    ),
    threads=(
        thread(
            "Comité de pilotage : dossier et décisions",
            says(
                "ulysse-ciboulette",
                24,
                "18:15",
                "Première version du dossier. Il me manque la partie « décisions attendues » de l’État.",
                attach=("Dossier du comité de pilotage.pdf",),
            ),
            says(
                "marius-chataigne",
                23,
                "09:05",
                """
Bien reçu à Limoges. Pour la DRAAF, trois points à inscrire :

1. la reconduction de l’appel à projets ;
2. le calendrier affiché, **à titre expérimental** ;
3. un correspondant unique pour les paiements : c’est la première plainte des domaines.
""",
            ),
            says(
                "rosalie-pervenche",
                23,
                "10:48",
                "Le délai de neuf mois tient surtout aux pièces manquantes : 60 % des dossiers reviennent une fois. Un correspondant aiderait, une liste de pièces plus courte aussi.",
            ),
            says(
                "diane-sarment",
                21,
                "09:34",
                "Les trois points sont dans la version 2. Merci Rosalie, la liste de pièces est revue avec vos équipes la semaine prochaine.",
                reply_to=3,
                attach=("Dossier du comité de pilotage.pdf",),
            ),
            says(
                "flora-glycine",
                20,
                "14:00",
                "Pour la DREAL (Bordeaux) : peut-on ajouter une ligne sur les captages prioritaires ? Deux laboratoires sont dessus.",
            ),
            says("diane-sarment", 20, "14:21", "Oui, en séance. Flora, cinq minutes te suffisent ?", reply_to=5),
            says("flora-glycine", 20, "14:26", "Parfait.", reply_to=6),
            says(
                "diane-sarment",
                14,
                "17:40",
                """
Le comité s’est tenu hier. **Décisions** :

- appel à projets reconduit, enveloppe augmentée de 15 % ;
- calendrier affiché dans trois communes, bilan dans six mois ;
- le correspondant paiement sera nommé avant la fin du mois.

> « Enfin des décisions que l’on comprend sans notice », a dit l’un des vignerons présents.
""",
            ),
        ),
        thread(
            "Indicateurs : quelle période de référence ?",
            says(
                "victor-bourrache",
                35,
                "14:20",
                "Les indicateurs sont en ligne pour quatre laboratoires. J’attends le Val de Garonne.",
                attach=("Indicateurs des laboratoires.ods",),
            ),
            says(
                "leonie-sarriette",
                34,
                "09:50",
                "Attention : le Piémont compare à une année de forte pression mildiou, ce qui embellit sa baisse.",
            ),
            says(
                "victor-bourrache",
                34,
                "11:30",
                """
Exact. Voici ce que cela change :

| Référence | Baisse affichée | Baisse corrigée |
| --- | ---: | ---: |
| Année seule | 34 % | – |
| Moyenne de trois ans | – | 27 % |

Je propose la **moyenne de trois ans** pour tout le monde.
""",
                reply_to=2,
            ),
            says(
                "diane-sarment",
                34,
                "15:05",
                "D’accord, et écrivons-le dans la méthode. Mieux vaut un chiffre moins beau et solide.",
                reply_to=3,
            ),
            says(
                "victor-bourrache",
                26,
                "11:55",
                "Version complète, avec le Val de Garonne et une feuille « Méthode ». Le CSV est à côté.",
                attach=("Indicateurs des laboratoires.ods", "Indicateurs des laboratoires.csv"),
            ),
            says("leonie-sarriette", 25, "10:25", "Et le graphique pour le dossier.", attach=("Baisse de l’IFT.png",)),
        ),
        thread(
            "Appel à projets : relecture du cahier des charges",
            says(
                "ulysse-ciboulette",
                18,
                "16:05",
                "À relire avant la fin de la semaine, merci.",
                attach=("Appel à projets – cahier des charges.docx",),
            ),
            says(
                "marius-chataigne",
                15,
                "10:35",
                "Version 2 déposée : taux du pulvérisateur porté à 40 %, station météo à 40 % aussi pour simplifier.",
            ),
            says(
                "flora-glycine",
                14,
                "09:15",
                "Je regrette la baisse pour les stations météo, c’est l’équipement qui évite le plus de traitements pour le moins cher.",
            ),
            says(
                "rosalie-pervenche",
                13,
                "11:20",
                "Vu du contrôle : 4 000 € de plafond, l’enjeu est faible. Gardez 50 %, et demandez une facture unique.",
                reply_to=3,
                first_written="Vu du contrôle : enjeu faible, gardez 50 %.",
            ),
            says(
                "ulysse-ciboulette",
                12,
                "17:30",
                "Version 3 : 50 % pour les stations, facture unique. Sauf objection lundi, elle part en signature.",
                attach=("Appel à projets – cahier des charges.docx",),
            ),
            says("marius-chataigne", 11, "08:40", "Pas d’objection de la DRAAF."),
        ),
        thread(
            "Écoles riveraines : charte de voisinage",
            says(
                "elsa-melisse",
                10,
                "15:15",
                "Projet de charte issu des échanges avec trois communes de Gironde. Le point délicat est la distance de 50 m.",
                attach=("Charte de voisinage (projet).md",),
            ),
            says(
                "diane-sarment",
                10,
                "16:02",
                "Les domaines acceptent les horaires plus volontiers que la distance. Peut-on laisser le choix de l’un **ou** de l’autre ?",
            ),
            says(
                "elsa-melisse",
                9,
                "09:25",
                "Du point de vue sanitaire, les horaires seuls suffisent si le matériel est confiné. Je peux l’écrire ainsi.",
                reply_to=2,
            ),
            says(
                "marius-chataigne",
                3,
                "10:10",
                "La première réunion au bord de la parcelle a réuni 40 personnes. La charte est bien reçue ; une école de plus souhaite y entrer.",
            ),
        ),
    ),
)
