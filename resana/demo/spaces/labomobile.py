"""Labo’mobile: an innovation laboratory in a lorry, on the roads of Gironde."""

from resana.demo.files import csv, docx, ods, pdf, plain
from resana.demo.story import Grant, Guest, Space, document, says, thread, version

STOPS = [
    ["Étape", "Territoire", "Sujet", "Jours", "Participants attendus"],
    ["1", "Médoc", "Se déplacer sans voiture", 3, 45],
    ["2", "Haute Gironde", "Comprendre un courrier de l’administration", 2, 30],
    ["3", "Sud Gironde", "Trouver un médecin", 3, 50],
    ["4", "Bassin d’Arcachon", "Se loger quand on est saisonnier", 2, 35],
    ["5", "Libournais", "Ouvrir un lieu commun aux services publics", 4, 60],
]

METHOD = """
# Labo’mobile : le guide de l’équipe

Trois jours sur une place, un camion, une tente, dix chaises : partir de ce que vivent les habitants, essayer tout de
suite, et laisser quelque chose qui serve après notre départ.

## Jour 1 : écouter

- Aller vers les gens : marché, école, arrêt de car, salle d’attente.
- Vingt entretiens de dix minutes, notés le soir même.
- Pas de questionnaire : « racontez-moi la dernière fois que… ».

## Jour 2 : essayer

- Choisir deux irritants avec les habitants.
- Fabriquer un prototype en papier avant midi, le montrer l’après-midi.

## Jour 3 : décider

- Réunir ceux qui peuvent changer les choses, élus et agents.
- Repartir avec un nom et une date pour chaque action.

---

## Matériel

| Objet | Quantité | Responsable |
| Tente 3 × 3 m | 1 | Laboratoire départemental |
| Chaises pliantes | 10 | Commune d’accueil |
| Boîte à prototypes | 2 | Designer de l’équipe |
| Rallonge et groupe électrogène | 1 | Laboratoire départemental |
| Rampe d’accès au camion | 1 | Laboratoire départemental |

## Accessibilité

Le camion a une rampe ; si la place est pavée, on installe la tente sur l’enrobé. Un interprète en langue des signes
est réservé dix jours avant.

---

## Après l’étape

Une page par étape, publiée dans la semaine : ce que nous avons entendu, essayé, décidé. Elle est relue par deux
habitants avant la publication.
"""

LETTER = """
# Étape 2 : réécrire un courrier

## Avant

« Faute de production des pièces susvisées sous quinzaine, votre demande fera l’objet d’un classement sans suite. »

## Après

« Il nous manque deux documents. Envoyez-les avant le 15 ; sinon, nous devrons fermer votre dossier. Vous pourrez
alors en ouvrir un nouveau. »

## Ce qu’en disent les habitants

- Douze personnes sur quinze comprennent la nouvelle lettre à la première lecture, contre quatre pour l’ancienne.
- La date écrite en entier rassure plus que « sous quinzaine ».
- Le nom d’une personne à appeler compte plus que tout le reste.
"""

