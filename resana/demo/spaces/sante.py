"""Plan régional santé-environnement: the ARS, the DREAL and the three rectorats, action by action."""

from resana.demo.files import bars, csv, docx, ods, pdf, plain
from resana.demo.story import AccessRequest, Grant, Space, document, says, thread, version

ACTIONS = [
    ["Action", "Intitulé", "Pilote", "Avancement (%)", "Budget (€)"],
    ["1.1", "Qualité de l’air intérieur des écoles", "Rectorat de Bordeaux", 60, 84000],
    ["1.2", "Repérer l’habitat dégradé lors des visites à domicile", "ARS", 35, 52000],
    ["2.1", "Surveiller l’ambroisie", "ARS", 80, 30000],
    ["2.2", "Pollens et allergies : informer les établissements", "Rectorat de Limoges", 45, 12000],
    ["3.1", "Moustique tigre : former les communes", "ARS", 70, 41000],
    ["3.2", "Cours d’école rafraîchies", "DREAL", 25, 160000],
    ["4.1", "Eau du robinet : captages fragiles", "ARS", 50, 75000],
]

REPORT = """
# Plan régional santé-environnement : point d’étape

Ce document présente au groupe régional l’avancement des actions, à mi-parcours du plan.

## En bref

Sept actions suivies, dont trois au-delà de 60 %. Deux sont en retard : l’habitat dégradé, faute de référents dans
quatre départements, et les cours d’école, dont les marchés ont été relancés.

| Action | Pilote | Avancement |
| 1.1 Air intérieur des écoles | Rectorat de Bordeaux | 60 % |
| 1.2 Habitat dégradé | ARS | 35 % |
| 2.1 Ambroisie | ARS | 80 % |
| 2.2 Pollens et allergies | Rectorat de Limoges | 45 % |
| 3.1 Moustique tigre | ARS | 70 % |
| 3.2 Cours rafraîchies | DREAL | 25 % |
| 4.1 Captages fragiles | ARS | 50 % |

## Air intérieur des écoles

Cent quarante écoles équipées de capteurs de CO2. Aérer à chaque récréation suffit dans huit cas sur dix ; les
autres demandent une intervention sur les ouvrants.

---

## Cours d’école rafraîchies

Douze cours retenues, quatre par académie. Les relevés de l’été montrent jusqu’à 6 °C d’écart au sol entre une cour
enrobée et une cour plantée.

## Prochaines étapes

- Groupe régional : validation du point d’étape.
- Rentrée : diffusion du guide d’aération.
- Hiver : bilan des captages fragiles.
"""

GUIDE = """
# Aérer sa classe : le guide en une page

## Pourquoi

Un air renouvelé limite les virus, les maux de tête et la fatigue. Le CO2 est un bon témoin : au-delà de 1 000 ppm, on
ouvre.

## Quand

- Avant l’arrivée des élèves.
- À chaque récréation, toutes fenêtres ouvertes, dix minutes.
- Après le ménage et les travaux manuels.

## Et l’hiver ?

Cinq minutes en grand valent mieux qu’une heure entrouverte : les murs restent chauds.

| Voyant | CO2 | Que faire |
| Vert | moins de 800 ppm | Rien |
| Orange | 800 à 1 500 ppm | Ouvrir à la prochaine pause |
| Rouge | plus de 1 500 ppm | Ouvrir maintenant |
"""

