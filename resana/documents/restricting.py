"""Restricted folders: for some of those who read the space. Restricting one, opening it, and who is in it.

Whoever changes this has the space's tree to themselves (places.lock), and all that carries the audience of a folder
changes in the same transaction.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select, update

from resana.accounts.models import Account, AccountStatus
from resana.acts import Act
from resana.administrations.models import Administration, AdministrationClosure
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, Refused
from resana.events import Event
from resana.permissions import Can, accounts_who, can, hidden, obtain
from resana.spaces.models import PrincipalKind, Role, Space, Stream
from resana.spaces.streams import record, shrink

from .models import HIGHEST_IN_FOLDER, Document, Folder, FolderGrant
from .places import lock, stream_of, taken_by


@action
def restrict(folder: Folder, *, by: Account) -> None:
    """Let only the leads of the space see a folder and all that is in it, and those whom they then let in.

    Raises Conflict where it stands in a restricted folder, or holds one.
    """
    space = _begin(folder, Can.RESTRICT_FOLDER, by)
    if folder.restricted:
        return
    if folder.acl_folder_id is not None:
        raise Conflict(_("Ce dossier est déjà dans un dossier restreint : il a les mêmes lecteurs que lui."))
    inside = session.execute(
        select(func.count()).where(Folder.id.in_(_tree(folder)), Folder.restricted.is_(True))
    ).scalar_one()
    if inside:
        raise Conflict(
            _(
                "Ce dossier contient déjà un dossier restreint, dans la liste ou dans la corbeille. "
                "Ouvrez-le ou déplacez-le d’abord."
            )
        )
    settle(folder, folder.id)
    if (stream := _stream(folder)) is None:
        session.add(Stream(space_id=space.id, folder_id=folder.id))
        session.flush()
    else:
        shrink(stream)
    record(Event.FOLDER_RESTRICTED, space.stream, by=by, folder_id=folder.public_id)


@action
def open_up(folder: Folder, *, by: Account) -> None:
    """Let all who read the space see a restricted folder again. Raises Conflict where its name is taken there."""
    space = _begin(folder, Can.RESTRICT_FOLDER, by)
    if not folder.restricted:
        return
    taken = taken_by(space, folder.parent, folder.folded_name, by, besides=folder)
    if taken is not None:
        raise Conflict(
            _(
                "« %(name)s » est déjà le nom d’un autre élément à cet endroit. Renommez l’un des deux d’abord.",
                name=taken.name,
            )
        )
    stream = stream_of(folder, space)
    before = session.execute(accounts_who(Can.READ_FOLDER, folder).with_only_columns(func.count(Account.id)))
    more = -before.scalar_one()
    session.execute(delete(FolderGrant).where(FolderGrant.folder_id == folder.id))
    settle(folder, None)
    after = session.execute(accounts_who(Can.READ_FOLDER, folder).with_only_columns(func.count(Account.id)))
    more += after.scalar_one()
    record(Event.FOLDER_OPENED, stream, by=by, kept=False, folder_id=folder.public_id)
    record(Event.FOLDER_OPENED, space.stream, by=by, facts={"persons": more}, folder_id=folder.public_id)


@action
def let_in(
    folder: Folder, principal: Account | Administration, role: Role, *, by: Account, subtree: bool = False
) -> FolderGrant:
    """Give a role in a restricted folder to a person, or to an administration (`subtree`: and all below it).

    It has to read the space: a folder never opens the space. Giving again changes the role. Raises Refused, Conflict.
    """
    space = _begin(folder, Can.RESTRICT_FOLDER, by)
    if not folder.restricted:
        raise Conflict(_("Ce dossier n’est pas restreint : tout l’espace le voit."))
    _may_give(role, folder, by)
    kind = _kind(principal, subtree)
    if kind != PrincipalKind.ACCOUNT and role > Role.CONTRIBUTOR:
        raise Refused(_("Une administration peut recevoir au plus le rôle de contributeur."), "role")
    if not reads(space, principal, kind):
        raise Refused(
            _(
                "Faites d’abord entrer dans l’espace : "
                "on n’entre dans un dossier restreint que si on lit déjà l’espace."
            ),
            "principal",
        )
    known = session.execute(
        select(FolderGrant).where(
            FolderGrant.folder_id == folder.id,
            FolderGrant.principal_kind == kind,
            FolderGrant.principal_id == principal.id,
        )
    ).scalar_one_or_none()
    if known is not None:
        change_role(known, role, by=by)
        return known
    grant = FolderGrant(
        space_id=space.id,
        folder_id=folder.id,
        principal_kind=kind,
        principal_id=principal.id,
        role=role,
        granted_by_id=by.id,
        granted_at=now(),
    )
    session.add(grant)
    session.flush()
    _changed(folder, by)
    tell(Act.FOLDER_ACCESS_GIVEN, by=by, of=folder, space_id=space.id, **_facts(folder, grant), role=int(role))
    return grant


@action
def change_role(grant: FolderGrant, role: Role, *, by: Account) -> None:
    """Change a role in a restricted folder. Raises Refused, NotAllowed, NotThere."""
    folder = _begin_with(grant, by)
    _may_give(role, folder, by)
    if grant.principal_kind != PrincipalKind.ACCOUNT and role > Role.CONTRIBUTOR:
        raise Refused(_("Une administration peut recevoir au plus le rôle de contributeur."), "role")
    if grant.role == role:
        return
    former, grant.role = grant.role, int(role)
    session.flush()
    shrink(stream_of(folder, folder.space))
    _changed(folder, by)
    facts = _facts(folder, grant)
    tell(Act.FOLDER_ACCESS_CHANGED, by=by, of=folder, space_id=folder.space_id, **facts, former=former, role=int(role))


@action
def put_out(grant: FolderGrant, *, by: Account) -> None:
    """Take a role in a restricted folder away; it has no effect from the next statement on. Raises NotThere."""
    folder = _begin_with(grant, by)
    facts, role = _facts(folder, grant), grant.role
    session.delete(grant)
    session.flush()
    shrink(stream_of(folder, folder.space))
    _changed(folder, by)
    tell(Act.FOLDER_ACCESS_TAKEN, by=by, of=folder, space_id=folder.space_id, **facts, role=role)


def settle(folder: Folder, audience: int | None) -> None:
    """Give a folder, and all below it in the trash or not, its audience: the restricted folder's id, or None.

    `audience` its own id makes it restricted. Within an action that has the tree to itself. Raises Conflict where
    that would put one restricted folder into another.
    """
    tree = _tree(folder)
    if audience is not None:
        others = select(func.count()).where(Folder.id.in_(tree), Folder.restricted.is_(True), Folder.id != folder.id)
        if session.execute(others).scalar_one():
            raise Conflict(_("Un dossier restreint ne peut pas être placé dans un autre dossier restreint."))
    folder.restricted, folder.acl_folder_id = audience == folder.id, audience
    session.flush()
    below = [identity for identity in tree if identity != folder.id]
    for model, where in ((Folder, Folder.id.in_(below)), (Document, Document.folder_id.in_(tree))):
        session.execute(
            update(model).where(where).values(acl_folder_id=audience).execution_options(synchronize_session=False)
        )
    session.expire_all()


def lift_hidden(folder: Folder, *, by: Account) -> None:
    """Put the restricted folders in a folder that `by` may not know of one step up, before it goes where they may not.

    Nothing in the answer tells of them, and who is in them loses nothing.
    """
    if folder.acl_folder_id is not None:
        return
    unknown = hidden(by, Folder).where(Folder.id.in_(_tree(folder)), Folder.restricted.is_(True))
    for one in session.execute(unknown).scalars().all():
        one.parent_id = folder.parent_id
        session.flush()
        record(Event.FOLDER_MOVED, stream_of(one, one.space), by=None, folder_id=one.public_id)


def _tree(folder: Folder) -> list[int]:
    """The ids of a folder and of all below it, in the trash or not."""
    tree = select(Folder.id).where(Folder.id == folder.id).cte("tree", recursive=True)
    tree = tree.union_all(select(Folder.id).where(Folder.parent_id == tree.c.id))
    return list(session.execute(select(tree.c.id)).scalars())


def _begin(folder: Folder, right: Can, by: Account) -> Space:
    space = folder.space
    lock(space.stream)
    obtain(by, right, folder_id=folder.public_id)
    return space


def _begin_with(grant: FolderGrant, by: Account) -> Folder:
    """The tree to oneself, and the grant read anew under the lock. Raises NotThere where it is gone."""
    lock(grant.space.stream)
    obtain(by, Can.CHANGE_FOLDER_GRANT, folder_grant_id=grant.public_id)
    return session.get_one(Folder, grant.folder_id)


def _stream(folder: Folder) -> Stream | None:
    return session.execute(select(Stream).where(Stream.folder_id == folder.id)).scalar_one_or_none()


def _changed(folder: Folder, by: Account) -> None:
    stream = stream_of(folder, folder.space)
    record(Event.FOLDER_ACCESS_CHANGED, stream, by=by, kept=False, folder_id=folder.public_id)


def _may_give(role: Role, folder: Folder, by: Account) -> None:
    """Nobody gives more than they have, and who does not lead the space gives at most contributor (I10)."""
    if not Role.READER <= role <= HIGHEST_IN_FOLDER:
        raise Refused(_("Choisissez un rôle."), "role")
    if role > Role.CONTRIBUTOR and not can(by, Can.EDIT_SPACE, folder.space):
        raise NotAllowed


def _kind(principal: Account | Administration, subtree: bool) -> PrincipalKind:
    if isinstance(principal, Account):
        return PrincipalKind.ACCOUNT
    return PrincipalKind.SUBTREE if subtree else PrincipalKind.ADMINISTRATION


def reads(space: Space, principal: Account | Administration, kind: PrincipalKind) -> bool:
    """Whether that person, or somebody of that administration (SUBTREE: or below it), reads the space."""
    if isinstance(principal, Account):
        return principal.status == AccountStatus.ACTIVE and can(principal, Can.READ_SPACE, space)
    readers = accounts_who(Can.READ_SPACE, space).with_only_columns(Account.id)
    return session.execute(readers.where(_belongs_to(principal, kind)).limit(1)).first() is not None


def _belongs_to(administration: Administration, kind: PrincipalKind) -> Any:
    if kind == PrincipalKind.ADMINISTRATION:
        return Account.home_administration_id == administration.id
    return Account.home_administration_id.in_(
        select(AdministrationClosure.descendant_id).where(AdministrationClosure.ancestor_id == administration.id)
    )


def _facts(folder: Folder, grant: FolderGrant) -> dict[str, Any]:
    model: Any = Account if grant.principal_kind == PrincipalKind.ACCOUNT else Administration
    principal = session.get(model, grant.principal_id)
    named = principal.public_id if principal is not None else None  # all agents
    return {"folder": folder.public_id, "kind": str(grant.principal_kind), "principal": named}
