"""Mois de l’innovation publique: workshops that the SGAR prepares with agents of the three cities."""

from resana.demo.files import bars, csv, docx, ods, pdf, plain
from resana.demo.story import Grant, Space, document, says, thread, version

WORKSHOPS = [
    ["Atelier", "Ville", "Animation", "Places", "Inscrits"],
    ["Réécrire un courrier avec ses usagers", "Bordeaux", "SGAR et préfecture de la Gironde", 24, 24],
    ["Dessiner un parcours en une heure", "Poitiers", "Rectorat de Poitiers", 20, 17],
    ["Faire parler ses données sans tableur géant", "Limoges", "DRAAF", 16, 15],
    ["Tester son site avec un lecteur d’écran", "Limoges", "Rectorat de Limoges", 12, 12],
    ["Raconter un projet qui a raté", "En ligne", "SGAR", 80, 63],
]

PROGRAMME = """
# Mois de l’innovation publique en Nouvelle-Aquitaine

Quatre semaines, trois villes, vingt ateliers préparés par des agents pour des agents.

## L’esprit

On vient avec un vrai sujet, on repart avec quelque chose à essayer le lendemain. Aucun atelier ne dure plus de deux
heures ; tous sont accessibles à distance, sauf mention contraire.

## Semaine 1 : écouter

| Jour | Atelier | Ville |
| Mardi | Réécrire un courrier avec ses usagers | Bordeaux |
| Jeudi | Dessiner un parcours en une heure | Poitiers |

## Semaine 2 : mesurer

| Jour | Atelier | Ville |
| Mardi | Faire parler ses données sans tableur géant | Limoges |
| Jeudi | Tester son site avec un lecteur d’écran | Limoges |

---

## Semaine 3 : essayer

Semaine libre : chaque équipe essaie chez elle, les animateurs passent sur demande.

## Semaine 4 : raconter

| Jour | Atelier | Ville |
| Mardi | Raconter un projet qui a raté | En ligne |
| Vendredi | Restitution et pot de clôture | Les trois villes |

## S’inscrire

Un message dans le fil de l’atelier suffit. Les déplacements sont pris en charge par l’administration d’origine.
"""

RUNNING_ORDER = """
# Atelier « Réécrire un courrier » : déroulé

| Temps | Activité | Matériel |
| 0 h 00 | Accueil, chacun lit son courrier à voix haute | Courriers imprimés |
| 0 h 15 | Souligner ce que l’on ne comprend pas | Feutres |
| 0 h 40 | Réécrire à deux | Feuilles A3 |
| 1 h 20 | Lecture croisée avec un usager | – |
| 1 h 50 | Ce que je change demain | Cartes |

## Consignes d’animation

- Personne ne défend son courrier.
- On garde la base légale, on change la phrase.
- Le temps est affiché et respecté.
"""

