"""Conditions of a metric query as SQL text that cannot carry more than was meant.

MetricFlow pastes the text of a condition into its query as it is (after rendering it as a Jinja
template), so names come from an allow-list and values become literals here, nowhere else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from leadloop.errors import UsageError

Scalar = str | int | float | bool | None
Condition = Scalar | Sequence[Scalar] | Mapping[str, Scalar | Sequence[Scalar]]

COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
MEMBERSHIPS = ("in", "not in")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def render_condition(dimension: str, condition: Condition) -> str:
    """Return one condition on a dimension, whose name must come from the semantic manifest.

    A value means equality, a list membership, a mapping its operator: `{">=": 14}`.

    >>> render_condition("dial__channel_id", "referral")
    "{{ Dimension('dial__channel_id') }} = 'referral'"
    >>> render_condition("dial__dial_hour", {">=": 14, "<": 18})
    "{{ Dimension('dial__dial_hour') }} >= 14 and {{ Dimension('dial__dial_hour') }} < 18"
    """
    column = f"{{{{ Dimension('{dimension}') }}}}"
    if isinstance(condition, Mapping):
        if not condition:
            message = f"The filter on {dimension} is empty; wanted for example {{'>=': 14}}."
            raise UsageError(message)
        parts = [_compare(column, operator, value) for operator, value in condition.items()]
        return " and ".join(parts)
    if isinstance(condition, Sequence) and not isinstance(condition, str):
        return _compare(column, "in", condition)
    return _compare(column, "=", condition)


def render_literal(value: Scalar) -> str:
    """Return a value as a SQL literal that neither SQL nor Jinja can read as anything else.

    >>> render_literal("O'Neil'; drop table x")
    "'O''Neil''; drop table x'"
    >>> render_literal("{{ 7 * 7 }}")
    "('{' || '{ 7 * 7 }}')"
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if not isinstance(value, str):
        message = f"{value!r} cannot be a filter value; wanted text, a finite number or a boolean."
        raise UsageError(message)
    if _CONTROL.search(value):
        message = f"The filter value {value!r} holds control characters; wanted plain text."
        raise UsageError(message)
    # A Jinja delimiter is a brace and a second sign; apart from each other they are plain text.
    parts = [f"'{part}'" for part in re.split(r"(?<=\{)(?=[{%#])", value.replace("'", "''"))]
    return parts[0] if len(parts) == 1 else f"({' || '.join(parts)})"


def _compare(column: str, operator: str, value: Scalar | Sequence[Scalar]) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        if operator in MEMBERSHIPS and value:
            literals = ", ".join(render_literal(item) for item in value)
            return f"{column} {operator} ({literals})"
    elif operator in ("=", "!=") and value is None:
        return f"{column} is {'not ' if operator == '!=' else ''}null"
    elif operator in COMPARISONS:
        return f"{column} {operator} {render_literal(value)}"
    message = (
        f"The filter {operator!r} with {value!r} is not understood; wanted one of "
        f"{', '.join(COMPARISONS)} with a value, or {', '.join(MEMBERSHIPS)} with a filled list."
    )
    raise UsageError(message)
