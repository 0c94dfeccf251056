"""Where a called party's clock may stand: the time zones of a phone number's region."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1)
def read_regions() -> dict[str, tuple[str, ...]]:
    """Return the time zones of every region (ISO 3166), from the table that comes with tzdata."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    regions: dict[str, list[str]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            region, _, zone = line.split("\t")[:3]
            regions.setdefault(region, []).append(zone)
    return {region: tuple(zones) for region, zones in regions.items()}


@lru_cache(maxsize=1024)
def find_zones(names: tuple[str, ...]) -> tuple[ZoneInfo, ...]:
    """Return zones by name; an unknown name raises ZoneInfoNotFoundError or ValueError."""
    return tuple(ZoneInfo(name) for name in names)


def list_candidates(region: str | None) -> tuple[str, ...]:
    """Return the names of all zones that a number of the region may be in; none if unknown.

    >>> list_candidates("HK")
    ('Asia/Hong_Kong',)
    >>> len(list_candidates("US")) > 20
    True
    >>> list_candidates(None)
    ()
    """
    return read_regions().get(region or "", ())
