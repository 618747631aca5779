"""Inviting somebody from outside by e-mail, and coming in by it.

An invitation is 256 random bits of which we keep the hash, bound to one address, one space, one role, one
administration and one lead. It serves once, within seven days, and only as long as that lead might still invite: this
is asked when it is sent and again when it is used (Zulip, CVE-2022-21706 and CVE-2024-21630). It signs nobody in, and
whoever invites learns nothing of whether the address has an account.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from resana.accounts import guests as people
from resana.accounts import passwords, signing_in
from resana.accounts.actions import clean_email
from resana.accounts.models import Account, AccountStatus
from resana.accounts.sessions import hashed, new_secret
from resana.acts import Act
from resana.core import acts
from resana.core.actions import action
from resana.core.acts import tell
from resana.core.clock import now
from resana.core.database import session
from resana.core.errors import Conflict, NotAllowed, NotThere, Refused, TooMany
from resana.core.mail import send
from resana.core.words import day_of
from resana.permissions import Can, allowed, can, obtain

from .grants import end_invitations_of, grant_of, has_ended
from .guests import admit
from .models import Grant, Invitation, PrincipalKind, Role, Space
from .streams import hold
from .words import role_name

LIVES = timedelta(days=7)
BUDGET_TIME = timedelta(hours=1)
MOST_TO_ONE, MOST_BY_ONE = 5, 50
"""Invitations in an hour to one address, and by one lead: nobody's mailbox is flooded through us."""


@action
def invite(space: Space, email: str, role: Role, ends_at: datetime, *, by: Account) -> Invitation:
    """Mail somebody from outside an invitation; one that waits for the same address ends.

    Raises Refused at `email` for who is there already and for an agent whom `by` can see in the directory (any other
    address is invited, whoever has it), at `role` or `ends_at`; TooMany after many.
    """
    hold(space.stream)
    obtain(by, Can.INVITE_GUEST, space_id=space.public_id)
    email = clean_email(email)
    if role not in (Role.READER, Role.CONTRIBUTOR):
        raise Refused(_("Un invité externe est lecteur ou contributeur."), "role")
    ends_at = people.sane_end(ends_at)
    _complain_of_whom_one_sees(space, email, by)
    _check_budget(email, by)
    session.execute(
        update(Invitation)
        .where(
            Invitation.space_id == space.id,
            Invitation.email == email,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now())
        .execution_options(synchronize_session="fetch")
    )
    secret = new_secret()
    invitation = Invitation(
        secret_hash=hashed(secret),
        space=space,
        email=email,
        role=role,
        administration=space.owner_administration,
        invited_by=by,
        ends_at=ends_at,
        expires_at=min(now() + LIVES, ends_at),
    )
    session.add(invitation)
    session.flush()
    send(email, *_letter(invitation, _url(secret)))
    tell(
        Act.GUEST_INVITED,
        by=by,
        of=invitation,
        space_id=space.id,
        administration_id=space.owner_administration_id,
        role=role.code,
        until=ends_at.isoformat(),
    )
    return invitation


def _complain_of_whom_one_sees(space: Space, email: str, by: Account) -> None:
    seen: Account | None = session.execute(
        allowed(by, Can.SEE_PERSON).where(Account.email == email)
    ).scalar_one_or_none()
    if seen is None:
        return
    if not seen.is_guest:
        raise Refused(
            _("C’est l’adresse de %(name)s, un agent : faites-le entrer par son nom.", name=seen.full_name), "email"
        )
    grant = grant_of(space, PrincipalKind.ACCOUNT, seen.id)
    if grant is not None and not has_ended(grant) and seen.is_active:
        raise Refused(_("%(name)s est déjà dans cet espace.", name=seen.full_name), "email")


def _check_budget(email: str, by: Account) -> None:
    recent = select(func.count()).where(Invitation.created_at > now() - BUDGET_TIME)
    to_one = session.execute(recent.where(Invitation.email == email)).scalar_one()
    by_one = session.execute(recent.where(Invitation.invited_by_id == by.id)).scalar_one()
    if to_one >= MOST_TO_ONE or by_one >= MOST_BY_ONE:
        raise TooMany(
            _("Beaucoup d’invitations sont parties depuis une heure. Attendez avant de recommencer."),
            int(BUDGET_TIME.total_seconds()),
        )


def _url(secret: str) -> str:
    """Built from the settings: what a request says of its host could be anybody's."""
    path = current_app.url_map.bind("localhost").build("spaces.invitation", {"token": secret})
    return f"{current_app.config['SETTINGS'].address}{path}"


def _letter(invitation: Invitation, url: str) -> tuple[str, str]:
    said = {
        "name": invitation.invited_by.full_name,
        "administration": invitation.administration.name,
        "title": invitation.space.title,
        "role": role_name(invitation.role),
        "day": day_of(invitation.ends_at),
        "url": url,
    }
    return (
        _("%(name)s vous invite dans l’espace « %(title)s »", **said),
        _(
            "Bonjour,\n\n"
            "%(name)s (%(administration)s) vous invite à travailler dans l’espace « %(title)s » de Resana, "
            "comme %(role)s, jusqu’au %(day)s.\n\n"
            "Acceptez à cette adresse, valable sept jours et une seule fois :\n\n"
            "%(url)s\n\n"
            "Vous n’attendiez pas cette invitation ? Ne faites rien : elle s’éteindra d’elle-même.\n\n"
            "Resana ne vous demandera jamais votre mot de passe par courriel.\n",
            **said,
        ),
    )


