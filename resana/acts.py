"""WHAT THE JOURNAL KEEPS. One page.

Every act that a scope's journal holds: who may see what, who is who, and what became of a thing. What is said in a
discussion is no act: its own sequence (events.py) keeps it.
"""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    """What somebody did. The facts that stand with it are named behind it."""

    # administrations
    ADMINISTRATION_CREATED = "administration_created"
    ADMINISTRATION_EDITED = "administration_edited"  # fields: which
    ADMINISTRATION_IDENTIFIED = "administration_identified"  # sirets, mail_domains: how many
    POLICY_SET = "policy_set"  # fields: which
    ADMINISTRATION_MOVED = "administration_moved"  # former, present: the administrations above
    ADMINISTRATION_CLOSED = "administration_closed"  # successor, how many of each follow; in the journals of both
    # accounts
    ACCOUNT_OPENED = "account_opened"
    ACCOUNT_EDITED = "account_edited"  # fields: which
    ACCOUNT_SUSPENDED = "account_suspended"
    ACCOUNT_REACTIVATED = "account_reactivated"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_MOVED = "account_moved"  # former, present: administrations; stands in the journals of both
    ACCOUNT_REQUEST_REFUSED = "account_request_refused"
    ACCOUNTS_IMPORTED = "accounts_imported"  # opened, edited, refused: how many
    ACCOUNTS_EXPORTED = "accounts_exported"  # count
    ADMINISTRATOR_APPOINTED = "administrator_appointed"  # ends_at; former: the closed one, where the scope followed
    ADMINISTRATOR_DISMISSED = "administrator_dismissed"
    FACTOR_ADDED = "factor_added"  # kind
    FACTOR_REMOVED = "factor_removed"  # kind
    RECOVERY_CODES_MADE = "recovery_codes_made"
    FACTOR_RESET_ASKED = "factor_reset_asked"
    FACTOR_RESET_AGREED = "factor_reset_agreed"
    FACTOR_RESET_CANCELLED = "factor_reset_cancelled"
    FACTORS_RESET = "factors_reset"
    # spaces
    SPACE_PASSED_ON = "space_passed_on"  # former, present: the owning administrations
    GRANT_REPOINTED = "grant_repointed"  # former, present: administrations; role; merged: whether another was there
    FACTOR_REQUIREMENT_CHANGED = "factor_requirement_changed"  # required
    # restricted folders
    FOLDER_RESTRICTED = "folder_restricted"  # folder
    FOLDER_OPENED = "folder_opened"  # folder, persons: how many more read it now
    FOLDER_ACCESS_GIVEN = "folder_access_given"  # folder, kind, principal, role
    FOLDER_ACCESS_CHANGED = "folder_access_changed"  # folder, kind, principal, former, role
    FOLDER_ACCESS_TAKEN = "folder_access_taken"  # folder, kind, principal, role
    AUDIENCE_CHANGED = "audience_changed"  # thing, former, present: restricted folders, or null; before, after: persons
