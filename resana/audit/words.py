"""The journal in words: one table, act → what is said behind the name of who did it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from resana.acts import Act
from resana.core.words import exactly
from resana.spaces.models import Role, Visibility
from resana.spaces.words import role_name


def sentences() -> dict[str, str]:
    """What is said of each act. Its places (%(whom)s, %(role)s, …) are filled from the entry's facts by `said`."""
    return {
        Act.SIGNED_IN: _("s’est connecté"),
        Act.SIGN_IN_FAILED: _("n’a pas pu se connecter : adresse ou mot de passe inexact"),
        Act.SIGNED_OUT: _("s’est déconnecté"),
        Act.SESSION_ENDED: _("a fermé l’une de ses connexions"),
        Act.SIGNED_OUT_EVERYWHERE: _("a fermé toutes ses connexions"),
        Act.IDENTITY_CONFIRMED: _("a confirmé son identité avant une action sensible"),
        Act.IDENTITY_NOT_CONFIRMED: _("n’a pas pu confirmer son identité : mot de passe inexact"),
        Act.PASSWORD_CHANGED: _("a changé son mot de passe"),
        Act.PASSWORD_CHOSEN: _("a choisi un mot de passe par un lien reçu"),
        Act.LINK_SENT: _("a envoyé un lien pour choisir un mot de passe"),
        Act.TOKEN_MADE: _("a créé un jeton d’accès (%(scope)s), valable jusqu’au %(until)s"),
        Act.TOKEN_REVOKED: _("a révoqué l’un de ses jetons d’accès"),
        Act.ACCOUNT_OPENED: _("a ouvert un compte"),
        Act.ACCOUNT_EDITED: _("a corrigé un compte : %(fields)s"),
        Act.ACCOUNT_SUSPENDED: _("a suspendu un compte"),
        Act.ACCOUNT_REACTIVATED: _("a réactivé un compte"),
        Act.ACCOUNT_DEACTIVATED: _("a désactivé un compte"),
        Act.ACCOUNT_MOVED: _("a changé une personne d’administration : de « %(former)s » à « %(present)s »"),
        Act.ACCOUNT_ERASED: _("a effacé un compte"),
        Act.EMAIL_CHANGE_ASKED: _("a demandé le changement d’une adresse électronique"),
        Act.EMAIL_CHANGED: _("a changé l’adresse électronique d’un compte"),
        Act.EMAIL_CHANGE_REFUSED: _("a refusé le changement d’une adresse électronique"),
        Act.TRANSFER_PROPOSED: _("a proposé une personne à « %(destination)s »"),
        Act.TRANSFER_ACCEPTED: _("a accueilli une personne dans « %(destination)s »"),
        Act.TRANSFER_REFUSED: _("a refusé d’accueillir une personne dans « %(destination)s »"),
        Act.TRANSFER_WITHDRAWN: _("a retiré sa proposition à « %(destination)s »"),
        Act.MEMBER_KEPT: _("garde %(account)s dans l’espace après son départ"),
        Act.MEMBER_NOT_KEPT: _("ne garde plus %(account)s dans l’espace après son départ"),
        Act.DELEGATION_GRANTED: _("a confié un intérim à %(account)s, jusqu’au %(until)s"),
        Act.DELEGATION_ENDED: _("a mis fin à l’intérim de %(account)s"),
        Act.ACCOUNT_REQUEST_REFUSED: _("a refusé une demande de compte"),
        Act.ACCOUNTS_IMPORTED: _("a ouvert %(opened)s comptes et en a corrigé %(edited)s depuis une liste"),
        Act.ACCOUNTS_EXPORTED: _("a téléchargé la liste de %(count)s comptes"),
        Act.ADMINISTRATOR_APPOINTED: _("a nommé un administrateur"),
        Act.ADMINISTRATOR_DISMISSED: _("a mis fin au rôle d’un administrateur"),
        Act.FACTOR_ADDED: _("a ajouté une deuxième étape de connexion"),
        Act.FACTOR_REMOVED: _("a retiré une deuxième étape de connexion"),
        Act.RECOVERY_CODES_MADE: _("a renouvelé ses codes de secours"),
        Act.FACTOR_RESET_ASKED: _("a demandé le retrait de la deuxième étape d’un compte"),
        Act.FACTOR_RESET_AGREED: _("a accepté le retrait de la deuxième étape d’un compte"),
        Act.FACTOR_RESET_CANCELLED: _("a annulé le retrait de la deuxième étape d’un compte"),
        Act.FACTORS_RESET: _("a retiré la deuxième étape d’un compte"),
        Act.ADMINISTRATION_CREATED: _("a ajouté une administration"),
        Act.ADMINISTRATION_EDITED: _("a corrigé une administration : %(fields)s"),
        Act.ADMINISTRATION_IDENTIFIED: _("a changé les SIRET ou les domaines de messagerie d’une administration"),
        Act.POLICY_SET: _("a changé ce que permet une administration : %(fields)s"),
        Act.ADMINISTRATION_MOVED: _("a déplacé une administration : de « %(former)s » à « %(present)s »"),
        Act.ADMINISTRATION_CLOSED: _("a fermé une administration, remplacée par « %(successor)s »"),
        Act.SPACE_SEQUESTERED: _("a fermé l’espace, que plus personne n’anime"),
        Act.SPACE_RELEASED: _("a rouvert l’espace, qui a de nouveau un responsable"),
        Act.LEAD_APPOINTED: _("a nommé %(account)s responsable de l’espace"),
        Act.SPACE_TRASHED: _("a mis l’espace à la corbeille"),
        Act.SPACE_RESTORED: _("a sorti l’espace de la corbeille"),
        Act.SPACE_PASSED_ON: _("a confié l’espace à « %(present)s », qui remplace « %(former)s »"),
        Act.GRANT_REPOINTED: _("a reporté un accès de « %(former)s » sur « %(present)s »"),
        Act.FACTOR_REQUIREMENT_CHANGED: _("a changé si l’espace demande une deuxième étape de connexion"),
        Act.MEMBER_JOINED: _("a rejoint l’espace comme %(role)s"),
        Act.SPACE_REQUESTED: _("a demandé un nouvel espace"),
        Act.SPACE_REQUEST_ACCEPTED: _("a accepté la demande d’espace de %(account)s"),
        Act.SPACE_REQUEST_REFUSED: _("a refusé la demande d’espace de %(account)s"),
        Act.SPACE_CREATED: _("a créé l’espace"),
        Act.SPACE_EDITED: _("a revu la présentation de l’espace"),
        Act.SPACE_ARCHIVED: _("a archivé l’espace"),
        Act.SPACE_REOPENED: _("a rouvert l’espace"),
        Act.VISIBILITY_CHANGED: _("a changé la visibilité de l’espace : %(visibility)s"),
        Act.MEMBER_ADDED: _("a fait entrer %(whom)s dans l’espace comme %(role)s"),
        Act.MEMBER_CHANGED: _("a changé le rôle de %(whom)s : de %(former_role)s à %(role)s"),
        Act.MEMBER_REMOVED: _("a retiré l’accès de %(whom)s, qui était %(role)s"),
        Act.MEMBER_LEFT: _("a quitté l’espace, où son rôle était %(role)s"),
        Act.ACCESS_REQUESTED: _("a demandé l’accès à l’espace"),
        Act.ACCESS_ANSWERED: _("a répondu à la demande d’accès de %(account)s : %(answer)s"),
        Act.GUESTS_ALLOWED: _("a changé si l’espace accueille des personnes externes"),
        Act.GUEST_INVITED: _("a invité une personne externe comme %(role)s, jusqu’au %(until)s"),
        Act.INVITATION_WITHDRAWN: _("a annulé l’invitation d’une personne externe"),
        Act.GUEST_OPENED: _("a ouvert par son invitation le compte d’une personne externe, jusqu’au %(until)s"),
        Act.GUEST_ADMITTED: _("a fait entrer une personne externe dans l’espace comme %(role)s, jusqu’au %(until)s"),
        Act.GUEST_END_SET: _("a fixé la fin de l’accès d’une personne externe au %(until)s"),
        Act.GUEST_TAKEN_OVER: _("répond désormais d’une personne externe"),
        Act.EMERGENCY_ASKED: _("a demandé un accès exceptionnel en lecture"),
        Act.EMERGENCY_REFUSED: _("a refusé l’accès exceptionnel de %(account)s"),
        Act.EMERGENCY_OPENED: _("a ouvert à %(account)s un accès exceptionnel en lecture, jusqu’au %(until)s"),
        Act.EMERGENCY_ENDED: _("a mis fin à l’accès exceptionnel de %(account)s"),
        Act.EMERGENCY_READ: _("a lu par un accès exceptionnel"),
        Act.FOLDER_CREATED: _("a créé un dossier"),
        Act.FOLDER_RENAMED: _("a renommé un dossier"),
        Act.FOLDER_MOVED: _("a déplacé un dossier"),
        Act.FOLDER_TRASHED: _("a mis un dossier à la corbeille"),
        Act.FOLDER_RESTORED: _("a sorti un dossier de la corbeille"),
        Act.FOLDER_RESTRICTED: _("a restreint un dossier"),
        Act.FOLDER_OPENED: _("a ouvert un dossier à tout l’espace : %(persons)s personnes de plus"),
        Act.FOLDER_ACCESS_GIVEN: _("a ouvert un dossier restreint à %(principal)s comme %(role)s"),
        Act.FOLDER_ACCESS_CHANGED: _("a changé le rôle de %(principal)s dans un dossier restreint : %(role)s"),
        Act.FOLDER_ACCESS_TAKEN: _("a retiré un dossier restreint à %(principal)s"),
        Act.AUDIENCE_CHANGED: _("a changé qui lit un document : %(after)s personnes, au lieu de %(before)s"),
        Act.DOCUMENT_ADDED: _("a déposé un document"),
        Act.DOCUMENT_UPDATED: _("a déposé la version %(version)s d’un document"),
        Act.DOCUMENT_RENAMED: _("a renommé un document"),
        Act.DOCUMENT_MOVED: _("a déplacé un document"),
        Act.DOCUMENT_TRASHED: _("a mis un document à la corbeille"),
        Act.DOCUMENT_RESTORED: _("a sorti un document de la corbeille"),
        Act.VERSION_RESTORED: _("a rétabli la version %(restored_from)s d’un document"),
        Act.THREAD_CREATED: _("a ouvert une discussion"),
        Act.THREAD_RENAMED: _("a renommé une discussion"),
        Act.THREAD_CLOSED: _("a clos une discussion"),
        Act.THREAD_REOPENED: _("a rouvert une discussion"),
        Act.JOURNAL_READ: _("a consulté le journal"),
        Act.JOURNAL_EXPORTED: _("a exporté le journal"),
        Act.CHECKPOINT: _("a posé un point de contrôle"),
    }