INNOVATION = Space(
    key="innovation",
    title="Mois de l’innovation publique",
    description="Vingt ateliers à Bordeaux, Limoges et Poitiers, préparés par des agents pour des agents.",
    purpose="Construire le programme, préparer les ateliers et partager ce qu’ils ont donné. Ouvert à la lecture de tous.",
    owner="sgar",
    created_by="camille-romarin",
    created_days_ago=90,
    visibility="agents",
    visibility_level="reader",
    grants=(
        Grant("person", "camille-romarin", "lead"),
        Grant("person", "lucas-chevrefeuille", "lead"),
        Grant("person", "suzanne-primevere", "moderator"),
        Grant("person", "achille-sorbier", "moderator"),
        Grant("person", "eliott-reseda", "contributor"),
        Grant("person", "victor-bourrache", "contributor"),
        Grant("person", "paul-jonquille", "contributor"),
        Grant("person", "oscar-lierre", "contributor"),
        Grant("person", "anatole-erable", "contributor"),
        Grant("person", "leandre-pivoine", "contributor"),
        Grant("person", "manon-marjolaine", "contributor"),
        Grant("person", "arthur-dahlia", "contributor"),
        Grant("administration", "sgar", "contributor"),
    ),
    folders=("Programme", "Ateliers", "Ateliers/Bordeaux", "Ateliers/Limoges", "Ateliers/Poitiers", "Communication"),
    documents=(
        document(
            "Programme.pdf",
            "Programme",
            version(
                "camille-romarin",
                50,
                "18:00",
                pdf,
                PROGRAMME.replace("| Jeudi | Tester son site avec un lecteur d’écran | Limoges |\n", ""),
            ),
            version("lucas-chevrefeuille", 36, "11:20", pdf, PROGRAMME.replace("vingt ateliers", "dix-huit ateliers")),
            version("camille-romarin", 15, "10:00", pdf, PROGRAMME),
        ),
        document(
            "Inscriptions.ods",
            "Programme",
            version(
                "lucas-chevrefeuille",
                20,
                "09:00",
                ods,
                {
                    "Ateliers": [
                        row if rank == 0 else [*row[:4], int(row[4]) // 2] for rank, row in enumerate(WORKSHOPS)
                    ]
                },
            ),
            version("lucas-chevrefeuille", 5, "09:00", ods, {"Ateliers": WORKSHOPS}),
        ),
        document("Inscriptions.csv", "Programme", version("lucas-chevrefeuille", 5, "09:02", csv, WORKSHOPS)),
        document(
            "Inscrits par atelier.png",
            "Communication",
            version(
                "oscar-lierre",
                4,
                "15:30",
                bars,
                "Inscrits par atelier",
                "personnes",
                [("Courrier", 24), ("Parcours", 17), ("Données", 15), ("Écran", 12), ("Raté", 63)],
            ),
        ),
        document(
            "Déroulé – Réécrire un courrier.docx",
            "Ateliers/Bordeaux",
            version(
                "leandre-pivoine", 13, "14:45", docx, RUNNING_ORDER.replace("- Le temps est affiché et respecté.\n", "")
            ),
            version("camille-romarin", 11, "16:10", docx, RUNNING_ORDER),
        ),
        document(
            "Lecteur d’écran – pas à pas.md",
            "Ateliers/Limoges",
            version(
                "achille-sorbier",
                10,
                "09:30",
                plain,
                """
# Tester son site avec un lecteur d’écran

1. Débrancher la souris.
2. Parcourir la page avec `Tab` : voit-on toujours où l’on est ?
3. Lancer NVDA, aller de titre en titre avec `H`.
4. Remplir le formulaire les yeux fermés. Que s’est-il passé à la première erreur ?

Noter trois obstacles, pas trente : on corrige les trois cette semaine.
""",
            ),
        ),
    ),
    threads=(
        thread(
            "Idées d’ateliers",
            says(
                "camille-romarin",
                58,
                "09:00",
                "Le fil est ouvert : un atelier, un titre, une phrase, une ville. Pas de dossier à remplir !",
            ),
            says(
                "eliott-reseda",
                58,
                "09:50",
                "**Dessiner un parcours en une heure**, à Poitiers. Avec du papier et des usagers, sans logiciel.",
            ),
            says(
                "victor-bourrache",
                58,
                "11:15",
                "**Faire parler ses données sans tableur géant**, à Limoges. Chacun apporte son pire fichier.",
            ),
            says(
                "paul-jonquille",
                57,
                "08:40",
                "Chacun apporte son pire fichier : j’en suis, j’ai un candidat sérieux.",
                reply_to=3,
            ),
            says(
                "achille-sorbier",
                57,
                "10:20",
                "**Tester son site avec un lecteur d’écran**. Douze places, il faut un poste chacun.",
            ),
            says(
                "anatole-erable",
                56,
                "14:05",
                "À la DRFIP, on pourrait raconter notre téléservice abandonné au bout d’un an. Il y a beaucoup à en apprendre, et c’est drôle, avec le recul.",
            ),
            says(
                "lucas-chevrefeuille", 56, "14:12", "« Raconter un projet qui a raté » : c’est le titre !", reply_to=6
            ),
            says("anatole-erable", 56, "14:15", "Adopté. Je demande quand même à ma directrice.", reply_to=7),
            says(
                "anatole-erable",
                53,
                "09:03",
                "Elle est d’accord, à condition de raconter aussi ce qu’on en a tiré.",
                reply_to=8,
            ),
            says(
                "arthur-dahlia",
                52,
                "16:45",
                "À Pau, nous n’avons pas d’atelier, mais une salle et quinze volontaires pour suivre à distance.",
            ),
            says(
                "camille-romarin",
                52,
                "17:00",
                "Alors Pau devient la quatrième ville, à distance. Je l’ajoute au programme.",
                reply_to=10,
            ),
        ),
        thread(
            "Programme : relecture",
            says("camille-romarin", 50, "18:05", "Première maquette, très perfectible.", attach=("Programme.pdf",)),
            says(
                "suzanne-primevere",
                49,
                "09:30",
                "Le jeudi de la semaine 1 tombe sur un conseil d’administration à Poitiers. Peut-on commencer à 14 h ?",
            ),
            says(
                "lucas-chevrefeuille",
                36,
                "11:25",
                "Corrigé, avec l’atelier de Limoges sur le lecteur d’écran.",
                attach=("Programme.pdf",),
            ),
            says(
                "oscar-lierre",
                35,
                "10:10",
                "Pour l’affiche, la DRAC propose un visuel sans texte sur photo : plus lisible, et conforme au [RGAA](https://accessibilite.numerique.gouv.fr).",
            ),
            says(
                "suzanne-primevere",
                15,
                "10:20",
                "Version finale lue : plus rien à redire. Bravo !",
                first_written="Version finale lue : plus rien a redire.",
            ),
            says(
                "camille-romarin", 15, "10:40", "Elle est publiée. Merci à toutes et tous.", attach=("Programme.pdf",)
            ),
        ),
        thread(
            "Atelier « Réécrire un courrier » (Bordeaux)",
            says(
                "leandre-pivoine",
                13,
                "14:50",
                "Voici un déroulé. Deux heures me paraissent justes pour 24 personnes.",
                attach=("Déroulé – Réécrire un courrier.docx",),
            ),
            says(
                "manon-marjolaine",
                13,
                "15:30",
                "Au Labo’mobile, nous faisions la lecture croisée par groupes de quatre : cela passe en trente minutes.",
            ),
            says(
                "camille-romarin",
                11,
                "16:15",
                "J’ai repris ton idée, Manon, et ajouté la règle d’or : *le temps est affiché*.",
                reply_to=2,
                attach=("Déroulé – Réécrire un courrier.docx",),
            ),
            says(
                "eliott-reseda",
                6,
                "09:00",
                "Nous viendrons à trois de Poitiers, par le train de 7 h 32. Un courrier de bourse, deux attestations.",
            ),
            says("leandre-pivoine", 6, "09:18", "Parfait. Pensez à masquer les noms **avant** d’imprimer.", reply_to=4),
            says("eliott-reseda", 6, "09:21", "C’est fait.", reply_to=5),
        ),
        thread(
            "Inscriptions : où en est-on ?",
            says(
                "lucas-chevrefeuille",
                5,
                "09:05",
                """
Point de la semaine :

| Atelier | Places | Inscrits |
| --- | ---: | ---: |
| Réécrire un courrier | 24 | 24 |
| Dessiner un parcours | 20 | 17 |
| Faire parler ses données | 16 | 15 |
| Lecteur d’écran | 12 | 12 |
| Projet qui a raté | 80 | 63 |

Deux ateliers complets : j’ouvre une liste d’attente.
""",
                attach=("Inscriptions.ods",),
            ),
            says(
                "achille-sorbier",
                5,
                "09:40",
                "Pour le lecteur d’écran, je peux refaire une séance l’après-midi : la salle de Limoges est libre jusqu’à 17 h.",
            ),
            says("lucas-chevrefeuille", 5, "09:43", "Oui ! Cela fait douze places de plus.", reply_to=2),
            says(
                "oscar-lierre", 4, "15:35", "Le graphique pour la lettre interne.", attach=("Inscrits par atelier.png",)
            ),
            says(
                "paul-jonquille",
                1,
                "10:05",
                "Reste-t-il une place pour « Faire parler ses données » ? Mon fichier grossit de jour en jour.",
            ),
            says("victor-bourrache", 1, "10:12", "La dernière est pour toi.", reply_to=5),
        ),
    ),
)
