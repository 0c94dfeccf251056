"""Actions: gate what was proposed, carry out what was approved, deliver it exactly as promised.

The rows are those of `leadloop.ledger`; what is measured afterwards is the business of `effects`.
"""

from leadloop.errors import LeadloopError


class ActionError(LeadloopError):
    """An action, a compliance pack or a connection is not what it should be."""