def groups() -> list[tuple[str, list[Act]]]:
    """The acts by what they are about, for a filter."""
    acts: list[Act] = [act for act in Act if act != Act.CHECKPOINT]
    places: list[tuple[str, Act, Act]] = [
        (_("Connexions"), Act.SIGNED_IN, Act.TOKEN_REVOKED),
        (_("Comptes et administrations"), Act.ADMINISTRATION_CREATED, Act.FACTORS_RESET),
        (_("Espaces et membres"), Act.SPACE_SEQUESTERED, Act.GUEST_TAKEN_OVER),
        (_("Accès exceptionnels"), Act.EMERGENCY_ASKED, Act.EMERGENCY_READ),
        (_("Documents"), Act.FOLDER_RESTRICTED, Act.VERSION_RESTORED),
        (_("Discussions"), Act.THREAD_CREATED, Act.THREAD_REOPENED),
        (_("Journal"), Act.JOURNAL_READ, Act.JOURNAL_EXPORTED),
    ]
    found = [(name, acts[acts.index(first) : acts.index(last) + 1]) for name, first, last in places]
    named = {act for _name, group in found for act in group}
    rest = [act for act in acts if act not in named]
    return [*found, (_("Autres"), rest)] if rest else found


def act_name(act: str) -> str:
    """An act by itself, in a filter: its sentence without what fills it."""
    sentence = sentences().get(act, act)
    for sign in (" : %", " à %", ", jusqu", " (%", ", valable", ", qui était", ", où son", " de %", " comme %"):
        sentence = sentence.partition(sign)[0]
    words = " ".join(word for word in sentence.split(" ") if "%(" not in word)
    return words[:1].upper() + words[1:]


