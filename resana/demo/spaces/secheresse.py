"""Cellule sécheresse 2026: the DREAL and the twelve DDT(M), every week of the low-water season."""

from resana.demo.files import bars, csv, department_map, docx, ods, pdf, plain
from resana.demo.story import Grant, Restricted, Space, document, says, thread, version

LEVELS = (
    ("Pas de mesure", "#ffffff"),
    ("Vigilance", "#fff2a8"),
    ("Alerte", "#ffc46b"),
    ("Alerte renforcée", "#f28a5b"),
    ("Crise", "#dd6b6b"),
)

FIRST_MAP = {
    "79": "Alerte", "86": "Alerte", "17": "Alerte", "16": "Vigilance", "87": "Pas de mesure", "23": "Vigilance",
    "33": "Vigilance", "24": "Vigilance", "19": "Pas de mesure", "40": "Pas de mesure", "47": "Vigilance",
    "64": "Pas de mesure",
}  # fmt: skip
SECOND_MAP = FIRST_MAP | {
    "79": "Alerte renforcée",
    "17": "Alerte renforcée",
    "16": "Alerte",
    "23": "Alerte",
    "87": "Vigilance",
}
THIRD_MAP = SECOND_MAP | {"79": "Crise", "86": "Alerte renforcée", "47": "Alerte", "19": "Vigilance"}

STATIONS = [
    ("Clain à Poitiers", "86", 3.10),
    ("Boutonne à Saint-Jean", "17", 0.42),
    ("Charente à Angoulême", "16", 7.80),
    ("Vienne au Palais", "87", 11.4),
    ("Creuse à Glénic", "23", 1.35),
    ("Dronne à Bonnes", "24", 4.20),
    ("Midouze à Campagne", "40", 6.90),
]


def flows(*factors: float) -> list[list[str | float]]:
    """Mean flows of the week at each station, one column a week, in m³/s."""
    head = ["Station", "Département", *(f"Semaine {week} (m³/s)" for week in range(1, len(factors) + 1))]
    return [head, *([name, code, *(round(flow * factor, 2) for factor in factors)] for name, code, flow in STATIONS)]


MINUTES_2 = """
# Comité ressource en eau : relevé de décisions n° 2

Réunion tenue en visioconférence entre Poitiers, Limoges, Bordeaux et les douze directions départementales.
Présidence : DREAL. Secrétariat : unité hydrologie.

## Situation hydrologique

Les pluies de la quinzaine sont restées inférieures de 40 % à la normale sur le nord de la région. Les nappes du
Dogger et du Jurassique supérieur baissent depuis cinq semaines ; celles des Landes restent proches de la normale.

| Bassin | Tendance | Proposition |
| Clain | Baisse rapide | Alerte |
| Boutonne | Baisse rapide | Alerte |
| Charente amont | Baisse | Vigilance |
| Creuse | Stable | Vigilance |
| Adour-Midouze | Stable | Pas de mesure |

## Décisions

- Les DDT 79 et 86 et la DDTM 17 prennent un arrêté d’alerte avant la fin de la semaine.
- Les autres départements publient un appel à la sobriété.
- La DREAL diffuse la carte régionale chaque mardi avant midi.

---

## Points de vigilance

Les prélèvements pour l’eau potable restent prioritaires. Toute difficulté d’approvisionnement d’une commune est
signalée sans délai à la cellule, et à l’ARS pour la qualité de l’eau distribuée.

## Suite

Prochaine réunion dans quinze jours, sauf dégradation. Les contributions sont déposées dans l’espace la veille à 17 h.
"""

MINUTES_3 = """
# Comité ressource en eau : relevé de décisions n° 3

Réunion tenue à Poitiers, avec liaison vers Limoges, Bordeaux et les douze directions départementales.

## Situation hydrologique

Six stations sur sept sont sous leur débit de vigilance. Le débit du Clain a franchi le seuil d’alerte renforcée ;
celui de la Boutonne, le seuil de crise. Aucune rupture d’eau potable n’est constatée.

| Département | Niveau proposé | Arrêté |
| 79 | Crise | À prendre sous 48 h |
| 86 | Alerte renforcée | À prendre cette semaine |
| 17 | Alerte renforcée | En vigueur |
| 16, 23, 47 | Alerte | En vigueur ou à prendre |
| 19, 24, 33, 87 | Vigilance | Communication |
| 40, 64 | Pas de mesure | – |

## Décisions

- Coordination interdépartementale sur la Boutonne : mêmes horaires d’interdiction dans le 17 et le 79.
- Contrôles conjoints police de l’eau et Office de la biodiversité, deux journées par département.
- Un seul modèle d’arrêté, celui déposé dans l’espace ; les écarts sont motivés.

---

## Milieux aquatiques

Le suivi des assecs compte 31 points sans écoulement visible sur 214, contre 12 il y a quinze jours. Trois pêches de
sauvegarde ont été conduites en Haute-Vienne et en Creuse.

## Communication

Les préfectures publient le même jour, à 14 h, la carte et les mesures. Les éléments de langage sont communs.
"""

