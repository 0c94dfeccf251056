"""Suites of expectations as YAML: what must hold, how bad it is if not, and why.

`load_suites` reads `expectations/*.yml` and names every mistake in them at once. Neighbours:
`reads` (the rows a suite looks at), `validation` (runs them), `docs/gates.md` (how to write one).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from leadloop import contract
from leadloop.errors import UsageError
from leadloop.quality.reads import READS
from leadloop.settings import read_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadloop.settings import Settings

Severity = Literal["critical", "warning"]
GATES = ("landing", "core", "scores", "marts")


@dataclass(frozen=True, slots=True)
class Form:
    """What one type of expectation needs, and how it reads in a sentence."""

    sentence: str
    columns: tuple[str, ...]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


# Each of these judges single rows, so that a bulk load can be judged in parts and every failure
# has rows to show. Totals are judged as rows of a read that makes them (such as landing_loads).
FORMS = {
    "expect_column_values_to_not_be_null": Form("{column} is never empty", ("column",)),
    "expect_column_values_to_be_null": Form("{column} is always empty", ("column",)),
    "expect_column_values_to_be_unique": Form("{column} is unique", ("column",)),
    "expect_column_values_to_be_in_set": Form(
        "{column} is one of {value_set}", ("column",), ("value_set",)
    ),
    "expect_column_values_to_be_between": Form(
        "{column} is {range}", ("column",), (), ("min_value", "max_value")
    ),
    "expect_column_values_to_match_regex": Form(
        "{column} looks like {regex}", ("column",), ("regex",)
    ),
    "expect_compound_columns_to_be_unique": Form("{column_list} are unique", ("column_list",)),
    "expect_column_pair_values_to_be_equal": Form(
        "{column_A} equals {column_B}", ("column_A", "column_B"), (), ("ignore_row_if",)
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Form(
        "{column_A} is {above} {column_B}",
        ("column_A", "column_B"),
        ("or_equal",),
        ("ignore_row_if",),
    ),
}
_VALUE_SETS = {
    "contract:outcomes": contract.OUTCOMES,
    "contract:directions": contract.DIRECTIONS,
    "contract:speakers": contract.SPEAKERS,
    "contract:precisions": contract.PRECISIONS,
}


class Expectation(BaseModel):
    """One thing that must hold of every row of a read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(description="Type of Great Expectations; the ones known are in FORMS.")
    kwargs: dict[str, Any] = Field(description="Arguments of the type: columns, limits, mostly.")
    severity: Severity = Field(description="critical stops the day; warning is recorded.")
    notes: str = Field(min_length=20, description="Why it must hold and what follows if not.")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the read that it looks at."""
        named = [self.kwargs.get(argument) for argument in FORMS[self.type].columns]
        return tuple(
            column
            for value in named
            for column in (value if isinstance(value, list) else [value])
            if isinstance(column, str)
        )

    @property
    def sentence(self) -> str:
        """How it is named in messages, results and pages.

        >>> Expectation(type="expect_column_values_to_be_between", severity="warning",
        ...     kwargs={"column": "talk_s", "min_value": 0}, notes="A talk has a length.").sentence
        'talk_s is at least 0'
        """
        words = {**self.kwargs, "range": _describe_range(self.kwargs)}
        words["above"] = "at least" if self.kwargs.get("or_equal") else "above"
        words["column_list"] = ", ".join(self.kwargs.get("column_list", ()))
        words["value_set"] = _describe_set(self.kwargs.get("value_set"))
        text = FORMS[self.type].sentence.format(**words)
        mostly = self.kwargs.get("mostly")
        return text if mostly is None else f"{text} in at least {mostly:.1%} of rows"

    @property
    def arguments(self) -> dict[str, Any]:
        """The kwargs with the contract's value sets filled in."""
        value_set = self.kwargs.get("value_set")
        if isinstance(value_set, str):
            return {**self.kwargs, "value_set": list(_VALUE_SETS[value_set])}
        return dict(self.kwargs)

    def list_mistakes(self, known: tuple[str, ...]) -> Iterator[str]:
        """Give what is wrong with it, given the columns of its read."""
        form = FORMS.get(self.type)
        if form is None:
            yield f"type: {self.type!r} is not known; wanted one of {', '.join(FORMS)}"
            return
        wanted = {*form.columns, *form.needs}
        for name in sorted(wanted - self.kwargs.keys()):
            yield f"kwargs.{name}: missing"
        for name in sorted(self.kwargs.keys() - wanted - {*form.takes, "mostly"}):
            yield f"kwargs.{name}: not an argument of {self.type}"
        for column in self.columns:
            if column not in known:
                yield f"kwargs: no column {column!r}; the read has {', '.join(known)}"
        value_set = self.kwargs.get("value_set")
        if isinstance(value_set, str) and value_set not in _VALUE_SETS:
            yield f"kwargs.value_set: {value_set!r}; wanted a list or {', '.join(_VALUE_SETS)}"


