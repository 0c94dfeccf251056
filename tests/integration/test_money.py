"""Money and retention of a made company, against its own files read with csv alone.

No line of the product takes part in the expected numbers, so that a mistake of the models cannot
hide in them. The windows are short: forty-eight days hold whole ones of them.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from leadloop import metrics, transform
from leadloop.explain import select_rows
from leadloop.ingest.collect import collect_day
from leadloop.settings import Settings, load_settings
from leadloop.simulate.make import write_company
from leadloop.warehouse import open_warehouse, read_rows

FIRST, LAST = date(2026, 2, 27), date(2026, 4, 15)
GRACE, REPURCHASE, REPEATED, DEAL = 7, 10, 7, 14
WINDOWS = {
    "renewal_grace_days": GRACE,
    "repurchase_days": REPURCHASE,
    "repeat_contact_days": REPEATED,
    "deal_days": DEAL,
}
FEEDS = (
    *("dialler", "orders", "leads", "customers", "order_lines", "payments", "refunds"),
    *("subscriptions", "tickets", "surveys", "costs", "campaigns", "channels"),
)


def day_of(text: str) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def moment_of(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@dataclass
class Files:
    """What the company's systems exported, newest version of each row."""

    inbox: Path

    def read(self, feed: str, *key: str, encoding: str = "utf-8") -> dict[tuple, dict[str, str]]:
        rows = {}
        for path in sorted(self.inbox.glob(f"{feed}_*.csv")):
            with path.open(encoding=encoding, newline="") as file:
                rows |= {tuple(row[name] for name in key): row for row in csv.DictReader(file)}
        return rows

    def __post_init__(self) -> None:
        self.orders = self.read("orders/orders", "order_id")
        self.lines = self.read("shop/lines", "order_id", "line_no")
        self.payments = self.read("shop/payments", "payment_id")
        self.refunds = self.read("shop/refunds", "refund_id")
        self.terms = self.read("shop/subscriptions", "subscription_id", "term_no")
        self.customers = self.read("crm/customers", "客户编号")
        self.tickets = self.read("service/tickets", "工单编号")
        self.surveys = self.read("service/surveys", "评价编号")
        self.costs = self.read("ads/costs", "活动编号", "日期")
        self.leads = self.read("crm/leads", "线索编号", encoding="gb18030")
        paid: dict[str, Decimal] = defaultdict(Decimal)
        for row in self.payments.values():
            paid[row["order_id"]] += Decimal(row["amount"])
        for row in self.refunds.values():
            paid[row["order_id"]] -= Decimal(row["amount"])
        self.kept = paid
        self.renewal_days = {
            (row["customer_id"], day_of(row[name]))
            for row in self.terms.values()
            for name in ("renewed_date", "start_date")
            if row[name] and (name == "renewed_date" or int(row["term_no"]) > 1)
        }

    def list_sales(self) -> list[tuple[str, datetime, dict[str, str]]]:
        """Return (customer, moment, order) of paid orders, oldest first."""
        rows = [row for row in self.orders.values() if row["order_id"] in self.kept]
        found = [(row["customer_id"], moment_of(row["placed_time"]), row) for row in rows]
        return sorted(found, key=lambda item: item[1])

    def is_renewal(self, row: dict[str, str]) -> bool:
        return (row["customer_id"], day_of(row["placed_time"])) in self.renewal_days

    def survivor(self, lead: str) -> str:
        row = self.leads.get((lead,))
        return row["合并到"] if row and row["合并到"] else lead


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("money") / "home"
    write_company(root, seed=11, first_day=str(FIRST), days=(LAST - FIRST).days + 1, dials=250)
    return root


@pytest.fixture(scope="module")
def files(root) -> Files:
    return Files(root / "inbox")


@pytest.fixture(scope="module")
def settings(root) -> Settings:
    """The company's home with core and marts of all its days."""
    found = load_settings({"LEADLOOP_HOME": str(root)})
    sources = tuple(item for item in found.company.sources if item.name in FEEDS)
    windows = found.company.customer_windows.model_copy(update=WINDOWS)
    company = found.company.model_copy(update={"sources": sources, "customer_windows": windows})
    settings = replace(found, company=company)
    collect_day(settings, str(LAST), str(FIRST))
    for layer in ("core", "marts"):
        transform.build_layer(settings, layer, str(LAST))
    return settings


def ask(settings: Settings, name: str, *by: str, **options) -> dict[tuple, tuple]:
    """Return (k, n) of a metric by its dimensions."""
    found = metrics.query(settings, [name], marts=settings.home.marts_build, by=by, **options)
    return {tuple(value.dimensions.values()): (value.k, value.n) for value in found}


