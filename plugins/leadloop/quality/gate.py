"""The gate task: evaluate the suites, say so everywhere it is looked for, then stop or go on.

Rows go to the operations store and the pointer file before anything is raised, so that a stopped
day shows why. Neighbours: `suites`, `validation`, `data_docs`; the order of gates is in `dags/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore, pointer
from leadloop.errors import LeadloopError, UsageError
from leadloop.quality import data_docs
from leadloop.quality.reads import READS, read_parts
from leadloop.quality.scope import Scope, open_scope
from leadloop.quality.suites import GATES, load_suites
from leadloop.quality.validation import Verdict, evaluate_suite, make_context

if TYPE_CHECKING:
    from leadloop.settings import Settings

CYCLE = "daily"


class GateStopped(LeadloopError):  # noqa: N818 - a stop that was wanted, not an error of the program
    """A critical expectation does not hold: the day stops before anything is published."""


def run_gate(
    settings: Settings, gate: str, day: str, *, since: str | None = None
) -> dict[str, Any]:
    """Return what the gate saw; raise GateStopped where a critical expectation does not hold.

    Running a gate again replaces its rows of that day. A gate that stops holds the loads with the
    broken rows, so that later days, and the week, go on without them; a landing gate that passes
    frees the loads it judged. `since` is the first day of a backfill: held loads from then on
    are judged again too.
    """
    if gate not in GATES:
        message = f"There is no gate {gate!r}; wanted one of {', '.join(GATES)}."
        raise UsageError(message)
    with opstore.record_step(settings, CYCLE, day, f"gate_{gate}") as detail:
        verdicts, scope = evaluate_gate(settings, gate, day, since)
        held = _list_broken_loads(verdicts, scope)
        _write_results(settings, gate, scope, verdicts, held)
        summary = _summarise(gate, day, verdicts, held)
        detail.update(summary)
        state = "stopped" if summary["failures"] else "running"
        pointer.note_attempt(settings, (CYCLE, day), state)
        page = data_docs.write_page(settings, gate, day, verdicts)
        if summary["failures"]:
            raise GateStopped(_describe_stop(gate, day, verdicts, held, str(page)))
    return summary


def evaluate_gate(
    settings: Settings, gate: str, day: str, since: str | None = None
) -> tuple[list[Verdict], Scope]:
    """Return the verdicts of all suites of a gate, and the scope that they judged."""
    context = make_context()
    verdicts: list[Verdict] = []
    suites = load_suites(settings, gate)
    with open_scope(settings, gate, (since or day, day)) as (connection, scope):
        for suite in suites:
            parameters = {**scope.parameters, **suite.parameters}
            parts = read_parts(connection, READS[suite.read], suite.columns, parameters)
            verdicts += evaluate_suite(context, suite, parts)
    return verdicts, scope


def _list_broken_loads(verdicts: list[Verdict], scope: Scope) -> set[str]:
    held: set[str] = set()
    for verdict in verdicts:
        if not verdict.is_passed and verdict.severity == "critical":
            # A failure that no row can be blamed for is every load's.
            held |= set(verdict.loads or scope.loads)
    return held


def _write_results(
    settings: Settings, gate: str, scope: Scope, verdicts: list[Verdict], held: set[str]
) -> None:
    moment = opstore.now()
    results, loads = opstore.gate_results, opstore.load_gates
    with opstore.transaction(settings) as connection:
        # Later gates have not judged this attempt yet: what they said of an earlier one goes too.
        stale = GATES[GATES.index(gate) :]
        same = sa.and_(results.c.gate.in_(stale), results.c.day == scope.day)
        connection.execute(sa.delete(results).where(same))
        for verdict in verdicts:
            row = {
                "gate": gate,
                "day": scope.day,
                "suite": verdict.suite,
                "expectation": verdict.expectation[:300],
                "severity": verdict.severity,
                "is_passed": verdict.is_passed,
                "observed": verdict.observed,
                "examples": list(verdict.examples),
                "notes": verdict.notes,
                "evaluated_at": moment,
            }
            connection.execute(sa.insert(results).values(row))
        rows = (
            {
                "load_date": load,
                "is_held": load in held,
                "day": scope.day,
                "batches": scope.list_batches(load),
                "gated_at": moment,
            }
            for load in scope.loads
        )
        opstore.replace(connection, loads, rows)


def _summarise(gate: str, day: str, verdicts: list[Verdict], held: set[str]) -> dict[str, Any]:
    broken = [verdict for verdict in verdicts if not verdict.is_passed]
    return {
        "gate": gate,
        "day": day,
        "evaluated": len(verdicts),
        "failures": [_name(item) for item in broken if item.severity == "critical"],
        "warnings": [_name(item) for item in broken if item.severity == "warning"],
        "held_loads": sorted(held),
    }


def _name(verdict: Verdict) -> str:
    return f"{verdict.suite}: {verdict.expectation}"


def _describe_stop(gate: str, day: str, verdicts: list[Verdict], held: set[str], page: str) -> str:
    lines = [
        f"Gate {gate} stopped {day}: nothing of it is published; earlier marts stay as they are."
    ]
    for verdict in verdicts:
        if verdict.is_passed or verdict.severity != "critical":
            continue
        seen = verdict.observed
        lines.append(f"  suite {verdict.suite}, expectation: {verdict.expectation}")
        lines.append(f"    seen: {seen.get('error') or describe_observed(seen)}")
        lines += [f"    row: {describe_example(row)}" for row in verdict.examples]
        lines.append(f"    why it matters: {verdict.notes}")
    lines.append(f"  Written to: gate_results in the operations store, {page}.")
    lines.append("  " + _describe_remedy(gate, day, held))
    return "\n".join(lines)


def describe_observed(observed: dict[str, Any]) -> str:
    """Return what was seen in words, such as `3 of 120 rows broke it (2.5%)`."""
    judged, broken = observed["judged"], observed["broken"]
    share = f" ({broken / judged:.1%})" if judged else ""
    return f"{broken} of {judged} rows broke it{share}"


def describe_example(row: dict[str, Any]) -> str:
    """Return a masked row on one line."""
    return ", ".join(f"{name}={value}" for name, value in row.items())


def _describe_remedy(gate: str, day: str, held: set[str]) -> str:
    loads = ", ".join(sorted(held))
    mend = "the file or its map, import it again" if gate == "landing" else "the rows or the model"
    return (
        (f"Held until mended: load {loads}; other days go on without it. " if held else "")
        + f"Correct {mend}, then `leadloop run daily --date {day}`. "
        "A limit that is too strict is changed in expectations/."
    )
