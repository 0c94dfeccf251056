"""The one exception of publishing."""

from leadloop.errors import LeadloopError


class PublishError(LeadloopError):
    """The marts under construction cannot be published as they are."""
