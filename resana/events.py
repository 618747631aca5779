"""WHAT CAN HAPPEN. One page.

Every event of a space, with whom it concerns. An event row holds references, never titles or text: whoever hears of it
fetches what they may see.
"""

from __future__ import annotations

from enum import StrEnum


class Event(StrEnum):
    """What happened in a stream. All who may read the space are concerned, unless the line says otherwise."""

    SPACE_CREATED = "space_created"
    SPACE_EDITED = "space_edited"
    SPACE_ARCHIVED = "space_archived"
    SPACE_REOPENED = "space_reopened"
    SPACE_TRASHED = "space_trashed"
    SPACE_RESTORED = "space_restored"
    SPACE_SEQUESTERED = "space_sequestered"
    SPACE_RELEASED = "space_released"
    LEAD_APPOINTED = "lead_appointed"
    VISIBILITY_CHANGED = "visibility_changed"
    MEMBER_ADDED = "member_added"
    MEMBER_JOINED = "member_joined"
    MEMBER_CHANGED = "member_changed"
    MEMBER_REMOVED = "member_removed"
    MEMBER_LEFT = "member_left"
    ACCESS_REQUESTED = "access_requested"  # concerns the leads
    ACCESS_ANSWERED = "access_answered"  # concerns the leads and who asked
    EMERGENCY_OPENED = "emergency_opened"
    EMERGENCY_ENDED = "emergency_ended"

    FOLDER_CREATED = "folder_created"
    FOLDER_RENAMED = "folder_renamed"
    FOLDER_MOVED = "folder_moved"
    FOLDER_TRASHED = "folder_trashed"
    FOLDER_RESTORED = "folder_restored"
    FOLDER_RESTRICTED = "folder_restricted"
    FOLDER_OPENED = "folder_opened"
    FOLDER_ACCESS_CHANGED = "folder_access_changed"  # only in the folder's own stream
    DOCUMENT_ADDED = "document_added"
    DOCUMENT_UPDATED = "document_updated"
    DOCUMENT_RENAMED = "document_renamed"
    DOCUMENT_MOVED = "document_moved"
    DOCUMENT_TRASHED = "document_trashed"
    DOCUMENT_RESTORED = "document_restored"
    VERSION_RESTORED = "version_restored"

    THREAD_CREATED = "thread_created"
    THREAD_RENAMED = "thread_renamed"
    THREAD_CLOSED = "thread_closed"
    THREAD_REOPENED = "thread_reopened"
    MESSAGE_POSTED = "message_posted"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_DELETED = "message_deleted"


FOR_SOME = frozenset({Event.ACCESS_REQUESTED, Event.ACCESS_ANSWERED})
"""What concerns only some: the others hear that something happened, and no more."""
