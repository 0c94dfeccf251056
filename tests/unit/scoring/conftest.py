"""Made customers whose end is known, as the core of a warehouse would hold them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from leadloop import scope, warehouse
from leadloop.settings import Settings

FIRST = date(2026, 1, 1)


@dataclass
class World:
    """Calls and orders of customers; `write` lays them into the core of a home."""

    calls: list[dict[str, Any]]
    orders: list[dict[str, Any]]

    def write(self, settings: Settings, day: date) -> None:
        calls = pa.Table.from_pylist(
            self.calls,
            schema=pa.schema(
                [
                    ("customer_id", pa.string()),
                    ("call_id", pa.string()),
                    ("dial_date", pa.date32()),
                    ("is_handled", pa.bool_()),
                ]
            ),
        )
        orders = pa.Table.from_pylist(
            self.orders,
            schema=pa.schema(
                [
                    ("customer_id", pa.string()),
                    ("order_date", pa.date32()),
                    ("order_amount", pa.float64()),
                    ("is_deleted", pa.bool_()),
                ]
            ),
        )
        with warehouse.open_warehouse(settings.home) as connection:
            connection.execute(scope.LAYOUT)
            connection.execute("create schema if not exists intermediate")
            connection.register("calls", calls)
            connection.register("orders", orders)
            connection.execute(
                "create or replace table intermediate.int_dials__flagged as from calls"
            )
            connection.execute(
                "create or replace table intermediate.int_orders__newest_kept as from orders"
            )
            connection.execute("delete from raw.touched_dates")
            connection.execute("insert into raw.touched_dates values (?)", [day])


def talk(customer: str, day: date, number: int = 0, *, is_handled: bool = True) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "call_id": f"{customer}-{day}-{number}",
        "dial_date": day,
        "is_handled": is_handled,
    }


def order(customer: str, day: date) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "order_date": day,
        "order_amount": 365.0,
        "is_deleted": False,
    }


def make_world(
    generator: np.random.Generator, *, customers: int, days: int, leave_after: float | None
) -> World:
    """Customers who talk about eight times a month until they leave; None: nobody ever does."""
    calls, orders = [], []
    rates = generator.gamma(6.0, 8.0 / 30.0 / 6.0, customers)
    leaves = (
        np.full(customers, np.inf)
        if leave_after is None
        else generator.exponential(leave_after, customers)
    )
    for number in range(customers):
        name = f"K{number:04d}"
        stays = int(min(days, leaves[number]))
        for offset in range(stays):
            day = FIRST + timedelta(days=offset)
            calls += [talk(name, day, n) for n in range(generator.poisson(rates[number]))]
            if generator.random() < 0.03:
                orders.append(order(name, day))
    return World(calls, orders)


@pytest.fixture
def build_world() -> Callable[..., World]:
    return make_world


@pytest.fixture
def empty_world() -> World:
    return World([], [])


@pytest.fixture
def make_talk() -> Callable[..., dict[str, Any]]:
    return talk


@pytest.fixture
def make_order() -> Callable[..., dict[str, Any]]:
    return order


@pytest.fixture
def left_world() -> World:
    """Three hundred customers over 180 days; about one of seven leaves within sixty days."""
    generator = np.random.default_rng(5)
    return make_world(generator, customers=300, days=180, leave_after=380.0)


@pytest.fixture
def rows_of(settings: Settings) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """Read rows of the warehouse of the test's home."""

    def read(sql: str) -> list[dict[str, Any]]:
        with warehouse.open_warehouse(settings.home) as connection:
            return warehouse.read_rows(connection, sql)

    return read
