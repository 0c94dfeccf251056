"""What a failed step means and what to do about it: one readable block for logs and terminals.

`cycles` calls this from its failure hook and for the last lines of a run; docs/runbook.md shows
the same table with more room.
"""

from __future__ import annotations

from dataclasses import dataclass

REASON_LENGTH = 1500


@dataclass(frozen=True, slots=True)
class Remedy:
    """What the failure of one step means for the reader, and what mends it."""

    meaning: str
    action: str


REMEDIES = {
    "collect": Remedy(
        "A feed has no file for the day, or a file could not be read. Nothing was published.",
        "Put the file into the inbox (or mark the feed `required: false` in company.yml), "
        "then run the day again.",
    ),
    "gate_landing": Remedy(
        "What came in breaks a critical expectation. The load is held and earlier marts stay "
        "as they are; later days go on without it.",
        "Look at the example rows, correct the file or the map, import it and run the day again.",
    ),
    "build_core": Remedy(
        "The SQL models of the core did not build. Published marts are untouched.",
        "The log names the model; mend it or wait for a busy warehouse, then run the day again.",
    ),
    "gate_core": Remedy(
        "The cleaned rows break a critical expectation. Published marts are untouched.",
        "Look at the example rows and the suite in expectations/, then run the day again.",
    ),
    "language": Remedy(
        "What was said on the calls could not be read. Published marts are untouched.",
        "The log names the list, rule or model; mend it, then run the day again.",
    ),
    "score": Remedy(
        "Customers could not be scored. Published marts are untouched.",
        "The log says what was missing; mend it, then run the day again.",
    ),
    "gate_scores": Remedy(
        "The scores break a critical expectation. Published marts are untouched.",
        "Look at the example rows and the suite in expectations/, then run the day again.",
    ),
    "build_marts": Remedy(
        "The marts did not build, or break their contract. Published marts are untouched.",
        "The log names the model; mend it, then run the day again.",
    ),
    "gate_marts": Remedy(
        "The new marts break a critical expectation and were not published.",
        "Look at the example rows and the suite in expectations/, then run the day again.",
    ),
    "publish": Remedy(
        "The new version could not be written or verified; readers keep the one before.",
        "Check the free space under the home folder, then run the period again.",
    ),
    "ask_approver": Remedy(
        "A proposal could not be shown in Airflow. It stays open, and nothing of it is sent.",
        "Decide with `leadloop actions approve|reject ID`, or clear the task.",
    ),
    "carry_out": Remedy(
        "What was approved was not sent yet, or not all of it. It stays approved.",
        "Clear the task, or wait for the next daily cycle: it is sent once in any case.",
    ),
    "act": Remedy(
        "The numbers are published and decided on; what was to be sent is still waiting.",
        "The log names the connection or payload; mend it, then run the day again: every "
        "message keeps its key and is acted on once.",
    ),
    "publish_operations": Remedy(
        "The numbers are published; what was decided on them is not yet in the marts.",
        "Clear this task or run the day again; nothing is decided or sent twice.",
    ),
    "report": Remedy(
        "The numbers are published; only the report page is missing.",
        "Run `leadloop report` once its reason is mended.",
    ),
    "close_day": Remedy(
        "The day is published, but its week and month were not told.",
        "Clear this task; at the deadline `close_periods` tells them in any case.",
    ),
    "build_weekly": Remedy(
        "The week's summary did not build. Published marts are untouched.",
        "The log names the model; mend it, then run the week again.",
    ),
    "build_monthly": Remedy(
        "The month's summary did not build. Published marts are untouched.",
        "The log names the model; mend it, then run the month again.",
    ),
    "decide": Remedy(
        "The numbers are published, but no alert or decision came of them.",
        "The log names the rule or record; mend it, then run the period again: nothing is "
        "decided twice.",
    ),
    "deliver": Remedy(
        "Messages that were due have not gone out yet; none is lost.",
        "Read the log; the next run, five minutes later, takes up what was left.",
    ),
    "close_periods": Remedy(
        "Weeks and months that miss a day wait until this step has run.",
        "Clear the task; it runs again within the hour in any case.",
    ),
    "clean_metadata": Remedy(
        "Old run history of Airflow was not deleted; it only takes space.",
        "Read the log; the next night tries again.",
    ),
    "apply_retention": Remedy(
        "Old logs, refused rows or versions were not deleted; they only take space.",
        "Check the rights under the home folder; the next night tries again.",
    ),
    "back_up": Remedy(
        "There is no new back-up; the ones before are kept.",
        "Check the free space under the home folder, then run `leadloop run maintenance`.",
    ),
}
UNKNOWN = Remedy(
    "A step without an entry of its own failed.", "Read the log, mend the cause, run it again."
)


def describe_error(error: object) -> str:
    """Return an error as one paragraph without a traceback, cut where it gets too long."""
    text = str(error).strip() or type(error).__name__
    text = " ".join(text.split()) if len(text) > REASON_LENGTH else text
    return text if len(text) <= REASON_LENGTH else text[: REASON_LENGTH - 1] + "…"


def explain_failure(cycle: str, period: str, step: str, error: object) -> str:
    """Return the block that says what failed, what it means and what to do."""
    remedy = REMEDIES.get(step, UNKNOWN)
    again = "" if cycle == "maintenance" else f" --date {period}"
    return "\n".join(
        (
            f"FAILED   {step} ({cycle} cycle, {period})",
            f"reason   {describe_error(error)}",
            f"meaning  {remedy.meaning}",
            f"remedy   {remedy.action}",
            f"again    leadloop run {cycle}{again}",
        )
    )