@action
def withdraw(invitation: Invitation, *, by: Account) -> None:
    """Take an invitation back that nobody has used. Raises Conflict where somebody has."""
    hold(invitation.space.stream)
    session.refresh(invitation)
    obtain(by, Can.WITHDRAW_INVITATION, invitation_id=invitation.public_id)
    if invitation.accepted_at is not None:
        raise Conflict(_("Cette invitation a déjà été acceptée."))
    if invitation.revoked_at is None:
        invitation.revoked_at = now()
        tell(Act.INVITATION_WITHDRAWN, by=by, of=invitation, space_id=invitation.space_id)


def waiting_in(space: Space) -> Select[Invitation]:
    """The invitations to a space that can still be used as far as time goes."""
    return (
        select(Invitation)
        .where(
            Invitation.space_id == space.id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now(),
        )
        .options(joinedload(Invitation.invited_by))
    )


def waiting(space: Space) -> Sequence[Invitation]:
    """The same, newest first: one statement."""
    return session.execute(waiting_in(space).order_by(Invitation.id.desc())).scalars().all()


def living(secret: str) -> Invitation | None:
    """The invitation of that secret, if it may still serve and its lead might still invite."""
    if not secret or len(secret) > 200:
        return None
    found = session.execute(
        select(Invitation)
        .where(
            Invitation.secret_hash == hashed(secret),
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now(),
        )
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    return found if found is not None and can(found.invited_by, Can.INVITE_GUEST, found.space) else None


def holder_of(invitation: Invitation) -> Account | None:
    """The account that the invited address has already. Only for who holds the invitation."""
    return session.execute(
        select(Account).where(Account.email == invitation.email).execution_options(populate_existing=True)
    ).scalar_one_or_none()


def accept(
    secret: str,
    *,
    by: Account | None = None,
    first_name: str = "",
    last_name: str = "",
    organisation: str = "",
    password: str = "",
) -> Grant:
    """Come in by an invitation, with a new account; or with the guest's account that the address has, as it is.

    `by` is who is signed in where it is opened, if anybody is. Raises Refused at a field, Conflict for an agent's
    address and for somebody else's, NotThere where the invitation does not serve (any more).
    """
    invitation = living(secret)
    if invitation is None:
        raise NotThere
    if by is not None and by.email != invitation.email:
        raise Conflict(_("Cette invitation est pour une autre adresse. Déconnectez-vous, puis rouvrez-la."))
    known = holder_of(invitation)
    if known is not None:
        return _accept(secret, known, None)
    fresh = people.described(
        email=invitation.email,
        first_name=first_name,
        last_name=last_name,
        organisation=organisation,
        home=invitation.administration,
    )
    passwords.accepted(password, fresh)
    session.rollback()
    return _accept(secret, fresh, passwords.hashed(password))


@action
def _accept(secret: str, account: Account, password_hash: str | None) -> Grant:
    """All of it again, under the locks of the lead, the space and the invitation."""
    found = living(secret)
    if found is None:
        raise NotThere
    lead = signing_in.locked(found.invited_by_id)
    hold(found.space.stream)
    used = session.execute(
        update(Invitation)
        .where(
            Invitation.id == found.id,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > now(),
        )
        .values(accepted_at=now())
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if used is None:
        raise NotThere
    if password_hash is not None:
        account.home_administration = found.administration
        people.open_account(account, sponsor=lead, valid_until=found.ends_at, password_hash=password_hash)
    else:
        account = signing_in.locked(account.id)
        if not account.is_guest:
            raise Conflict(
                _("Cette adresse est celle d’un agent : demandez à la personne de vous faire entrer par votre nom.")
            )
        if account.status != AccountStatus.ACTIVE:
            raise NotThere
    try:
        grant = admit(found.space, account, Role(found.role), found.ends_at, by=lead)
    except (NotAllowed, Refused) as no_more:
        raise NotThere from no_more
    send(
        lead.email,
        _("%(name)s a accepté votre invitation", name=account.full_name),
        _(
            "%(name)s (%(organisation)s) est maintenant dans l’espace « %(title)s », jusqu’au %(day)s.",
            name=account.full_name,
            organisation=account.organisation,
            title=found.space.title,
            day=day_of(found.ends_at),
        ),
    )
    return grant


def _heard(told: acts.Told) -> None:
    if told.act in (Act.ACCOUNT_SUSPENDED, Act.ACCOUNT_DEACTIVATED) and told.of_id is not None:
        end_invitations_of(told.of_id)


def init_app() -> None:
    """Whoever may do nothing any more has invited nobody: their invitations end in that same transaction."""
    acts.listen(_heard)
