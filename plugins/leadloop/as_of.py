"""A day as it was published: its marts built again from the files that were in them then.

In a home of its own (`cache/as_of/DAY`), from links to the landing files that the publication had,
with the company's settings and the scores of texts and customers that held then; the models' code
is today's. Neighbours: `published` (what is known of a publication), `transform` (builds).
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from leadloop import published, scope, transform, warehouse
from leadloop.metric_versions import Lineage
from leadloop.settings import Company, Home

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from leadloop.settings import Settings

    Hashes = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of building a day again.

    `whole` has the hash of all rows of each mart, `day` of those of the day, `published` the same
    as it was kept when the day was published.
    """

    day: str
    snapshot_id: str
    home: Path
    files: int
    missing: list[str]
    is_same_code: bool
    whole: dict[str, str]
    of_day: dict[str, str]
    published: dict[str, str]

    def compare(self) -> dict[str, bool]:
        """Return for each dated mart whether its rows of the day are those published."""
        both = self.of_day.keys() & self.published.keys()
        return {name: self.of_day[name] == self.published[name] for name in sorted(both)}


def rebuild(
    settings: Settings,
    day: str,
    hash_marts: Callable[[Path], Hashes],
    hash_day: Callable[[Path, str], Hashes],
) -> Rebuilt:
    """Return the marts of a day built again, hashed by these functions (of `publish`)."""
    publication = published.find_publication(settings, day)
    files = published.list_files(settings, publication["snapshot_id"])
    home = Home(settings.home.cache / "as_of" / day)
    shutil.rmtree(home.root, ignore_errors=True)
    missing = _link_files(settings.home, home, files)
    _copy_scores(settings.home, home, publication)
    then = replace(
        settings,
        home=home,
        company=Company.model_validate(publication["company"]),
        operations_url=f"sqlite:///{home.operations}",
    )
    for layer in ("core", "marts"):
        transform.build_layer(then, layer, day, full=True)
    lineage = Lineage.read(home.dbt / "target")
    return Rebuilt(
        day=day,
        snapshot_id=publication["snapshot_id"],
        home=home.root,
        files=len(files) - len(missing),
        missing=missing,
        is_same_code=lineage.hash_all() == publication["definitions"],
        whole=hash_marts(home.marts_build),
        of_day=hash_day(home.marts_build, day),
        published=publication["hashes"],
    )


def _link_files(source: Home, target: Home, files: Sequence[str]) -> list[str]:
    """Link landing files into another home; return those that are not there any more."""
    missing = []
    for name in files:
        file, link = source.landing / name, target.landing / name
        if not file.exists():
            missing.append(name)
            continue
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file)
    return missing


def _copy_scores(source: Home, target: Home, publication: dict[str, Any]) -> None:
    """Lay the scores of texts and customers that held then into the other home's warehouse."""
    target.warehouse.parent.mkdir(parents=True)
    version = publication["language"]["version"]
    with warehouse.open_warehouse(target, marts=False) as connection:
        connection.execute(scope.LAYOUT)
        for kind, speaker in publication["language"]["speakers"]:
            connection.execute("insert into raw.list_speakers values (?, ?)", [kind, speaker])
        if version is not None:
            connection.execute("insert into raw.language values (?)", [version])
    with warehouse.open_warehouse(source, marts=False) as connection:
        connection.execute(scope.LAYOUT)
        place = str(target.warehouse).replace("'", "''")
        connection.execute(f"attach '{place}' as then_")
        for table in ("text_scores", "past_text_scores"):
            connection.execute(
                f"insert into then_.raw.text_scores by name "  # noqa: S608 - names of ours
                f"select * from raw.{table} as scores where language_version = ? and not exists ("
                "select 1 from then_.raw.text_scores as known "
                "where known.text_hash = scores.text_hash and known.side = scores.side)",
                [version],
            )
        connection.execute(
            "insert into then_.raw.churn_scores by name "
            "select * from raw.churn_scores where score_date <= ?::date",
            [publication["day"]],
        )
        connection.execute("insert into then_.raw.churn_models select * from raw.churn_models")
        connection.execute("detach then_")