def look(settings: Settings, sql: str) -> list[dict]:
    with open_warehouse(settings.home) as connection:
        return read_rows(connection, sql)


def test_renewals_of_a_month_are_the_terms_due_in_it_whose_grace_is_over(settings, files):
    due, renewed = Counter(), Counter()
    for (subscription, number), row in files.terms.items():
        end = day_of(row["due_date"])
        if end + timedelta(days=GRACE) > LAST:
            continue
        following = files.terms.get((subscription, str(int(number) + 1)))
        text = row["renewed_date"] or (following["start_date"] if following else "")
        due[f"{end:%Y-%m}",] += 1
        renewed[f"{end:%Y-%m}",] += bool(text) and day_of(text) <= end + timedelta(days=GRACE)
    found = ask(settings, "renewal_rate", "month", end=str(LAST))
    assert found == {month: (renewed[month], n) for month, n in due.items()}
    assert sum(due.values()) > 100


def test_a_renewal_is_paid_where_an_order_of_its_day_is(settings, files):
    paid = {(customer, moment.date()) for customer, moment, _ in files.list_sales()}
    mature = [
        row
        for row in files.terms.values()
        if day_of(row["due_date"]) + timedelta(days=GRACE) <= LAST
    ]
    on_time = [row for row in mature if row["renewed_date"]]
    k = sum((row["customer_id"], day_of(row["renewed_date"])) in paid for row in on_time)
    assert ask(settings, "paid_renewal_rate")[()] == (k, len(mature))
    assert k < len(on_time)


def test_revenue_retained_is_of_the_subscribers_of_the_first_of_march(settings, files):
    def sum_at(day: date) -> dict[str, Decimal]:
        found: dict[str, Decimal] = defaultdict(Decimal)
        for row in files.terms.values():
            ends = day_of(row["due_date"])
            if row["cancelled_date"]:
                ends = min(ends, day_of(row["cancelled_date"]))
            elif not row["renewed_date"] and ends <= LAST < ends + timedelta(days=GRACE):
                ends += timedelta(days=GRACE)
            if day_of(row["start_date"]) <= day < ends:
                found[row["customer_id"]] += Decimal(row["mrr"])
        return found

    opening, closing = sum_at(date(2026, 3, 1)), sum_at(date(2026, 4, 1))
    kept = sum(min(amount, closing.get(who, Decimal(0))) for who, amount in opening.items())
    # March is the first month that began when terms were already exported.
    (grr,) = metrics.query(settings, ["grr"], marts=settings.home.marts_build)
    assert grr.k == pytest.approx(float(kept))
    assert grr.value == pytest.approx(float(kept / sum(opening.values())))
    assert 0.5 < grr.value < 1
    (nrr,) = metrics.query(settings, ["nrr"], marts=settings.home.marts_build)
    assert nrr.k == pytest.approx(float(sum(closing.get(who, 0) for who in opening)))


def test_cancelled_terms_are_those_that_customers_really_cancelled(settings, root):
    import pyarrow.parquet as pq

    truth = pq.read_table(root / "truth" / "customers.parquet").to_pylist()
    left = {row["customer_id"] for row in truth if row["cancelled_day"] > 0}
    rows = look(
        settings,
        "select customer_id from marts_build.fct_subscription_terms where status = 'cancelled'",
    )
    assert {row["customer_id"] for row in rows} == left
    assert left


def test_revenue_is_what_was_paid_less_what_was_paid_back(settings, files):
    ((k, _),) = ask(settings, "revenue").values()
    assert k == pytest.approx(float(sum(files.kept.values())), abs=0.005)
    ((refunded, paid),) = ask(settings, "refund_ratio").values()
    total = sum(Decimal(row["amount"]) for row in files.payments.values())
    back = sum(Decimal(row["amount"]) for row in files.refunds.values())
    assert (refunded, paid) == (pytest.approx(float(back)), int(total))
    assert back > 0


def test_what_a_customer_is_worth_is_the_sum_of_his_orders(settings, files):
    worth: dict[str, list] = defaultdict(lambda: [0, Decimal(0)])
    for customer, _, row in files.list_sales():
        worth[customer][0] += 1
        worth[customer][1] += files.kept[row["order_id"]]
    rows = look(
        settings,
        "select customer_id, order_count, net_amount from marts_build.dim_customer_value "
        "where order_count > 0",
    )
    found = {row["customer_id"]: [row["order_count"], row["net_amount"]] for row in rows}
    assert found == dict(worth)
    assert len(found) > 100


