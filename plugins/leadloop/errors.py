"""The one exception of the package: what was seen, what was wanted, where to change it."""


class LeadloopError(Exception):
    """A mistake the user can mend; its message says what was seen, wanted, and where to look.

    The command line prints the message alone (no traceback) and exits with `exit_code`:
    1 when the work failed or a gate stopped it, 2 when the command or a file was used wrongly.
    """

    exit_code = 1


class UsageError(LeadloopError):
    """A wrong argument, setting or configuration file."""

    exit_code = 2
