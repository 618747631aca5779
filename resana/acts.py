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
    ADMINISTRATOR_APPOINTED = "administrator_appointed"
    FACTOR_ADDED = "factor_added"  # kind
    FACTOR_REMOVED = "factor_removed"  # kind
    RECOVERY_CODES_MADE = "recovery_codes_made"
    FACTOR_RESET_ASKED = "factor_reset_asked"
    FACTOR_RESET_AGREED = "factor_reset_agreed"
    FACTOR_RESET_CANCELLED = "factor_reset_cancelled"
    FACTORS_RESET = "factors_reset"

    # administrations
    POLICY_SET = "policy_set"  # space_creation, second_factor

    # spaces
    FACTOR_REQUIREMENT_CHANGED = "factor_requirement_changed"  # required
