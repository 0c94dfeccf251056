"""Marts under construction, as small as they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from leadloop import warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.settings import Settings


@pytest.fixture
def build(settings: Settings) -> Callable[..., None]:
    """Build `fct_dials` with so many dials of 5 March 2026, and one row of `dim_outcomes`."""

    def work(dials: int = 3, *, day: str = "2026-03-05") -> None:
        with warehouse.open_warehouse(settings.home) as connection:
            connection.execute(
                f"create or replace table marts_build.fct_dials as "
                f"select i as dial_id, date '{day}' as dial_date from range({dials}) as rows (i)"
            )
            connection.execute(
                "create or replace table marts_build.dim_outcomes as select 'busy' as outcome"
            )

    return work