def test_a_renewal_is_told_from_a_new_decision(settings, files):
    products = {row["order_id"]: row["product_id"] for row in files.lines.values()}
    rows = look(
        settings, "select source_order_id, is_renewal from marts_build.fct_sales where is_sale"
    )
    pairs = Counter((products[row["source_order_id"]], row["is_renewal"]) for row in rows)
    assert pairs["renewal", True] > 100
    assert pairs["renewal", False] == 0
    # An add-on bought on the very day of a renewal is taken for one.
    others = sum(n for (product, _), n in pairs.items() if product != "renewal")
    wrong = sum(n for (product, is_one), n in pairs.items() if product != "renewal" and is_one)
    assert wrong / others < 0.02


def test_a_channel_has_its_cost_its_leads_and_those_that_paid_in_time(settings, files):
    cost, leads, mature, deals = Counter(), Counter(), Counter(), Counter()
    for row in files.costs.values():
        cost[row["渠道编号"],] += Decimal(row["金额"])
    first_paid: dict[str, date] = {}
    for _, moment, row in files.list_sales():
        first_paid.setdefault(files.survivor(row["lead_id"]), moment.date())
    for (lead,), row in files.leads.items():
        created, channel = day_of(row["创建时间"]), (row["渠道"],)
        if row["合并到"] or row["是否删除"] == "是":
            continue
        leads[channel] += 1
        if created + timedelta(days=DEAL) <= LAST:
            mature[channel] += 1
            paid = first_paid.get(lead)
            deals[channel] += paid is not None and paid <= created + timedelta(days=DEAL)
    found = ask(settings, "deal_rate_60d", "channel")
    assert {key: value for key, value in found.items() if key in cost} == {
        key: (deals[key], mature[key]) for key in cost
    }
    assert sum(deals.values()) > 50
    spent = {key: value[0] for key, value in ask(settings, "channel_cost_total", "channel").items()}
    assert {key: k for key, k in spent.items() if k is not None} == {
        key: pytest.approx(float(amount)) for key, amount in cost.items()
    }
    came = {key: n for key, (_, n) in ask(settings, "deal_maturity", "channel").items() if n}
    assert came == dict(leads)


def test_satisfaction_is_of_the_answers_and_the_response_of_the_offers(settings, files):
    scores = [int(row["评分"]) for row in files.surveys.values() if row["评分"]]
    assert ask(settings, "csat")[()] == (sum(score >= 4 for score in scores), len(scores))
    assert ask(settings, "survey_response_rate")[()] == (len(scores), len(files.surveys))


def test_a_ticket_is_resolved_at_first_contact_where_the_next_alike_is_a_week_away(settings, files):
    following: dict[tuple, list[datetime]] = defaultdict(list)
    for row in files.tickets.values():
        following[row["客户编号"], row["工单分类"]].append(moment_of(row["创建时间"]))
    resolved, judged = 0, 0
    known_until = moment_of(f"{LAST + timedelta(days=1)} 00:00:00")
    for row in files.tickets.values():
        opened, solved = moment_of(row["创建时间"]), moment_of(row["解决时间"])
        ends = (solved or opened) + timedelta(days=REPEATED)
        again = any(opened < at <= ends for at in following[row["客户编号"], row["工单分类"]])
        if again or ends <= known_until:
            judged += 1
            resolved += not again and solved is not None
    assert ask(settings, "first_contact_resolution")[()] == (resolved, judged)
    assert judged > 100


def test_orders_after_a_solved_ticket_are_new_ones_of_the_next_days(settings, files):
    decided: dict[str, list[datetime]] = defaultdict(list)
    for customer, moment, row in files.list_sales():
        if not files.is_renewal(row):
            decided[customer].append(moment)
    first: dict[tuple, datetime] = {}
    for row in files.tickets.values():
        if solved := moment_of(row["解决时间"]):
            key = (row["客户编号"], solved.year, solved.month)
            first[key] = min(solved, first.get(key, solved))
    ends = timedelta(days=REPURCHASE)
    mature = [(key[0], at) for key, at in first.items() if at.date() + ends <= LAST]
    ordered = [who for who, at in mature if any(at < one <= at + ends for one in decided[who])]
    assert ask(settings, "ticket_repurchase_rate")[()] == (len(ordered), len(mature))
    assert len(ordered) > 5


