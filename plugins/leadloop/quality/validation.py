"""Great Expectations, run on Arrow tables: what each expectation of a suite saw.

The only module that imports it (5 CPU-seconds, so inside functions and once in a process). An
ephemeral context: nothing is stored, sent or written. Neighbours: `suites`, `reads`, `examples`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leadloop.quality.examples import EXAMPLE_ROWS, mask_row
from leadloop.quality.reads import READS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

    from leadloop.quality.suites import Expectation, Suite


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one expectation saw in all rows of its read."""

    suite: str
    expectation: str
    severity: str
    is_passed: bool
    observed: dict[str, Any]
    examples: tuple[dict[str, Any], ...]
    notes: str
    loads: tuple[str, ...] = ()


@dataclass(slots=True)
class Tally:
    """Counts of one expectation, added up over the parts of a read."""

    rows: int = 0
    judged: int = 0
    broken: int = 0
    error: str | None = None
    loads: set[str] = field(default_factory=set)
    examples: list[dict[str, Any]] = field(default_factory=list)

    def holds(self, mostly: float) -> bool:
        """Return whether enough of the judged rows are as they should be; no rows are enough."""
        if self.error:
            return False
        return not self.broken or (self.judged - self.broken) / self.judged >= mostly


def make_context() -> Any:
    """Return a Great Expectations context that keeps, sends and prints nothing."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def evaluate_suite(context: Any, suite: Suite, parts: Iterable[pa.Table]) -> list[Verdict]:
    """Return one verdict for each expectation of the suite, in the order of the file."""
    from great_expectations.core import ExpectationSuite
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    checks = ExpectationSuite(name=suite.name)
    for position, item in enumerate(suite.expectations):
        checks.add_expectation_configuration(
            ExpectationConfiguration(
                type=item.type, kwargs=item.arguments, meta={"position": position}
            )
        )
    asset = context.data_sources.add_pandas(suite.name).add_dataframe_asset(suite.name)
    rows = asset.add_batch_definition_whole_dataframe("rows")
    tallies = [Tally() for _ in suite.expectations]
    for part in parts:
        frame = part.to_pandas()
        batch = rows.get_batch(batch_parameters={"dataframe": frame})
        for result in batch.validate(checks, result_format=_RESULT_FORMAT).results:
            position = result.expectation_config.meta["position"]
            _add(tallies[position], result, frame, suite, suite.expectations[position])
    return [
        _conclude(suite, item, tally)
        for item, tally in zip(suite.expectations, tallies, strict=True)
    ]


# Every broken row's position is wanted: it says which load to hold.
_RESULT_FORMAT = {
    "result_format": "COMPLETE",
    "partial_unexpected_count": 0,
    "return_unexpected_index_query": False,
}


def _add(
    tally: Tally, result: Any, frame: pd.DataFrame, suite: Suite, expectation: Expectation
) -> None:
    tally.rows += len(frame)
    if "element_count" not in result.result:
        tally.error = _describe_error(result.exception_info)
        return
    tally.judged += result.result["element_count"] - result.result.get("missing_count", 0)
    tally.broken += result.result["unexpected_count"]
    if not result.result["unexpected_count"]:
        return
    broken = frame.loc[result.result["unexpected_index_list"]]
    if "load_date" in broken:
        tally.loads.update(broken["load_date"].unique())
    places = list(READS[suite.read].places)
    shown = list(dict.fromkeys([*places, *expectation.columns]))
    some = broken.sort_values(places)[shown].head(EXAMPLE_ROWS - len(tally.examples))
    tally.examples += [mask_row(row) for row in some.astype(object).to_dict("records")]


def _conclude(suite: Suite, expectation: Expectation, tally: Tally) -> Verdict:
    observed: dict[str, Any] = {"rows": tally.rows, "judged": tally.judged, "broken": tally.broken}
    if tally.error:
        observed["error"] = tally.error
    return Verdict(
        suite=suite.name,
        expectation=expectation.sentence,
        severity=expectation.severity,
        is_passed=tally.holds(expectation.kwargs.get("mostly", 1.0)),
        observed=observed,
        examples=tuple(tally.examples),
        notes=expectation.notes,
        loads=tuple(sorted(tally.loads)),
    )


def _describe_error(exception_info: Any) -> str:
    messages = [
        str(info["exception_message"])
        for info in (exception_info or {}).values()
        if isinstance(info, dict) and info.get("exception_message")
    ]
    return messages[0] if messages else "it could not be evaluated"
