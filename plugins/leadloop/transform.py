"""The models: runs dbt in this process, quietly, one layer at a time.

`build_layer` is the body of the build tasks, `parse` gives the semantic manifest to `metrics`.
The scope of a run (which dates, which files) is written by `scope`, whose `prepare` and
`mark_built` are offered here too. What dbt says goes to a log file; what failed becomes one
TransformError that names the model or test and what it means.
"""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from leadloop import opstore
from leadloop.errors import LeadloopError, UsageError
from leadloop.scope import is_full, mark_built, prepare, report_period

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from leadloop.settings import Settings

__all__ = [
    "TransformError",
    "build_docs",
    "build_layer",
    "mark_built",
    "parse",
    "prepare",
    "run_dbt",
]

# The layers and the cycle whose outcome rows they leave.
LAYERS = {
    "core": "daily",
    "marts": "daily",
    "operations": "daily",
    "weekly": "weekly",
    "monthly": "monthly",
}


class TransformError(LeadloopError):
    """A model or a test of the models failed."""


def build_layer(
    settings: Settings, layer: str, day: str, *, full: bool = False, only: Sequence[str] = ()
) -> dict[str, Any]:
    """Return how many models and tests ran for one layer, and their seconds.

    The day of `weekly` is the first day of the week, of `monthly` the month as YYYY-MM. Full
    rebuilds every table from landing instead of the touched dates. With `only` these models are
    built and what they are made from, as far as it is of the layer.
    """
    if layer not in LAYERS:
        message = f"{layer!r} is not a layer; wanted one of {', '.join(LAYERS)}."
        raise UsageError(message)
    with opstore.record_step(settings, LAYERS[layer], day, f"build_{layer}") as detail:
        started = time.monotonic()
        tags = [f"tag:{layer}"]
        if layer == "core":
            detail.update(prepare(settings, day, full=full))
            # Most days bring no agent, lead or channel that changed: their models can rest.
            tags += ["tag:history"] if detail["has_history"] else []
            tags += ["tag:events"] if detail["has_events"] else []
        elif layer in ("weekly", "monthly"):
            report_period(settings, layer, day)
        # A full scope outlives the run that asked for it: every layer follows it until publish.
        full = full or (layer in ("core", "marts") and is_full(settings))
        chosen = _choose(only, tags) if only else ["--select", *tags]
        arguments = ["build", *chosen, "--exclude-resource-type", "unit_test"]
        # Writing the manifests of unchanged models takes a third of a small build.
        arguments += ["--no-write-json"] if _is_parsed(settings) else []
        results = run_dbt(settings, [*arguments, *(["--full-refresh"] if full else [])])
        seconds = {result.node.name: round(result.execution_time, 3) for result in results}
        kinds = [result.node.resource_type for result in results]
        detail["models"] = kinds.count("model")
        detail["tests"] = kinds.count("test")
        detail["seconds"] = round(time.monotonic() - started, 3)
        detail["per_model"] = {
            name: value
            for (name, value), kind in zip(seconds.items(), kinds, strict=True)
            if kind == "model"
        }
    return detail


def _choose(models: Sequence[str], tags: Sequence[str]) -> list[str]:
    """Return dbt's arguments for these models and what they are made from, within some tags."""
    return [
        "--select",
        *(f"+{model},{tag}" for model in models for tag in tags),
        # Else every test that reads the scope would run, for all of them share that source.
        "--indirect-selection",
        "buildable",
        # A model need not be made from something of every tag.
        "--warn-error-options",
        "{error: all, warn: [NoNodesForSelectionCriteria]}",
    ]


def parse(settings: Settings) -> Path:
    """Return the semantic manifest, made anew if a model is younger than it."""
    if not _is_parsed(settings):
        run_dbt(settings, ["parse"])
    return _semantic_manifest(settings)


def build_docs(settings: Settings) -> Path:
    """Return one HTML file with every model, column, test, metric, exposure and their lineage."""
    run_dbt(settings, ["docs", "generate", "--static"])
    page = settings.home.out / "dbt_docs.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(settings.home.dbt / "target" / "static_index.html", page)
    return page


def _semantic_manifest(settings: Settings) -> Path:
    return settings.home.dbt / "target" / "semantic_manifest.json"


def _is_parsed(settings: Settings) -> bool:
    """Return whether the manifests are there and no model is younger than they are."""
    manifest = _semantic_manifest(settings)
    newest = max(path.stat().st_mtime for path in settings.dbt_project.rglob("*.*"))
    return manifest.exists() and manifest.stat().st_mtime >= newest


def run_dbt(settings: Settings, arguments: Sequence[str]) -> list[Any]:
    """Return the results of one dbt command; raise TransformError if it did not succeed."""
    from dbt.cli.main import dbtRunner

    project = str(settings.dbt_project)
    folders = {
        "--project-dir": project,
        "--profiles-dir": project,
        "--target-path": str(settings.home.dbt / "target"),
        "--log-path": str(settings.home.dbt / "logs"),
    }
    options = [part for item in folders.items() for part in item]
    said: list[str] = []

    def listen(event: Any) -> None:
        if event.info.level == "error":
            said.append(event.info.msg)

    with _environment(settings):
        try:
            outcome = dbtRunner(callbacks=[listen]).invoke(
                [*arguments, *options, "--quiet", "--log-level", "none", "--log-level-file", "info"]
            )
        finally:
            _release_warehouse()
    results = list(getattr(outcome.result, "results", None) or [])
    if not outcome.success:
        # Where no model is to blame (a parse error), what dbt said last tells why.
        reasons = [*said, str(outcome.exception or "no reason was given")]
        raise TransformError(_describe_failure(settings, arguments[0], reasons, results))
    return results


def _release_warehouse() -> None:
    # dbt keeps its connections for the life of the process, and with them the lock on the file.
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import cleanup_connections, reset_adapters

    cleanup_connections()  # type: ignore[no-untyped-call]
    reset_adapters()  # type: ignore[no-untyped-call]
    environment: Any = DuckDBConnectionManager._ENV
    if environment is not None:
        environment.close()
    DuckDBConnectionManager._ENV = None


def _describe_failure(
    settings: Settings, command: str, reasons: Sequence[str], results: Sequence[Any]
) -> str:
    """Return what failed, what it means and where the log is, one line for each node."""
    lines = []
    for result in results:
        if str(result.status) not in ("error", "fail", "warn"):
            continue
        node = result.node
        rows = getattr(node, "compiled_path", None) or node.original_file_path
        meaning = node.description or f"the rows: {rows}"
        lines.append(
            f"  {node.resource_type} {node.name} ({node.original_file_path}): "
            f"{_first_lines(result.message)} [{meaning}]"
        )
    if not lines:
        lines += [f"  {_first_lines(reason)}" for reason in reasons]
    log = settings.home.dbt / "logs" / "dbt.log"
    return "\n".join([f"dbt {command} failed:", *lines, f"The whole log: {log}"])


def _first_lines(message: str | None) -> str:
    return " ".join((message or "no message").split())[:500]


@contextmanager
def _environment(settings: Settings) -> Iterator[None]:
    """Give dbt's profile its paths through the environment, and take them back."""
    home = settings.home
    values = {
        "LEADLOOP_DBT_WAREHOUSE": str(home.warehouse),
        "LEADLOOP_DBT_MARTS": str(home.marts_build),
        "LEADLOOP_DBT_SCRATCH": str(home.cache / "duckdb"),
    }
    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    (home.cache / "duckdb").mkdir(parents=True, exist_ok=True)
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