def doer(act: str) -> str:
    """Who did what no account did."""
    return _("Quelqu’un") if act == Act.SIGN_IN_FAILED else _("Resana")


def said(act: str, facts: dict[str, Any], names: dict[str, str]) -> str:
    """The sentence of an entry. `names` are the names of public ids that the reader may know; others stay ids."""
    sentence = sentences().get(act)
    if sentence is None:  # an act of a later version, or of an older one
        return _("a fait ceci : %(act)s", act=act)
    return sentence % _Places(facts, names)


class _Places:
    """Fills a sentence's places from facts, each in words."""

    def __init__(self, facts: dict[str, Any], names: dict[str, str]) -> None:
        self.facts, self.names = facts, names

    def __getitem__(self, place: str) -> str:
        fact = self.facts.get(place)
        if place == "whom":
            return self._whom()
        if place == "answer":
            return _("oui") if self.facts.get("accepted") else _("non")
        if place in ("role", "former_role"):
            return _role(fact)
        if place == "visibility":
            return _visibility(fact, bool(self.facts.get("open_to_read")))
        if place == "scope":
            return _("lecture et écriture") if fact == "write" else _("lecture seule")
        if place == "until":
            return _moment(fact)
        if place == "fields":
            return ", ".join(_field(name) for name in fact or [])
        return self.names.get(str(fact), str(fact))

    def _whom(self) -> str:
        kind, identity = self.facts.get("principal"), str(self.facts.get("principal_id"))
        name = self.names.get(identity, identity)
        if kind == "agents":
            return _("tous les agents")
        return _("%(name)s et ses services", name=name) if kind == "subtree" else name


