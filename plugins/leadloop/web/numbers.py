"""The numbers of a day, worked out once for each published version of the marts.

A publish swaps the version under the running board: its name is part of the key, and each version
is opened by its resolved path, so that no page mixes two of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from leadloop.metrics import open_metrics
from leadloop.warehouse import WarehouseError, current_marts
from leadloop.web.today import gather_today

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Settings

KEPT_DAYS = 64


class Numbers:
    """Gathers the numbers of days and keeps the latest asked for."""

    def __init__(self, settings: Settings) -> None:
        """Keep nothing yet."""
        self._settings = settings
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[Path, str], dict[str, Any]] = OrderedDict()

    def read(self, day: str) -> dict[str, Any] | None:
        """Return the numbers of a day; None while nothing is published."""
        try:
            marts = current_marts(self._settings.home)
        except WarehouseError:
            return None
        key = (marts, day)
        found = self._kept.get(key)
        if found is None:
            # One at a time: many readers of a fresh version must not all work it out.
            with self._lock:
                found = self._kept.get(key)
                if found is None:
                    found = self._gather(marts, day)
                    self._keep(key, found)
        return found

    def _gather(self, marts: Path, day: str) -> dict[str, Any]:
        with open_metrics(self._settings, marts) as metrics:
            return gather_today(metrics, day, self._settings.company.targets)

    def _keep(self, key: tuple[Path, str], content: dict[str, Any]) -> None:
        self._kept[key] = content
        while len(self._kept) > KEPT_DAYS:
            self._kept.popitem(last=False)
