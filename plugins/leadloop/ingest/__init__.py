"""The door: maps, readers, quarantine and landing; one outcome row for each file."""

from leadloop.errors import LeadloopError


class IngestError(LeadloopError):
    """A file cannot be taken in as it is; nothing of it has landed."""