def _role(code: Any) -> str:
    try:
        return role_name(Role.of(str(code)))
    except KeyError:
        return str(code)


def _visibility(visibility: Any, open_to_read: bool) -> str:
    names = {
        Visibility.PRIVATE: _("privé"),
        Visibility.ADMINISTRATION: _("connu de son administration"),
        Visibility.AGENTS: _("connu de tous les agents"),
    }
    name = names.get(visibility, str(visibility))
    return _("%(visibility)s et ouvert en lecture", visibility=name) if open_to_read else name


def _moment(fact: Any) -> str:
    try:
        return exactly(datetime.fromisoformat(str(fact)))
    except ValueError:
        return str(fact)


def _field(name: str) -> str:
    return {
        "first_name": _("prénom"),
        "last_name": _("nom"),
        "job_title": _("fonction"),
        "team_lead": _("responsable d’équipe"),
        "name": _("nom"),
        "short_name": _("nom court"),
        "kind": _("type"),
        "city": _("ville"),
        "space_creation": _("qui crée des espaces"),
        "all_agents_may_read": _("espaces ouverts en lecture à tous"),
        "account_opening": _("qui obtient un compte en le demandant"),
        "second_factor": _("deuxième étape de connexion"),
    }.get(name, name)


def kind_name(kind: str) -> str:
    """What an object is, where its name may not be said."""
    return {
        "account": _("Compte"),
        "accesstoken": _("Jeton d’accès"),
        "signinsession": _("Connexion"),
        "administration": _("Administration"),
        "space": _("Espace"),
        "spacerequest": _("Demande d’espace"),
        "accessrequest": _("Demande d’accès"),
        "grant": _("Accès"),
        "invitation": _("Invitation"),
        "emergencyaccess": _("Accès exceptionnel"),
        "version": _("Version d’un document"),
        "message": _("Message"),
        "page": _("Page"),
        "folder": _("Dossier"),
        "document": _("Document"),
        "thread": _("Discussion"),
        "delegation": _("Intérim"),
        "transfer": _("Changement d’administration"),
    }.get(kind, kind)