LABOMOBILE = Space(
    key="labomobile",
    title="Labo’mobile",
    description="Un laboratoire d’innovation publique qui va de place en place en Gironde, avec le Département et l’État.",
    purpose="Préparer les étapes, partager les méthodes et garder ce que les habitants nous ont appris.",
    owner="cd-gironde",
    created_by="manon-marjolaine",
    created_days_ago=150,
    visibility="agents",
    visibility_level="card",
    grants=(
        Grant("person", "manon-marjolaine", "lead"),
        Grant("person", "lucas-chevrefeuille", "moderator"),
        Grant("person", "iris-hortensia", "contributor"),
        Grant("person", "leandre-pivoine", "contributor"),
        Grant("person", "felix-camomille", "contributor"),
        Grant("person", "eliott-reseda", "contributor"),
        Grant("administration", "cd-gironde", "contributor"),
        Grant("administration", "sgar", "contributor"),
        Grant("administration", "bordeaux-metropole", "reader"),
    ),
    guests=(
        Guest(
            key="gael-genet",
            first_name="Gaël",
            last_name="Genêt",
            email="gael.genet@atelier-des-usages.example",
            organisation="Atelier des usages",
            invited_by="manon-marjolaine",
            invited_days_ago=30,
            at="09:20",
            ends_in_days=62,
            role="contributor",
            what="Invité externe : designer d’un bureau d’études, contribue au Labo’mobile et ne voit rien d’autre.",
        ),
        Guest(
            key="gilda-girofle",
            first_name="Gilda",
            last_name="Girofle",
            email="gilda.girofle@mobilites-medoc.example",
            organisation="Association Mobilités Médoc",
            invited_by="manon-marjolaine",
            invited_days_ago=90,
            at="10:05",
            ends_in_days=-12,
            role="reader",
            what="Invitée externe dont la date est passée : la connexion est refusée, et un responsable peut la prolonger.",
        ),
    ),
    folders=("Étapes", "Étapes/1 Médoc", "Étapes/2 Haute Gironde", "Étapes/3 Sud Gironde", "Méthode", "Logistique"),
    documents=(
        document(
            "Guide de l’équipe.pdf",
            "Méthode",
            version(
                "lucas-chevrefeuille",
                70,
                "17:10",
                pdf,
                METHOD.replace("| Rampe d’accès au camion | 1 | Laboratoire départemental |\n", ""),
            ),
            version("manon-marjolaine", 44, "12:05", pdf, METHOD),
        ),
        document(
            "Étapes et budget.ods",
            "Logistique",
            version("theo-potiron", 60, "10:00", ods, {"Étapes": STOPS[:5]}),
            version(
                "theo-potiron",
                28,
                "16:20",
                ods,
                {
                    "Étapes": STOPS,
                    "Budget": [
                        ["Poste", "Montant (€)"],
                        ["Carburant", 1850],
                        ["Location de la tente", 600],
                        ["Interprètes", 2400],
                        ["Restitution", 950],
                    ],
                },
            ),
        ),
        document("Étapes.csv", "Logistique", version("theo-potiron", 28, "16:25", csv, STOPS)),
        document(
            "Courrier avant et après.docx",
            "Étapes/2 Haute Gironde",
            version(
                "leandre-pivoine",
                20,
                "11:40",
                docx,
                LETTER.replace("- Le nom d’une personne à appeler compte plus que tout le reste.\n", ""),
            ),
            version("lucas-chevrefeuille", 19, "09:15", docx, LETTER),
        ),
        document(
            "Carnet du Médoc.txt",
            "Étapes/1 Médoc",
            version(
                "theo-potiron",
                40,
                "19:30",
                plain,
                """
CARNET DU MÉDOC

Jour 1. Marché. 23 entretiens. Le car de 17 h 10 part cinq minutes avant la sortie du lycée : tout le monde le sait,
personne n’a pu le faire changer.
Jour 2. Prototype : une fiche « covoiturage du jeudi » affichée à la boulangerie. 11 inscrits en une matinée.
Jour 3. Le Département et la Région acceptent de décaler le car de dix minutes, à l’essai, dès la rentrée.
""",
            ),
        ),
    ),
    threads=(
        thread(
            "Étape 3, Sud Gironde : qui vient ?",
            says(
                "manon-marjolaine",
                12,
                "09:10",
                """
L’étape « **Trouver un médecin** » a lieu dans trois semaines. Il me faut :

- deux personnes pour les entretiens du premier jour ;
- quelqu’un de l’ARS ou de la caisse pour le troisième ;
- une designer ou un designer sur les trois jours.
""",
            ),
            says("lucas-chevrefeuille", 12, "09:44", "Je viens les trois jours."),
            says("felix-camomille", 12, "10:30", "Présent le premier jour, et je peux amener deux services civiques."),
            says(
                "leandre-pivoine",
                11,
                "14:12",
                "La sous-préfecture prête sa cour si la pluie menace.",
                first_written="La sous-préfecture prête sa cour.",
            ),
            says(
                "manon-marjolaine",
                11,
                "14:30",
                "Merci à tous les trois. Léandre, il nous faudrait une prise de 16 A, c’est possible ?",
                reply_to=4,
            ),
            says("leandre-pivoine", 11, "15:02", "Oui, à côté du portail. Je joins le plan demain.", reply_to=5),
            says(
                "iris-hortensia",
                8,
                "11:25",
                "Bordeaux Métropole aimerait observer le troisième jour pour s’en inspirer. Une place pour deux ?",
            ),
            says(
                "manon-marjolaine",
                8,
                "11:31",
                "Avec plaisir, si vous mettez la main à la pâte : pas d’observateurs au Labo’mobile !",
                reply_to=7,
            ),
            says("iris-hortensia", 8, "11:40", "Marché conclu.", reply_to=8),
            says(
                "gael-genet",
                7,
                "10:15",
                "Je peux animer l’atelier du deuxième jour, avec le matériel de prototypage de l’atelier. Il me faut deux tables.",
            ),
        ),
        thread(
            "Courriers de l’administration : les prototypes",
            says(
                "leandre-pivoine",
                20,
                "11:45",
                "Première réécriture de la lettre de relance, testée avec quinze habitants.",
                attach=("Courrier avant et après.docx",),
            ),
            says(
                "lucas-chevrefeuille",
                19,
                "09:20",
                "J’ai ajouté les verbatims. Le résultat est net : 12 sur 15 comprennent, contre 4.",
                attach=("Courrier avant et après.docx",),
            ),
            says(
                "camille-romarin",
                19,
                "10:05",
                "Magnifique. Peut-on le présenter au *Mois de l’innovation publique* ? Un atelier « avant / après » d’une heure suffirait.",
            ),
            says(
                "leandre-pivoine", 19, "10:40", "Oui, si la cheffe de bureau est d’accord. Je lui demande.", reply_to=3
            ),
            says("leandre-pivoine", 17, "16:15", "Accord obtenu, elle veut même venir.", reply_to=4),
            says(
                "eliott-reseda",
                16,
                "08:55",
                "À Poitiers, le service des bourses du rectorat serait preneur de la méthode. Je peux venir avec un vrai courrier ?",
            ),
            says(
                "camille-romarin",
                16,
                "09:12",
                "C’est exactement l’idée : chacun vient avec un vrai courrier.",
                reply_to=6,
            ),
        ),
        thread(
            "Camion : entretien et accessibilité",
            says(
                "theo-potiron",
                46,
                "08:30",
                "Le contrôle technique est passé. Reste la rampe : celle du Médoc était trop raide pour un fauteuil.",
            ),
            says(
                "manon-marjolaine",
                44,
                "12:10",
                "Rampe plus longue commandée et guide mis à jour. Pente inférieure à 8 %.",
                attach=("Guide de l’équipe.pdf",),
            ),
            says(
                "theo-potiron",
                28,
                "16:30",
                "Livrée et essayée hier, c’est parfait. Le budget à jour est dans Logistique.",
                attach=("Étapes et budget.ods",),
            ),
            says("theo-potiron", 28, "16:34", "Doublon, à ne pas lire.", deleted=True),
        ),
    ),
)