ORDER = """
# Modèle d’arrêté de limitation provisoire des usages de l’eau

Le préfet du département de [à compléter],

Vu le code de l’environnement, notamment ses articles L. 211-3 et R. 211-66 à R. 211-70 ;

Vu l’arrêté-cadre interdépartemental en vigueur ;

Considérant que le débit constaté à la station de [à compléter] est inférieur au seuil de [à compléter] ;

## Article 1 : zones concernées

Les mesures du présent arrêté s’appliquent aux zones d’alerte dont la liste est annexée.

## Article 2 : mesures

| Usage | Alerte | Alerte renforcée | Crise |
| Arrosage des pelouses | Interdit de 11 h à 18 h | Interdit | Interdit |
| Potagers | Interdit de 11 h à 18 h | Interdit de 9 h à 20 h | Interdit de 9 h à 20 h |
| Irrigation par aspersion | Interdite de 11 h à 18 h | Interdite deux jours par semaine | Interdite |
| Lavage des véhicules | Station avec recyclage | Station avec recyclage | Interdit, sauf impératif sanitaire |

## Article 3 : durée

Le présent arrêté entre en vigueur le lendemain de sa publication et prend fin au plus tard le 31 octobre.
"""

SECHERESSE = Space(
    key="secheresse",
    title="Cellule sécheresse 2026",
    description="Suivi hebdomadaire de l’étiage en Nouvelle-Aquitaine : débits, nappes, arrêtés, communication.",
    purpose="Décider ensemble, sur les mêmes chiffres, des mesures de limitation des usages de l’eau, et garder la trace "
    "de ce qui a été décidé.",
    owner="dreal",
    created_by="ines-bruyere",
    created_days_ago=64,
    visibility="private",
    visibility_level="card",
    grants=(
        Grant("person", "ines-bruyere", "lead"),
        Grant("person", "gaspard-alisier", "lead"),
        Grant("person", "judith-fougere", "moderator"),
        Grant("person", "louise-callune", "moderator"),
        Grant("person", "tom-valeriane", "contributor"),
        Grant("person", "marius-chataigne", "contributor"),
        Grant("person", "camille-romarin", "reader"),
        Grant("subtree", "dreal", "contributor"),
        *(
            Grant("administration", key, "contributor")
            for key in (
                "ddt-16",
                "ddtm-17",
                "ddt-19",
                "ddt-23",
                "ddt-24",
                "ddtm-33",
                "ddtm-40",
                "ddt-47",
                "ddtm-64",
                "ddt-79",
                "ddt-86",
                "ddt-87",
            )
        ),
    ),
    folders=(
        "Arrêtés",
        "Arrêtés/Modèles",
        "Comités",
        "Comités/Relevés de décisions",
        "Données",
        "Données/Débits",
        "Données/Assecs",
        "Communication",
        "Contrôles à venir",
    ),
    restricted=(
        Restricted(
            "Contrôles à venir",
            (
                Grant("person", "judith-fougere", "moderator"),
                Grant("person", "marius-chataigne", "reader"),
                Grant("administration", "ddt-87", "contributor"),
            ),
        ),
    ),
    documents=(
        document(
            "Calendrier des contrôles.csv",
            "Contrôles à venir",
            version(
                "judith-fougere",
                6,
                "11:30",
                csv,
                [
                    ["Semaine", "Secteur", "Usage contrôlé", "Service"],
                    ["S1", "Secteur fictif A", "Irrigation", "DDT 87"],
                    ["S2", "Secteur fictif B", "Remplissage de plans d’eau", "DDT 87"],
                ],
            ),
        ),
        document(
            "Relevé de décisions n° 2.pdf",
            "Comités/Relevés de décisions",
            version("judith-fougere", 31, "16:40", pdf, MINUTES_2),
        ),
        document(
            "Relevé de décisions n° 3.pdf",
            "Comités/Relevés de décisions",
            version(
                "judith-fougere",
                9,
                "17:05",
                pdf,
                MINUTES_3.replace("31 points sans écoulement", "29 points sans écoulement"),
            ),
            version("simon-noisetier", 8, "09:20", pdf, MINUTES_3),
        ),
        document(
            "Débits hebdomadaires.ods",
            "Données/Débits",
            version(
                "mathis-ajonc",
                30,
                "08:55",
                ods,
                {"Débits": flows(1.0, 0.9), "Lisez-moi": [["Source", "Banque Hydro, données fictives"]]},
            ),
            version(
                "mathis-ajonc",
                16,
                "08:50",
                ods,
                {"Débits": flows(1.0, 0.9, 0.82, 0.7), "Lisez-moi": [["Source", "Banque Hydro, données fictives"]]},
            ),
            version(
                "mathis-ajonc",
                2,
                "08:45",
                ods,
                {
                    "Débits": flows(1.0, 0.9, 0.82, 0.7, 0.63, 0.55),
                    "Lisez-moi": [["Source", "Banque Hydro, données fictives"]],
                },
            ),
        ),
        document(
            "Débits de la semaine.csv",
            "Données/Débits",
            version("mathis-ajonc", 9, "08:40", csv, flows(0.63)),
            version("mathis-ajonc", 2, "08:40", csv, flows(0.55)),
        ),
        document(
            "Points d’assec.csv",
            "Données/Assecs",
            version(
                "simon-noisetier",
                8,
                "09:15",
                csv,
                [
                    ["Cours d’eau", "Commune", "Département", "Écoulement"],
                    ["La Brame", "Commune fictive A", "87", "Visible faible"],
                    ["Le Vincou", "Commune fictive B", "87", "Assec"],
                    ["La Sédelle", "Commune fictive C", "23", "Non visible"],
                    ["Le Clouère", "Commune fictive D", "86", "Assec"],
                    ["La Trézence", "Commune fictive E", "17", "Assec"],
                ],
            ),
        ),
        document(
            "Carte des restrictions.png",
            "Communication",
            version(
                "mathis-ajonc",
                30,
                "11:15",
                department_map,
                "Restrictions d’usage de l’eau : premier état",
                LEVELS,
                FIRST_MAP,
            ),
            version(
                "mathis-ajonc",
                16,
                "11:10",
                department_map,
                "Restrictions d’usage de l’eau : deuxième état",
                LEVELS,
                SECOND_MAP,
            ),
            version(
                "mathis-ajonc",
                8,
                "14:00",
                department_map,
                "Restrictions d’usage de l’eau : troisième état",
                LEVELS,
                THIRD_MAP,
            ),
        ),
        document(
            "Débit du Clain.png",
            "Données/Débits",
            version(
                "judith-fougere",
                8,
                "10:05",
                bars,
                "Débit moyen du Clain à Poitiers",
                "m³/s",
                [("S1", 3.1), ("S2", 2.79), ("S3", 2.54), ("S4", 2.17), ("S5", 1.95), ("S6", 1.71)],
            ),
        ),
        document(
            "Modèle d’arrêté de limitation.docx",
            "Arrêtés/Modèles",
            version(
                "ines-bruyere",
                40,
                "15:30",
                docx,
                ORDER.replace(
                    "| Potagers | Interdit de 11 h à 18 h | Interdit de 9 h à 20 h | Interdit de 9 h à 20 h |\n", ""
                ),
            ),
            version("bastien-charme", 33, "10:12", docx, ORDER),
        ),
        document(
            "Éléments de langage.md",
            "Communication",
            version(
                "louise-callune",
                8,
                "15:20",
                plain,
                """
# Éléments de langage : sécheresse

- La priorité est l’eau potable, la santé et la sécurité civile.
- Les mesures sont proportionnées et revues toutes les deux semaines.
- Chaque usager peut connaître les mesures de sa commune sur le site [VigiEau](https://vigieau.gouv.fr).

**À ne pas dire** : « pénurie », tant qu’aucune commune n’est alimentée par citerne.
""",
            ),
        ),
    ),
    threads=(
        thread(
            "Comité n° 3 : préparation et suites",
            says(
                "ines-bruyere",
                13,
                "09:02",
                """
Bonjour à toutes et à tous,

le prochain comité se tient dans trois jours. Merci de déposer vos contributions **la veille avant 17 h** :

- une ligne par zone d’alerte, avec le niveau proposé ;
- les difficultés d’eau potable, même potentielles ;
- les contrôles de la quinzaine.
""",
            ),
            says(
                "lila-roquette",
                13,
                "09:41",
                "Pour les Deux-Sèvres, nous proposerons la **crise** sur la Boutonne amont. "
                "Le seuil est franchi depuis quatre jours, malgré l’arrêt de l’aspersion.",
            ),
            says(
                "maelle-nenuphar",
                13,
                "10:15",
                "En aval, la Charente-Maritime en resterait à l’alerte renforcée. "
                "Si le 79 passe en crise, il faut au minimum les mêmes horaires : sinon c’est illisible pour les irrigants qui ont des parcelles des deux côtés.",
                reply_to=2,
            ),
            says(
                "lila-roquette",
                13,
                "10:28",
                "D’accord sur les horaires. Je prépare une rédaction commune et je te l’envoie ce soir.",
                reply_to=3,
            ),
            says(
                "simon-noisetier",
                12,
                "08:50",
                """
Côté milieux, à Limoges nous aurons le suivi des assecs demain midi. Premier ordre de grandeur : le nombre de points
sans écoulement a **plus que doublé** en quinze jours. Je dépose le fichier dès que Perrine a terminé sa tournée.
""",
            ),
            says(
                "perrine-eglantine",
                12,
                "17:48",
                "Tournée terminée : le Vincou est à sec sur 3 km, et il reste de l’eau dans la Brame. Je saisis ce soir.",
            ),
            says(
                "tom-valeriane",
                11,
                "09:30",
                "Pour l’ARS : aucune rupture, mais deux captages sous surveillance en Creuse. Nous serons représentés au comité.",
            ),
            says(
                "louise-callune",
                11,
                "09:52",
                "Je confirme, ce sont les deux captages dont nous avions parlé au comité n° 2. Une interconnexion est possible en 48 h.",
                reply_to=7,
            ),
            says(
                "judith-fougere",
                9,
                "17:10",
                "Le relevé de décisions est déposé. Relisez surtout le tableau des niveaux : "
                "c’est lui qui fera foi pour la carte de mardi.",
                attach=("Relevé de décisions n° 3.pdf",),
            ),
            says(
                "simon-noisetier",
                8,
                "09:22",
                "J’ai corrigé le nombre de points d’assec : **31** et non 29, deux observations de la Creuse étaient arrivées après la clôture. Nouvelle version en ligne.",
                reply_to=9,
                attach=("Relevé de décisions n° 3.pdf", "Points d’assec.csv"),
            ),
            says("judith-fougere", 8, "09:31", "Merci Simon, c’est plus juste ainsi.", reply_to=10),
            says(
                "bastien-charme",
                8,
                "10:02",
                "86 : projet d’arrêté d’alerte renforcée parti à la signature ce matin, publication prévue demain.",
            ),
            says(
                "ines-bruyere",
                8,
                "14:20",
                """
Merci à tous pour la réactivité. Pour mémoire, ce qui reste à faire :

| Qui | Quoi | Pour quand |
| --- | --- | --- |
| DDT 79 | arrêté de crise, Boutonne amont | sous 48 h |
| DDT 86 | arrêté d’alerte renforcée | demain |
| DDTM 17 | alignement des horaires | vendredi |
| DREAL | carte régionale | mardi, 12 h |
""",
            ),
            says(
                "lila-roquette",
                6,
                "16:55",
                "Arrêté de crise signé et publié. Les maires ont été prévenus par message avant la publication.",
            ),
            says(
                "maelle-nenuphar",
                6,
                "17:12",
                "Horaires alignés dans le 17, publication demain. Première fois que nous y arrivons en moins d’une semaine !",
                reply_to=14,
            ),
        ),
        thread(
            "Débits : mise à jour hebdomadaire",
            says(
                "mathis-ajonc",
                30,
                "09:00",
                "Le fichier des débits est en place ; il sera mis à jour chaque mardi matin. "
                "Une version par semaine : l’historique reste consultable.",
                attach=("Débits hebdomadaires.ods",),
            ),
            says(
                "yann-aubepine",
                30,
                "09:37",
                "Merci. Peut-on avoir aussi un CSV ? Notre outil de la Charente ne lit pas l’ODS.",
            ),
            says(
                "mathis-ajonc",
                29,
                "08:45",
                """
Oui, je l’ajoute. Pour ceux qui automatisent : séparateur point-virgule, virgule décimale, UTF-8 avec BOM.

```python
import csv
with open("Débits de la semaine.csv", encoding="utf-8-sig", newline="") as fichier:
    for ligne in csv.DictReader(fichier, delimiter=";"):
        print(ligne["Station"], ligne["Semaine 1 (m³/s)"])
```
""",
                reply_to=2,
            ),
            says(
                "gabin-sequoia",
                16,
                "10:20",
                "La valeur de la Midouze me paraît haute par rapport à notre jaugeage de jeudi.",
            ),
            says(
                "judith-fougere",
                16,
                "11:02",
                "Vérification faite : courbe de tarage à jour, l’écart est de 4 %, dans l’incertitude. Je garde la valeur et je note le jaugeage en remarque.",
                reply_to=4,
            ),
            says("gabin-sequoia", 16, "11:10", "Parfait, merci.", deleted=True),
            says(
                "mathis-ajonc",
                2,
                "09:05",
                "Semaine 6 en ligne : baisse partout, sauf sur la Vienne (soutien d’étiage).",
                attach=("Débits hebdomadaires.ods", "Débits de la semaine.csv"),
            ),
            says(
                "perrine-eglantine",
                2,
                "09:48",
                "Pour la Vienne, le soutien d’étiage doit s’arrêter dans dix jours environ. Il faudra l’anticiper dans la carte.",
                reply_to=7,
            ),
        ),
        thread(
            "Modèle d’arrêté : vos remarques",
            says(
                "ines-bruyere",
                40,
                "15:35",
                "Voici la première version du modèle commun. L’objectif est que les douze arrêtés **se lisent de la même façon**.",
                attach=("Modèle d’arrêté de limitation.docx",),
            ),
            says(
                "bastien-charme",
                39,
                "09:14",
                "Il manque les potagers, sur lesquels nous recevons le plus d’appels. Je propose une ligne.",
            ),
            says(
                "alma-santoline",
                39,
                "10:40",
                "Pour le Lot-et-Garonne, il faudrait distinguer le goutte-à-goutte de l’aspersion : la moitié de nos vergers est équipée.",
                first_written="Pour le 47, il faudrait distinguer le goutte à goutte.",
            ),
            says("xavier-achillee", 38, "14:25", "Même remarque dans les Pyrénées-Atlantiques pour le kiwi."),
            says(
                "ines-bruyere",
                34,
                "11:00",
                "Je retiens les potagers pour tout le monde. Le goutte-à-goutte relève de l’arrêté-cadre ; je propose d’en parler au comité.",
                reply_to=3,
            ),
            says(
                "bastien-charme",
                33,
                "10:15",
                "Nouvelle version déposée, avec la ligne « Potagers ».",
                attach=("Modèle d’arrêté de limitation.docx",),
            ),
        ),
        thread(
            "Carte régionale et communication",
            says(
                "mathis-ajonc",
                16,
                "11:20",
                "La carte de la quinzaine est prête. Chaque niveau est écrit en toutes lettres, pas seulement en couleur.",
                attach=("Carte des restrictions.png",),
            ),
            says(
                "nina-mimosa",
                16,
                "13:40",
                "La préfecture de la Gironde demande si elle peut la reprendre sur son site.",
            ),
            says(
                "ines-bruyere",
                16,
                "13:55",
                "Oui, avec la date et la mention « source : DREAL Nouvelle-Aquitaine ».",
                reply_to=2,
            ),
            says(
                "louise-callune",
                8,
                "15:25",
                "J’ai rédigé des éléments de langage communs, à adapter. Le mot *pénurie* est à éviter pour l’instant.",
                attach=("Éléments de langage.md",),
            ),
            says(
                "emile-ronce",
                7,
                "09:10",
                "Repris tels quels en Corrèze, avec le lien vers [VigiEau](https://vigieau.gouv.fr) ; cela nous a fait gagner une demi-journée.",
            ),
            says(
                "nina-mimosa",
                1,
                "16:30",
                "La presse quotidienne nous interroge sur la suite de la saison. Qui répond pour la région ?",
            ),
            says(
                "ines-bruyere",
                1,
                "17:02",
                "La préfecture de région. Transmettez-moi les demandes, je centralise avec son service de communication.",
                reply_to=6,
            ),
        ),
    ),
)
