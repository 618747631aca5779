"""WHAT THE JOURNAL KEEPS. One page.

Every act that a scope's journal holds: who may see what, who is who, and what became of a thing. What is said in a
discussion is no act: its own sequence (events.py) keeps it.
"""

from __future__ import annotations

from enum import StrEnum

from .events import Event


class Act(StrEnum):
    """What somebody did. The facts that stand with it are named behind it."""

    # signing in
    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"  # of nobody, where the address has no account
    SIGNED_OUT = "signed_out"
    SESSION_ENDED = "session_ended"
    SIGNED_OUT_EVERYWHERE = "signed_out_everywhere"
    IDENTITY_CONFIRMED = "identity_confirmed"
    IDENTITY_NOT_CONFIRMED = "identity_not_confirmed"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_CHOSEN = "password_chosen"
    LINK_SENT = "link_sent"  # purpose: invite, reset
    TOKEN_MADE = "token_made"  # scope, until
    TOKEN_REVOKED = "token_revoked"
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
    SPACE_SEQUESTERED = "space_sequestered"
    SPACE_RELEASED = "space_released"
    LEAD_APPOINTED = "lead_appointed"  # account
    SPACE_TRASHED = "space_trashed"
    SPACE_RESTORED = "space_restored"
    SPACE_PASSED_ON = "space_passed_on"  # former, present: the owning administrations
    GRANT_REPOINTED = "grant_repointed"  # former, present: administrations; role; merged: whether another was there
    FACTOR_REQUIREMENT_CHANGED = "factor_requirement_changed"  # required
    SPACE_REQUESTED = "space_requested"
    SPACE_REQUEST_ACCEPTED = "space_request_accepted"
    SPACE_REQUEST_REFUSED = "space_request_refused"
    SPACE_CREATED = "space_created"
    SPACE_EDITED = "space_edited"
    SPACE_ARCHIVED = "space_archived"
    SPACE_REOPENED = "space_reopened"
    VISIBILITY_CHANGED = "visibility_changed"  # visibility, open_to_read, and what both were
    MEMBER_JOINED = "member_joined"  # the same as added
    MEMBER_ADDED = "member_added"  # principal, principal_id, role, until
    MEMBER_CHANGED = "member_changed"  # the same, and former_role
    MEMBER_REMOVED = "member_removed"  # the same as added
    MEMBER_LEFT = "member_left"  # role
    ACCESS_REQUESTED = "access_requested"
    ACCESS_ANSWERED = "access_answered"  # accepted, account: who had asked
    # guests
    GUESTS_ALLOWED = "guests_allowed"  # allowed: whether the space takes them from now on
    GUEST_INVITED = "guest_invited"  # role, until
    INVITATION_WITHDRAWN = "invitation_withdrawn"
    GUEST_OPENED = "guest_opened"  # until
    GUEST_ADMITTED = "guest_admitted"  # role, until
    GUEST_END_SET = "guest_end_set"  # until
    GUEST_TAKEN_OVER = "guest_taken_over"
    # exceptional access; account: who asked, access: which one it is
    EMERGENCY_ASKED = "emergency_asked"  # account
    EMERGENCY_REFUSED = "emergency_refused"  # account
    EMERGENCY_OPENED = "emergency_opened"  # account, until
    EMERGENCY_ENDED = "emergency_ended"  # account, until
    EMERGENCY_READ = "emergency_read"  # access
    # documents
    FOLDER_RESTRICTED = "folder_restricted"  # folder
    FOLDER_OPENED = "folder_opened"  # folder, persons: how many more read it now
    FOLDER_ACCESS_GIVEN = "folder_access_given"  # folder, kind, principal, role
    FOLDER_ACCESS_CHANGED = "folder_access_changed"  # folder, kind, principal, former, role
    FOLDER_ACCESS_TAKEN = "folder_access_taken"  # folder, kind, principal, role
    AUDIENCE_CHANGED = "audience_changed"  # thing, former, present: restricted folders, or null; before, after: persons
    FOLDER_CREATED = "folder_created"
    FOLDER_RENAMED = "folder_renamed"
    FOLDER_MOVED = "folder_moved"  # to: the folder, or null for the space itself
    FOLDER_TRASHED = "folder_trashed"
    FOLDER_RESTORED = "folder_restored"
    DOCUMENT_ADDED = "document_added"  # version
    DOCUMENT_UPDATED = "document_updated"  # version
    DOCUMENT_RENAMED = "document_renamed"
    DOCUMENT_MOVED = "document_moved"  # to: the folder, or null for the space itself
    DOCUMENT_TRASHED = "document_trashed"
    DOCUMENT_RESTORED = "document_restored"
    VERSION_RESTORED = "version_restored"  # version: the new number; restored_from
    # discussions
    THREAD_CREATED = "thread_created"
    THREAD_RENAMED = "thread_renamed"
    THREAD_CLOSED = "thread_closed"
    THREAD_REOPENED = "thread_reopened"
    # the journal itself
    JOURNAL_READ = "journal_read"  # once an hour and sign-in
    JOURNAL_EXPORTED = "journal_exported"  # with the filters by which it was narrowed
    CHECKPOINT = "checkpoint"  # heads: chain → [number, hash]; stands in its own chain


NOT_KEPT = frozenset({Event.MESSAGE_POSTED, Event.MESSAGE_EDITED, Event.MESSAGE_DELETED})
"""Events that are no acts: a discussion is its own record."""

ACT_OF: dict[Event, Act] = {kind: Act(kind.value) for kind in Event if kind not in NOT_KEPT}
"""The act that an event of a space is. An event that is neither here nor in `NOT_KEPT` breaks the start."""
