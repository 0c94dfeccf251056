"""What the shop exports: orders and their lines, payments, refunds, terms of subscriptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.customers import MONTHLY_PRICES, PLANS
from leadloop.simulate.exports.forms import (
    customer_ids,
    day_text,
    export_time,
    lead_ids,
    lead_phones,
    list_rows,
    local_times,
)

if TYPE_CHECKING:
    from leadloop.simulate.exports.forms import Inbox
    from leadloop.simulate.world import Played, World

PAID_AT_ONCE, PAID_LATER, REFUNDED = 0.90, 0.06, 0.02
LAST_SECOND = 86_399
PRODUCTS = {
    "ledger_basic": ("账本通基础版", "软件", 365), "ledger_plus": ("账本通多人版", "软件", 698),
    "ledger_chain": ("账本通连锁版", "软件", 980), "printer": ("小票打印机", "硬件", 260),
    "renewal": ("续费", "软件", 0),
}  # fmt: skip
PLAN_IDS = np.array(["ledger_basic", "ledger_plus", "ledger_chain"])
REASONS = ("用不惯", "买错了", "功能不合适")


@dataclass(slots=True)
class Shop:
    """Writes a day's orders; remembers what is paid or paid back on a later day."""

    owed: dict[int, list[dict[str, str]]] = field(default_factory=dict)
    refunds: dict[int, list[list[str]]] = field(default_factory=dict)
    placed: int = 0

    def write(self, world: World, played: Played, inbox: Inbox) -> None:
        """Write the day's files of the shop."""
        day = played.day
        if day.number == 0:
            _write_products(day.date, inbox)
        orders, paid = self._write_orders(world, played)
        names = list(orders[0]) if orders else []
        inbox.write("orders/orders", day.date, _lines(names or list(ORDER_COLUMNS), orders))
        inbox.write_table("shop/lines", day.date, _list_lines(played))
        if paid:
            inbox.write("shop/payments", day.date, _lines(list(paid[0]), paid))
        self._refund(day.number, day.date, paid, inbox, played.make("money"))
        inbox.write_table("shop/subscriptions", day.date, _write_terms(world, played))

    def _write_orders(
        self, world: World, played: Played
    ) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
        """Return the rows of orders placed or paid on the day, and its payments."""
        table = _tabulate_orders(world, played)
        rows = [dict(zip(table, row, strict=True)) for row in list_rows(table)]
        generator, number, date = played.make("money"), played.day.number, played.day.date
        luck, delay = generator.random(len(rows)), generator.integers(1, 4, len(rows))
        soon = np.minimum(
            played.orders.second + generator.integers(60, 1200, len(rows)), LAST_SECOND
        )
        times = local_times(date, np.minimum(soon, LAST_SECOND)).tolist()
        paid = []
        for row, chance, days, moment in zip(rows, luck, delay, times, strict=True):
            if chance < PAID_AT_ONCE:
                row["paid_time"] = moment
                paid.append(row)
            elif chance < PAID_AT_ONCE + PAID_LATER:
                self.owed.setdefault(number + int(days), []).append(dict(row))
        for row in self.owed.pop(number, []):
            row |= {"paid_time": f"{date} 10:00:00", "export_time": export_time(date)}
            rows.append(row)
            paid.append(row)
        self.placed += played.orders.row.size
        return rows, [_pay(row) for row in paid]

    def _refund(self, number: int, date: str, paid: list[dict[str, str]], inbox: Inbox,
                generator: np.random.Generator) -> None:  # fmt: skip
        chance, delay = generator.random(len(paid)), generator.integers(2, 10, len(paid))
        for payment, luck, days in zip(paid, chance, delay, strict=True):
            if luck < REFUNDED:
                reason = REASONS[int(days) % len(REASONS)]
                row = [f"R{payment['order_id']}", payment["order_id"], payment["amount"], reason]
                self.refunds.setdefault(number + int(days), []).append(row)
        rows = self.refunds.pop(number, [])
        if rows:
            moment, stamp = f"{date} 15:00:00", export_time(date)
            lines = [",".join([*row[:2], moment, row[2], "CNY", row[3], stamp]) for row in rows]
            head = "refund_id,order_id,refunded_time,amount,currency,reason,export_time"
            inbox.write("shop/refunds", date, [head, *lines])


ORDER_COLUMNS = (
    "order_id", "customer_id", "lead_id", "agent_id", "phone", "placed_time", "paid_time",
    "amount", "gross_margin", "currency", "is_repeat", "export_time",
)  # fmt: skip


