"""Data Docs: one page for each gate and day, and an index; files that open without a network.

Own pages, because the ones Great Expectations builds load scripts and styles from other hosts and
print the values they found (docs/decisions/0003-data-docs.md). Everything here is masked already.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadloop.pointer import write_whole

if TYPE_CHECKING:
    from leadloop.quality.validation import Verdict
    from leadloop.settings import Settings

_TEMPLATES = Path(__file__).parent / "templates"


def write_page(settings: Settings, gate: str, day: str, verdicts: list[Verdict]) -> Path:
    """Return the page of a gate and day, written anew; the index lists it."""
    page = settings.home.data_docs / f"{day}_{gate}.html"
    broken = [verdict for verdict in verdicts if not verdict.is_passed]
    stopped = any(verdict.severity == "critical" for verdict in broken)
    context = {
        "gate": gate,
        "day": day,
        "state": "stopped" if stopped else "warned" if broken else "passed",
        "verdicts": sorted(verdicts, key=lambda item: (item.is_passed, item.severity)),
        "language": settings.company.language,
        "company": settings.company.name,
    }
    write_whole(page, render("gate.html", context))
    write_index(settings)
    return page


def write_index(settings: Settings) -> Path:
    """Return the index of all pages there are, newest day first."""
    folder = settings.home.data_docs
    pages = [path for path in folder.glob("*.html") if path.name != "index.html"]
    rows = [
        {"file": path.name, "day": path.stem[:10], "gate": path.stem[11:]}
        for path in sorted(pages, reverse=True)
    ]
    index = folder / "index.html"
    context = {
        "rows": rows,
        "language": settings.company.language,
        "company": settings.company.name,
    }
    write_whole(index, render("index.html", context))
    return index


def render(template: str, context: dict[str, Any]) -> str:
    """Return a template filled in; whatever comes from data is escaped."""
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(template).render(context)
