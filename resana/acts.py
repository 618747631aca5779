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

    # restricted folders
    FOLDER_RESTRICTED = "folder_restricted"  # folder
    FOLDER_OPENED = "folder_opened"  # folder, persons: how many more read it now
    FOLDER_ACCESS_GIVEN = "folder_access_given"  # folder, kind, principal, role
    FOLDER_ACCESS_CHANGED = "folder_access_changed"  # folder, kind, principal, former, role
    FOLDER_ACCESS_TAKEN = "folder_access_taken"  # folder, kind, principal, role
    AUDIENCE_CHANGED = "audience_changed"  # thing, former, present: restricted folders, or null; before, after: persons