class Suite(BaseModel):
    """The expectations on one read, evaluated at one gate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="Name of the suite; the file's name without .yml.")
    gate: Literal["landing", "core", "scores", "marts"] = Field(description="When it is evaluated.")
    read: str = Field(description="Which rows it looks at: a name in leadloop.quality.reads.")
    parameters: dict[str, float] = Field(
        default_factory=dict, description="Numbers that the read takes, such as minimum_rows."
    )
    expectations: tuple[Expectation, ...] = Field(min_length=1, description="What must hold.")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns to load: those looked at and those that say where a row is."""
        read = READS[self.read]
        used = {column for item in self.expectations for column in item.columns}
        return tuple(name for name in read.columns if name in used or name in read.places)

    def list_mistakes(self) -> Iterator[str]:
        """Give what the schema alone cannot see: reads, columns, arguments, repetitions."""
        read = READS.get(self.read)
        if read is None:
            yield f"read: {self.read!r} is not known; wanted one of {', '.join(READS)}"
            return
        if read.gate != self.gate:
            yield f"gate: the read {self.read} belongs to gate {read.gate}, not {self.gate}"
        if self.parameters.keys() != set(read.parameters):
            yield f"parameters: wanted {sorted(read.parameters)}, seen {sorted(self.parameters)}"
        sentences: set[str] = set()
        for position, item in enumerate(self.expectations):
            mistakes = list(item.list_mistakes(read.columns))
            yield from (f"expectations.{position}.{mistake}" for mistake in mistakes)
            if not mistakes:
                if item.sentence in sentences:
                    yield f"expectations.{position}: repeats {item.sentence!r}"
                sentences.add(item.sentence)


def load_suites(settings: Settings, gate: str | None = None) -> list[Suite]:
    """Return the suites (of one gate, or all), by name.

    A file in the company's own `expectations/` (beside its company.yml) replaces the shipped one
    of that name. Every mistake in every file is named in one UsageError.
    """
    own = settings.config / "expectations"
    files = {path.name: path for path in sorted((settings.project / "expectations").glob("*.yml"))}
    files.update({path.name: path for path in sorted(own.glob("*.yml"))})
    suites, mistakes = [], []
    for name in sorted(files):
        try:
            suites.append(load_suite(files[name]))
        except UsageError as error:
            mistakes.append(str(error))
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return [suite for suite in suites if gate in (None, suite.gate)]


def load_suite(path: Path) -> Suite:
    """Return one suite; raise UsageError with every mistake in the file and its place."""
    suite = read_model(path, Suite)
    mistakes = list(suite.list_mistakes())
    if suite.name != path.stem:
        mistakes.insert(0, f"name: {suite.name!r} differs from the file's name {path.stem!r}")
    if mistakes:
        lines = [f"{path} has {len(mistakes)} mistake(s):", *(f"  {line}" for line in mistakes)]
        raise UsageError("\n".join(lines))
    return suite


def _describe_range(kwargs: dict[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"between {low} and {high}"


def _describe_set(value_set: Any) -> str:
    if isinstance(value_set, str):
        return f"the contract's {value_set.removeprefix('contract:')}"
    return ", ".join(str(value) for value in value_set or ())