def _tabulate_orders(world: World, played: Played) -> dict[str, Any]:
    orders, day = played.orders, played.day.date
    none = np.full(orders.row.size, "")
    margin = orders.amount * played.make("checks").beta(18.0, 22.0, orders.row.size)
    same = world.leads.rows["same_as"][orders.row]
    agent = np.where(orders.agent >= 0, world.company.people.agent_id[orders.agent], none)
    return {
        "order_id": order_ids(day, orders.row.size),
        "customer_id": customer_ids(orders.customer),
        "lead_id": lead_ids(orders.row),
        "agent_id": agent,
        "phone": lead_phones(orders.row, same),
        "placed_time": local_times(day, np.minimum(orders.second, LAST_SECOND)),
        "paid_time": none,
        "amount": np.char.mod("%.2f", orders.amount),
        "gross_margin": np.char.mod("%.2f", margin),
        "currency": "CNY",
        "is_repeat": np.where(orders.kind > 0, "true", "false"),
        "export_time": export_time(day),
    }


def order_ids(day: str, count: int) -> Any:
    """Return the id of each of a day's orders."""
    return np.char.add("O" + day.replace("-", ""), np.char.mod("%04d", np.arange(count)))


def _pay(row: dict[str, str]) -> dict[str, str]:
    return {
        "payment_id": f"P{row['order_id']}",
        "order_id": row["order_id"],
        "paid_time": row["paid_time"],
        "amount": row["amount"],
        "currency": "CNY",
        "method": "wechat_pay",
        "export_time": row["export_time"],
    }


def _lines(names: list[str], rows: list[dict[str, str]]) -> list[str]:
    return [",".join(names), *(",".join(row.values()) for row in rows)]


def _list_lines(played: Played) -> dict[str, Any]:
    """Return what each order was for: one line an order."""
    orders, day = played.orders, played.day.date
    plan = PLAN_IDS[np.searchsorted(PLANS, orders.amount).clip(0, 2)]
    product = np.where(orders.kind == 0, plan, np.where(orders.kind == 1, "printer", "renewal"))
    price = np.char.mod("%.2f", orders.amount)
    return {
        "order_id": order_ids(day, orders.row.size),
        "line_no": np.ones(orders.row.size, np.int64),
        "product_id": product,
        "quantity": np.ones(orders.row.size, np.int64),
        "unit_price": price,
        "amount": price,
        "currency": "CNY",
        "customer_id": customer_ids(orders.customer),
        "placed_time": local_times(day, np.minimum(orders.second, LAST_SECOND)),
        "export_time": export_time(day),
    }


def _write_products(date: str, inbox: Inbox) -> None:
    inbox.write_table("shop/products", date, {
        "product_id": list(PRODUCTS), "name": [name for name, _, _ in PRODUCTS.values()],
        "category": [kind for _, kind, _ in PRODUCTS.values()],
        "list_price": [str(price) for _, _, price in PRODUCTS.values()], "currency": "CNY",
        "export_time": export_time(date),
    })  # fmt: skip


def _write_terms(world: World, played: Played) -> dict[str, Any]:
    """Return terms that began, were renewed or cancelled on the day; on the first all that run."""
    held, number, date = world.customers.rows, played.day.number, played.day.date
    length = np.where(held["monthly"], 30, 365).astype(np.int64)
    began = (held["since"] == number) | (number == 0)
    renewed = (held["due"] - length == number) & (held["term"] > 1) & ~began
    cancelled = (held["cancelled"] == number) & ~began
    new = np.flatnonzero(began | renewed)
    # A term that ended is written once more: as renewed, or as cancelled.
    old = np.flatnonzero(renewed | cancelled)
    rows = np.concatenate([new, old])
    is_old = np.arange(rows.size) >= new.size
    term = held["term"][rows] - (is_old & renewed[rows])
    due = held["due"][rows].astype(np.int64) - np.where(is_old & renewed[rows], length[rows], 0)
    none = np.full(rows.size, "")
    today = np.full(rows.size, date)
    monthly = np.where(held["monthly"][rows], MONTHLY_PRICES[held["plan"][rows]],
                       np.round(PLANS[held["plan"][rows]] / 12, 2))  # fmt: skip
    return {
        "subscription_id": np.char.add("S", customer_ids(rows + 1)),
        "term_no": term,
        "customer_id": customer_ids(rows + 1),
        "plan": PLAN_IDS[held["plan"][rows]],
        "start_date": day_text(date, due - length[rows] - number),
        "due_date": day_text(date, due - number),
        "renewed_date": np.where(is_old & renewed[rows], today, none),
        "cancelled_date": np.where(is_old & cancelled[rows], today, none),
        "mrr": np.char.mod("%.2f", monthly),
        "currency": "CNY",
        "auto_renew": np.where(held["monthly"][rows], "true", "false"),
        "export_time": export_time(date),
    }
