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
    # guests
    GUESTS_ALLOWED = "guests_allowed"  # allowed: whether the space takes them from now on
    GUEST_INVITED = "guest_invited"  # role, until
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    GUEST_OPENED = "guest_opened"  # until
    GUEST_ADMITTED = "guest_admitted"  # role, until
    GUEST_END_SET = "guest_end_set"  # until
    GUEST_TAKEN_OVER = "guest_taken_over"
    # administrators
    ADMINISTRATOR_APPOINTED = "administrator_appointed"
