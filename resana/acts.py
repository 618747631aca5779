"""WHAT THE JOURNAL KEEPS. One page.

Every act that a scope's journal holds: who may see what, who is who, and what became of a thing. What is said in a
discussion is no act: its own sequence (events.py) keeps it.
"""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What somebody did. The facts that stand with it are named behind it."""

    # accounts
    ACCOUNT_OPENED = "account_opened"
    ACCOUNT_EDITED = "account_edited"  # fields: which
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_REACTIVATED = "account_reactivated"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_MOVED = "account_moved"  # former, present: administrations; stands in the journals of both
    ACCOUNT_ERASED = "account_erased"
    EMAIL_CHANGE_ASKED = "email_change_asked"  # due: when it is done unless somebody says no
    EMAIL_CHANGED = "email_changed"  # confirmed: by a link, or by time
    EMAIL_CHANGE_REFUSED = "email_change_refused"
    TRANSFER_PROPOSED = "transfer_proposed"  # account, destination; stands in the journals of both, like its answers
    TRANSFER_ACCEPTED = "transfer_accepted"
    TRANSFER_REFUSED = "transfer_refused"
    TRANSFER_WITHDRAWN = "transfer_withdrawn"
    MEMBER_KEPT = "member_kept"  # account: who keeps their role in the space after a transfer
    MEMBER_NOT_KEPT = "member_not_kept"
    DELEGATION_GRANTED = "delegation_granted"  # account, until
    DELEGATION_ENDED = "delegation_ended"  # account
    ADMINISTRATOR_APPOINTED = "administrator_appointed"

    # spaces
    SPACE_SEQUESTERED = "space_sequestered"
    SPACE_RELEASED = "space_released"
    LEAD_APPOINTED = "lead_appointed"  # account
    SPACE_TRASHED = "space_trashed"
    SPACE_RESTORED = "space_restored"