SANTE = Space(
    key="sante",
    title="Plan régional santé-environnement",
    description="Les actions du plan : air des écoles, eau, habitat, ambroisie, moustique tigre. Pilotes, chiffres, livrables.",
    purpose="Suivre chaque action avec son pilote et préparer les réunions du groupe régional.",
    owner="ars",
    created_by="elsa-melisse",
    created_days_ago=210,
    visibility="agents",
    visibility_level="card",
    grants=(
        Grant("person", "elsa-melisse", "lead"),
        Grant("person", "apolline-verveine", "lead"),
        Grant("person", "heloise-capucine", "moderator"),
        Grant("person", "leon-pissenlit", "contributor"),
        Grant("person", "augustin-platane", "contributor"),
        Grant("person", "mathis-ajonc", "contributor"),
        Grant("administration", "ars", "contributor"),
        Grant("administration", "rectorat-bordeaux", "contributor"),
        Grant("administration", "rectorat-limoges", "contributor"),
        Grant("administration", "rectorat-poitiers", "contributor"),
        Grant("subtree", "dreal", "reader"),
    ),
    folders=(
        "Groupe régional",
        "Actions",
        "Actions/1.1 Air des écoles",
        "Actions/2.1 Ambroisie",
        "Actions/3.2 Cours rafraîchies",
        "Actions/4.1 Captages",
    ),
    documents=(
        document(
            "Point d’étape.pdf",
            "Groupe régional",
            version(
                "garance-coquelicot", 22, "17:45", pdf, REPORT.replace("Cent quarante écoles", "Cent vingt écoles")
            ),
            version("elsa-melisse", 18, "12:20", pdf, REPORT),
        ),
        document(
            "Tableau de suivi des actions.ods",
            "Groupe régional",
            version(
                "jules-estragon",
                45,
                "10:00",
                ods,
                {
                    "Actions": [
                        row if rank == 0 else [*row[:3], max(int(row[3]) - 20, 5), row[4]]
                        for rank, row in enumerate(ACTIONS)
                    ]
                },
            ),
            version("jules-estragon", 23, "09:40", ods, {"Actions": ACTIONS}),
        ),
        document(
            "Tableau de suivi des actions.csv", "Groupe régional", version("jules-estragon", 23, "09:42", csv, ACTIONS)
        ),
        document(
            "Guide d’aération.docx",
            "Actions/1.1 Air des écoles",
            version(
                "adrien-bleuet",
                30,
                "15:00",
                docx,
                GUIDE.replace(
                    "## Et l’hiver ?\n\nCinq minutes en grand valent mieux qu’une heure entrouverte : les murs restent chauds.\n\n",
                    "",
                ),
            ),
            version("zoe-paquerette", 27, "11:35", docx, GUIDE),
        ),
        document(
            "Relevés CO2.csv",
            "Actions/1.1 Air des écoles",
            version(
                "adrien-bleuet",
                14,
                "16:30",
                csv,
                [
                    ["École", "Académie", "CO2 médian (ppm)", "CO2 maximal (ppm)"],
                    ["École fictive des Tilleuls", "Limoges", 920, 1840],
                    ["École fictive du Port", "Bordeaux", 760, 1310],
                    ["École fictive de la Gare", "Poitiers", 1130, 2260],
                    ["École fictive du Coteau", "Limoges", 680, 1120],
                ],
            ),
        ),
        document(
            "Température au sol.png",
            "Actions/3.2 Cours rafraîchies",
            version(
                "mathis-ajonc",
                16,
                "14:50",
                bars,
                "Température au sol d’une cour, à 15 h",
                "°C",
                [("Enrobé", 51.5), ("Enrobé clair", 47.0), ("Pavés joints", 46.2), ("Copeaux", 45.9), ("Herbe", 45.5)],
            ),
        ),
        document(
            "Ambroisie – consignes aux signaleurs.txt",
            "Actions/2.1 Ambroisie",
            version(
                "tom-valeriane",
                33,
                "09:00",
                plain,
                """
AMBROISIE : CONSIGNES AUX SIGNALEURS

1. Photographier la plante entière, puis une feuille recto et verso.
2. Ne pas arracher en fleur sans masque.
3. Signaler le lieu, la surface et le type de terrain (culture, chantier, bord de route).
4. Prévenir le référent communal ; sans réponse sous huit jours, prévenir l’ARS.
""",
            ),
        ),
    ),
    threads=(
        thread(
            "Point d’étape : préparation du groupe régional",
            says(
                "elsa-melisse",
                24,
                "09:00",
                "Le groupe régional se réunit dans trois semaines. Merci aux pilotes de mettre à jour leur ligne du tableau **avant vendredi**.",
            ),
            says(
                "jules-estragon",
                23,
                "09:45",
                "Le tableau est à jour pour les actions de l’ARS. Il manque 2.2 et 3.2.",
                attach=("Tableau de suivi des actions.ods",),
            ),
            says(
                "zoe-paquerette",
                23,
                "11:10",
                "2.2 (Limoges) : 45 %. Les affiches sont imprimées, la diffusion commence après les vacances.",
            ),
            says(
                "augustin-platane",
                23,
                "14:30",
                "3.2 (DREAL) : 25 % seulement. Les marchés ont été relancés, une seule offre au premier tour.",
            ),
            says(
                "heloise-capucine",
                22,
                "10:00",
                "À Bordeaux, nous avons eu le même souci ; en regroupant trois cours par lot, nous avons reçu quatre offres.",
                reply_to=4,
            ),
            says(
                "augustin-platane",
                22,
                "10:17",
                "Bonne idée. Héloïse, pourrais-tu partager le cahier des charges ?",
                reply_to=5,
            ),
            says(
                "garance-coquelicot", 22, "17:50", "Première rédaction du point d’étape.", attach=("Point d’étape.pdf",)
            ),
            says(
                "adrien-bleuet",
                20,
                "09:35",
                "Page 1 : ce sont **140** écoles équipées, pas 120. Les vingt de la Creuse ont été livrées.",
                reply_to=7,
            ),
            says(
                "elsa-melisse",
                18,
                "12:25",
                "Corrigé, merci Adrien. Version envoyée aux membres du groupe.",
                reply_to=8,
                attach=("Point d’étape.pdf",),
            ),
            says("apolline-verveine", 18, "15:00", "Relu à Poitiers, rien à ajouter pour la DREAL."),
        ),
        thread(
            "Air des écoles : guide et capteurs",
            says(
                "adrien-bleuet",
                30,
                "15:05",
                "Le guide tient sur une page, recto seul. Vos avis ?",
                attach=("Guide d’aération.docx",),
            ),
            says(
                "zoe-paquerette",
                27,
                "11:40",
                "J’ai ajouté l’hiver : c’est *la* question que posent les enseignants. Et remplacé « taux élevé » par la couleur du voyant **et** le chiffre, pour les personnes daltoniennes.",
            ),
            says(
                "suzanne-primevere",
                27,
                "13:50",
                "Très clair. Nous pouvons l’intégrer à la formation des directeurs d’école à Poitiers.",
            ),
            says(
                "adrien-bleuet",
                14,
                "16:35",
                "Premiers relevés. L’école de la Gare dépasse 2 000 ppm presque chaque jour.",
                attach=("Relevés CO2.csv",),
            ),
            says(
                "tom-valeriane",
                13,
                "09:10",
                "Il faudrait vérifier les ouvrants : à ce niveau, l’aération seule ne suffit probablement pas.",
                first_written="Il faudrait vérifier les ouvrants.",
            ),
            says("suzanne-primevere", 13, "11:25", "La commune est prévenue, visite technique mardi.", reply_to=5),
            says(
                "suzanne-primevere",
                7,
                "17:30",
                "Visite faite : trois fenêtres sur cinq étaient **condamnées par la peinture**. Elles s’ouvrent depuis hier.",
                reply_to=6,
            ),
            says("adrien-bleuet", 6, "08:50", "Le meilleur rapport efficacité / coût de tout le plan !", reply_to=7),
        ),
        thread(
            "Cours rafraîchies : relevés de l’été",
            says(
                "mathis-ajonc",
                16,
                "14:55",
                "Graphique des températures au sol, à 15 h, moyenne de dix jours chauds.",
                attach=("Température au sol.png",),
            ),
            says(
                "leon-pissenlit",
                16,
                "16:10",
                "Les copeaux font presque aussi bien que l’herbe, et se posent en une semaine. C’est ce que nous observons aussi à la Métropole.",
            ),
            says(
                "apolline-verveine",
                15,
                "09:20",
                "À noter : l’ombre compte plus que le sol. Un arbre adulte, c’est dix degrés de moins au sol.",
                reply_to=2,
            ),
            says(
                "paul-jonquille",
                15,
                "10:45",
                "Dans l’académie de Limoges, deux écoles associent les élèves au choix des plantes. Je peux en faire une fiche.",
            ),
            says("apolline-verveine", 15, "10:52", "Oui, volontiers.", reply_to=4),
            says(
                "augustin-platane",
                3,
                "14:05",
                "Deuxième tour du marché : quatre offres, grâce aux lots. Merci Héloïse !",
            ),
        ),
        thread(
            "Ambroisie : la saison commence",
            says(
                "tom-valeriane",
                33,
                "09:05",
                "Consignes aux signaleurs, à diffuser dans vos réseaux.",
                attach=("Ambroisie – consignes aux signaleurs.txt",),
            ),
            says(
                "zoe-paquerette",
                32,
                "10:30",
                "Transmis aux infirmières scolaires des trois départements de l’académie.",
            ),
            says(
                "garance-coquelicot",
                19,
                "15:40",
                """
Bilan du premier mois :

- 86 signalements, dont 61 confirmés ;
- surtout en bord de route et sur des chantiers ;
- délai moyen de réponse d’une commune : **6 jours**.
""",
            ),
            says("heloise-capucine", 19, "16:02", "Message envoyé par erreur dans ce fil.", deleted=True),
        ),
    ),
    access_requests=(
        AccessRequest(
            by="marius-chataigne",
            days_ago=1,
            at="15:45",
            message="Bonjour, la DRAAF suit les captages en zone viticole ; je souhaiterais contribuer à l’action 4.1 et éviter "
            "que nous collections deux fois les mêmes données.",
        ),
        AccessRequest(
            by="iris-hortensia",
            days_ago=1,
            at="16:20",
            message="Je prends la suite d’un collègue sur la participation des habitants aux cours d’école rafraîchies.",
        ),
    ),
)
