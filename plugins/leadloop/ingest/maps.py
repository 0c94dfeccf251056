"""Maps: YAML files that say how a source's rows become rows of the contract.

The grammar is the models below (docs/importing.md tells it in words), its cross-checks are in
`mistakes`, its execution in `mapping`. A map carries its own tests; `check_map` runs them.
"""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from leadloop.contract import TABLES, Table
from leadloop.errors import UsageError
from leadloop.settings import describe_mistakes, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Settings


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Reads(_Strict):
    """What the files look like."""

    format: Literal["csv", "xlsx", "jsonl", "json", "parquet"]
    delimiter: str = "auto"
    encoding: str = "auto"
    sheet: str | None = None
    records: str = ""


class Turns(_Strict):
    """How one line becomes many rows: a list inside it, one item or several speakers a turn."""

    each: str
    speakers: Names = ()


# Where a column may come from; a right one says exactly one of these.
SOURCES = (
    "from_",
    "constant",
    "coalesce",
    "join",
    "pick",
    "clock",
    "month",
    "between",
    "object",
)


class Pick(_Strict):
    """Which column to take, by the value of another."""

    by: str
    cases: dict[str, str] = Field(min_length=1)


class YearMonth(_Strict):
    """Two columns that name a month."""

    year: str
    month: str


class ColumnMap(_Strict):
    """Where one column comes from (exactly one source) and how its text is read."""

    from_: str | None = Field(default=None, alias="from")
    constant: str | int | float | bool | None = None
    coalesce: Names = ()
    join: Names = ()
    pick: Pick | None = None
    clock: Names = ()
    month: YearMonth | None = None
    between: tuple[str, str] | None = None
    object: dict[str, str] = Field(default_factory=dict)

    separator: str = "/"
    present: dict[str, str] = Field(default_factory=dict)
    split: str | None = None
    take: Literal["first", "last"] = "first"
    matching: str | None = None
    subtract: str | None = None
    empty: Names = ()
    default: str | None = None
    codes: dict[str, str] = Field(default_factory=dict)
    unit: Literal["s", "ms", "clock"] | None = None
    format: Names = ()
    epoch: Literal["s", "ms"] | None = None
    zone: str | None = None
    date: str | None = None
    after: str | None = None
    when: str | None = None
    required: bool = False
    optional: bool = False

    @property
    def sources(self) -> list[str]:
        """The kinds of source given; a right map has one."""
        return [kind.rstrip("_") for kind in SOURCES if getattr(self, kind) not in (None, (), {})]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns of the file that it reads."""
        found = [self.from_, self.date, self.subtract, *self.coalesce, *self.join, *self.clock]
        if self.pick:
            found += [self.pick.by, *self.pick.cases.values()]
        if self.month:
            found += [self.month.year, self.month.month]
        found += self.object.values()
        return tuple(dict.fromkeys(name for name in found if name is not None))

    def describe(self) -> str:
        """Return the source in a few words, for the dry run."""
        if self.constant is not None:
            return f"always {self.constant}"
        if self.between:
            return "seconds from {} to {}".format(*self.between)
        return (" + " if self.join else ", ").join(self.inputs)


class MapTest(_Strict):
    """One example: a row in, and the columns out or the reason for its refusal."""

    name: str
    row: dict[str, Any]
    gives: dict[str, Any] | list[dict[str, Any]] | None = None
    refused: str | None = None
    unknown: dict[str, int] | None = None


def _read_column(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class Map(_Strict):
    """One map file."""

    name: str
    source_system: str
    table: str
    description: str
    timezone: str | None = None
    reads: Reads
    date_precision: Literal["second", "day", "month", "none"]
    turns: Turns | None = None
    columns: dict[str, Annotated[ColumnMap, BeforeValidator(_read_column)]]
    tests: tuple[MapTest, ...] = Field(min_length=1)

    @field_validator("table")
    @classmethod
    def _table_exists(cls, value: str) -> str:
        if value not in TABLES:
            message = f"is no table of the contract; wanted one of {', '.join(TABLES)}"
            raise ValueError(message)
        return value

    @property
    def contract(self) -> Table:
        """The landing table that it fills."""
        return TABLES[self.table]

    @property
    def inputs(self) -> tuple[str, ...]:
        """Columns of the file that it reads, the list of turns not among them."""
        return tuple(dict.fromkeys(name for spec in self.columns.values() for name in spec.inputs))

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns of the file that must be there."""
        names = [
            name for spec in self.columns.values() if not spec.optional for name in spec.inputs
        ]
        return tuple(dict.fromkeys(names))

    @property
    def tells_won(self) -> bool:
        """Whether its codes can say that a deal was made."""
        return "human_won" in self._outcomes

    @property
    def tells_human(self) -> bool:
        """Whether its codes tell a person from no answer.

        A list of contacts, all of them answered, does not: its connect rate would be 100 %.
        """
        human = {value for value in self._outcomes if value.startswith("human_")}
        return bool(human) and bool(self._outcomes - human - {"other", "test"})

    @property
    def _outcomes(self) -> set[str]:
        outcome = self.columns.get("outcome")
        return set(outcome.codes.values()) if outcome else set()


def load_map(settings: Settings, name: str) -> Map:
    """Return the map of that name in `config/maps`, or the one in a file."""
    return read_map(find_map(settings, name))


def find_map(settings: Settings, name: str) -> Path:
    """Return the file of a map: a path as it is, a name from `config/maps`."""
    if name.endswith((".yml", ".yaml")):
        from pathlib import Path

        return Path(name)
    path = settings.config_file("maps", f"{name}.yml")
    if not path.exists():
        known = sorted(list_maps(settings))
        message = (
            f"There is no map {name!r}. Known: {', '.join(known)}. Give one of these, "
            f"a path to a .yml file, or write {settings.config / 'maps' / name}.yml."
        )
        raise UsageError(message)
    return path


def list_maps(settings: Settings) -> dict[str, Path]:
    """Return the files of all maps by name, the company's own before those shipped."""
    folders = (settings.project / "config" / "maps", settings.config / "maps")
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.yml"))}


def read_map(path: Path) -> Map:
    """Return the map in a file; every mistake in it is named at once, with its place."""
    try:
        state = path.stat()
    except OSError as error:
        message = f"{path} cannot be read: {error}"
        raise UsageError(message) from error
    return _read_map(path, (state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=256)
def _read_map(path: Path, _state: tuple[int, int]) -> Map:
    # A bulk load asks for the same few maps once a file.
    from leadloop.ingest.mistakes import find_mistakes

    try:
        found = Map.model_validate(read_yaml(path))
        find_mistakes(found)
    except ValidationError as error:
        raise UsageError(describe_mistakes(path, error)) from error
    return found


def compute_fingerprint(found: Map, surroundings: dict[str, str]) -> str:
    """Return a hash of all that decides what a file's rows become, its tests left out."""
    content = found.model_dump(mode="json", exclude={"tests", "description"}, exclude_defaults=True)
    # In their order: of codes for several columns the first line that fits counts.
    text = json.dumps([content, surroundings], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_map(path: Path) -> list[str]:
    """Return what the map's own tests found wrong; empty when all of them hold."""
    from leadloop.ingest.examples import run_examples

    return run_examples(read_map(path))