def test_who_ordered_in_the_first_month_of_a_cohort_is_counted_once(settings, files):
    begun = {row["客户编号"]: day_of(row["首单时间"]) for row in files.customers.values()}
    for customer, moment, _ in files.list_sales():
        begun[customer] = min(begun.get(customer, moment.date()), moment.date())
    cohort = {customer for customer, day in begun.items() if (day.year, day.month) == (2026, 3)}
    active = {who for who, moment, _ in files.list_sales() if moment.month == 3} & cohort
    found = ask(settings, "cohort_retention", "month", "month_number")
    assert found["2026-03", 0] == (len(active), len(cohort))
    assert found["2026-03", 1] == (None, None)  # April is not over


def test_repurchase_a_year_counts_the_days_that_customers_had(settings, files):
    begun = {row["客户编号"]: day_of(row["首单时间"]) for row in files.customers.values()}
    sales = files.list_sales()
    for customer, moment, _ in sales:
        begun[customer] = min(begun.get(customer, moment.date()), moment.date())
    repeats = sum(
        moment.month == 3 and moment.date() > begun[customer] and not files.is_renewal(row)
        for customer, moment, row in sales
    )
    days = sum(
        max(0, (date(2026, 4, 1) - max(date(2026, 3, 1), day + timedelta(days=1))).days)
        for day in begun.values()
    )
    # March alone is whole: orders are on record from February 27 to April 15.
    (value,) = metrics.query(settings, ["annual_repurchase"], marts=settings.home.marts_build)
    assert (value.k, value.value) == (repeats, pytest.approx(repeats / (days / 365)))


def test_matched_groups_are_alike_and_the_comparison_is_that_of_their_strata(settings):
    raw, matched = look(
        settings, "select * from marts_build.rpt_repurchase_drivers order by comparison desc"
    )
    assert max(abs(matched[f"{name}_gap_score"]) for name in ("tenure", "recency", "value")) < 1e-6
    assert abs(raw["tenure_gap_score"]) > 0.1
    rows = look(
        settings,
        "select tenure_band, recency_band, value_band, kind, count(*) as n, "
        "count(*) filter (where has_ordered) as k from marts_build.fct_exposures "
        "where is_mature group by all",
    )
    strata: dict[tuple, dict] = defaultdict(dict)
    for row in rows:
        key = (row["tenure_band"], row["recency_band"], row["value_band"])
        strata[key][row["kind"]] = (row["k"], row["n"])
    both = [cell for cell in strata.values() if len(cell) == 2]
    size = sum(cell["solved_ticket"][1] for cell in both)
    weights = [cell["solved_ticket"][1] / size for cell in both]
    pushed = sum(
        weight * cell["push_call"][0] / cell["push_call"][1]
        for weight, cell in zip(weights, both, strict=True)
    )
    solved = sum(cell["solved_ticket"][0] for cell in both) / size
    spread = sum(
        weight**2 * (k + 0.5) * (n - k + 0.5) / ((n + 1) ** 2 * n)
        for weight, cell in zip(weights, both, strict=True)
        for k, n in cell.values()
    )
    assert matched["difference_rate"] == pytest.approx(solved - pushed)
    half = 1.959964 * spread**0.5
    edges = (matched["difference_low_rate"], matched["difference_high_rate"])
    assert edges == pytest.approx((solved - pushed - half, solved - pushed + half))


@pytest.mark.parametrize(
    ("model", "count"),
    [
        ("fct_channel_money_daily", 8),
        ("fct_sales", 4),
        ("fct_subscription_terms", 5),
        ("rpt_recurring_monthly", 2),
        ("rpt_customer_cohorts", 1),
        ("fct_exposures", 2),
        ("rpt_repurchase_monthly", 1),
        ("fct_tickets", 4),
        ("fct_surveys", 2),
    ],
)
def test_what_explain_shows_adds_up_to_the_numbers_of_money_and_care(settings, model, count):
    with metrics.open_metrics(settings, settings.home.marts_build) as asked:
        told = {
            name: asked.catalog.definition(name).meta.get("rows") for name in asked.catalog.names
        }
        rows = {name: said for name, said in told.items() if said and said["model"] == model}
        for name, said in rows.items():
            k = "sum(amount)" if "amount" in said else "sum(is_counted::integer)"
            n = "sum(base_amount)" if "of" in said else "count(*)"
            sql = f"select {k} as k, {n} as n from ({select_rows(asked.catalog, name, {})})"
            (row,), (value,) = asked.rows(sql), asked.query([name])
            assert float(row["k"]) == pytest.approx(value.k), name
            if asked.catalog.definition(name).kind != "count":
                assert int(row["n"]) == value.n, name
    assert len(rows) == count
