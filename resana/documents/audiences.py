"""Who sees what stands in a folder, in words; and the question before a move that would change it."""

from __future__ import annotations

import hashlib

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, select

from resana.accounts.models import Account
from resana.acts import Act
from resana.administrations.models import Administration
from resana.core.acts import tell
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed
from resana.permissions import Can, accounts_who, can
from resana.spaces.audience import MOST_NAMED, Audience, audience_of
from resana.spaces.models import PrincipalKind, Space

from .models import Document, Folder, FolderGrant

Shown = str | bool | None
"""The `digest` of the AudienceChanges that a person was shown before they said yes; True: a program answers for it."""


class AudienceChanges(Conflict):
    """Others than before would read it: shown, and asked, before it is done (permissions.md, 6 and I8)."""

    def __init__(self, before: Audience, after: Audience, digest: str) -> None:
        super().__init__(
            _(
                "Ce déplacement change qui voit cet élément. Aujourd’hui : %(before)s. Ensuite : %(after)s.",
                before=persons(before),
                after=persons(after),
            ),
            "confirm_audience",
        )
        self.before, self.after, self.digest = before, after, digest
        self.facts = {
            "audience": {
                "before": {"count": before.count, "words": before.words},
                "after": {"count": after.count, "words": after.words},
            }
        }


def persons(audience: Audience) -> str:
    """ "3 personnes (Préfecture + 1 personne)"."""
    number = ngettext("%(num)d personne", "%(num)d personnes", audience.count)
    return _("%(number)s (%(words)s)", number=number, words=audience.words) if audience.words else number


def audience_at(place: Folder | Document | None, space: Space) -> Audience:
    """Who may read what stands there, now: the space's readers, or those of the restricted folder."""
    around = around_of(place)
    if around is None:
        return audience_of(space)
    number = session.execute(accounts_who(Can.READ_FOLDER, around).with_only_columns(func.count(Account.id)))
    rows = session.execute(
        select(FolderGrant.principal_kind, Administration.short_name, func.count())
        .outerjoin(
            Administration,
            (Administration.id == FolderGrant.principal_id)
            & FolderGrant.principal_kind.in_((PrincipalKind.ADMINISTRATION, PrincipalKind.SUBTREE)),
        )
        .where(FolderGrant.folder_id == around.id)
        .group_by(FolderGrant.principal_kind, Administration.short_name)
        .order_by(FolderGrant.principal_kind.desc(), Administration.short_name)
    ).all()
    names = list(
        dict.fromkeys(
            name if kind == PrincipalKind.ADMINISTRATION else _("%(name)s et ses services", name=name)
            for kind, name, _count in rows
            if name
        )
    )
    parts = names[:MOST_NAMED]
    if more := len(names[MOST_NAMED:]):
        parts.append(ngettext("%(num)d autre administration", "%(num)d autres administrations", more))
    named = sum(count for kind, _name, count in rows if kind == PrincipalKind.ACCOUNT)
    if named:
        parts.append(ngettext("%(num)d personne choisie", "%(num)d personnes choisies", named))
    parts.append(_("responsables de l’espace"))
    return Audience(number.scalar_one(), " + ".join(parts), restricted=True)


def around_of(place: Folder | Document | None) -> Folder | None:
    """The restricted folder that a thing is or stands in."""
    if place is None or place.acl_folder_id is None:
        return None
    return session.get_one(Folder, place.acl_folder_id)


def leave_to_whom(thing: Document | Folder, place: Folder | None, *, by: Account, shown: Shown) -> bool:
    """Whether a move changes who reads a thing; within the action that moves it.

    Raises NotAllowed where that shows it to others and `by` does not moderate both sides, Conflict where a restricted
    folder would stand in another, AudienceChanges where `by` has not been shown those who read it afterwards.
    """
    present = place.acl_folder_id if place is not None else None
    if isinstance(thing, Folder) and thing.restricted:
        if present is not None:
            raise Conflict(_("Un dossier restreint ne peut pas être placé dans un autre dossier restreint."))
        return False
    if thing.acl_folder_id == present:
        return False
    if thing.acl_folder_id is not None:
        here = Can.DISCLOSE_FOLDER if isinstance(thing, Folder) else Can.DISCLOSE_DOCUMENT
        if not can(by, here, thing) or (place is not None and not can(by, Can.DISCLOSE_FOLDER, place)):
            raise NotAllowed(
                _(
                    "Sortir un élément d’un dossier restreint le montre à d’autres personnes. "
                    "Demandez-le à un animateur de ce dossier ou à un responsable de l’espace."
                )
            )
    digest = _digest(thing.space, place)
    before, after = audience_at(thing, thing.space), audience_at(place, thing.space)
    if shown is not True and shown != digest:
        raise AudienceChanges(before, after, digest)
    former, now_around = around_of(thing), around_of(place)
    tell(
        Act.AUDIENCE_CHANGED,
        by=by,
        of=thing,
        space_id=thing.space_id,
        thing=thing.public_id,
        former=former.public_id if former is not None else None,
        present=now_around.public_id if now_around is not None else None,
        before=before.count,
        after=after.count,
    )
    return True


def _digest(space: Space, place: Folder | None) -> str:
    """Names exactly the persons who read what stands there: if one more comes meanwhile, the question is put again."""
    around = around_of(place)
    readers = accounts_who(Can.READ_FOLDER, around) if around is not None else accounts_who(Can.READ_SPACE, space)
    ids = sorted(session.execute(readers.with_only_columns(Account.id)).scalars())
    where = place.public_id if place is not None else ""
    return hashlib.sha256(f"{where}:{ids}".encode()).hexdigest()
