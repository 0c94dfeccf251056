"""The step `score`: who is at risk of leaving, written for the day into `raw.churn_scores`.

It runs after the core and the language of the day and before the marts, which read its rows.
The rule works from the first day on; the model joins once enough customers have matured, and is
trained at most once a month. Neighbours: `rule`, `retrain`, `features`.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from leadloop import opstore, scope, warehouse
from leadloop.scoring import registry, retrain
from leadloop.scoring.features import lay_events, read_features
from leadloop.scoring.formula import predict
from leadloop.scoring.plan import load_plan
from leadloop.scoring.rule import Activity, judge

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from leadloop.scoring.plan import ChurnPlan
    from leadloop.scoring.registry import Model
    from leadloop.settings import Settings

CYCLE = "daily"
# How far back a customer's history is looked at, and days without scores are filled.
HISTORY_DAYS = 425
FILLED_DAYS = 90


def score_day(settings: Settings, day: str) -> dict[str, Any]:
    """Return how many customers were scored and flagged on a day, after writing their rows.

    A second run writes the same rows. Days of the run's scope that were never scored (a backfill)
    get the rule's flags without a probability: no model had been trained by then.
    """
    moment = scope.parse_day(day)
    plan = load_plan(settings)
    with (
        opstore.record_step(settings, CYCLE, day, "score") as detail,
        warehouse.open_warehouse(settings.home) as connection,
    ):
        connection.execute(scope.LAYOUT)
        knows_rivals = lay_events(connection, moment - timedelta(days=HISTORY_DAYS), moment)
        trained = None
        if retrain.is_due(settings.home, day):
            trained = retrain.train(connection, settings.home, plan, day, knows_rivals)
        model = registry.find_champion(settings.home, day)
        if model is not None and not knows_rivals and set(model.terms) - _known_terms():
            model = None
        days = [*_list_missing(connection, moment), moment]
        features = read_features(connection, plan, days)
        rows = _score(features, plan, (moment, model, knows_rivals))
        _write(connection, days, rows, model)
        detail.update(_summarise(rows, moment, model, knows_rivals))
        detail["trained"] = trained.version if trained else None
    return detail


def _known_terms() -> set[str]:
    from leadloop.scoring.formula import list_terms

    return set(list_terms(knows_rivals=False))


def _list_missing(connection: duckdb.DuckDBPyConnection, day: date) -> list[date]:
    """Return earlier days of the scope that have no scores yet."""
    rows = connection.execute(
        "select event_date from raw.touched_dates "
        "where event_date < ?::date and event_date > ?::date - ?::integer "
        "and event_date not in (select score_date from raw.churn_scores) order by all",
        [day, day, FILLED_DAYS],
    ).fetchall()
    return [found for (found,) in rows]


def _score(
    features: pa.Table, plan: ChurnPlan, state: tuple[date, Model | None, bool]
) -> list[dict[str, Any]]:
    day, model, knows_rivals = state
    chances = predict(model, features) if model and features.num_rows else None
    rows = []
    for place, row in enumerate(features.to_pylist()):
        rivals = row["rival_count"] if knows_rivals else None
        activity = Activity(row["talk_count"], row["previous_talk_count"], rivals)
        judged = judge(activity, plan.rule)
        is_modelled = chances is not None and row["snapshot_date"] == day
        rows.append(
            {
                "score_date": row["snapshot_date"],
                "customer_id": row["customer_id"],
                "is_rule_flagged": judged.is_flagged,
                "is_naive_flagged": judged.is_flagged_naively,
                "reasons": ", ".join(judged.reasons),
                "talk_count": activity.talks,
                "previous_talk_count": activity.before,
                "rival_count": rivals,
                "fall_chance": judged.chance,
                "probability": float(chances[place]) if is_modelled else None,  # type: ignore[index]
                "model_version": model.version if is_modelled and model else None,
            }
        )
    return rows


def _write(
    connection: duckdb.DuckDBPyConnection,
    days: list[date],
    rows: list[dict[str, Any]],
    model: Model | None,
) -> None:
    """Replace the rows of these days in one transaction."""
    import pyarrow as pa

    connection.execute("begin")
    connection.execute(
        "delete from raw.churn_scores where score_date in (select unnest(?::date[]))", [days]
    )
    if rows:
        connection.register("new_churn_scores", pa.Table.from_pylist(rows))
        connection.execute("insert into raw.churn_scores by name from new_churn_scores")
        connection.unregister("new_churn_scores")
    if model is not None:
        connection.execute("delete from raw.churn_models where model_version = ?", [model.version])
        connection.execute("insert into raw.churn_models values (?)", [model.version])
    connection.execute("commit")


def _summarise(
    rows: list[dict[str, Any]], day: date, model: Model | None, knows_rivals: bool
) -> dict[str, Any]:
    own = [row for row in rows if row["score_date"] == day]
    summary: dict[str, Any] = {
        "customers": len(own),
        "flagged": sum(row["is_rule_flagged"] for row in own),
        "flagged_naively": sum(row["is_naive_flagged"] for row in own),
        "filled_days": len({row["score_date"] for row in rows} - {day}),
        "model_version": model.version if model else None,
        "rivals": "known" if knows_rivals else "not available",
    }
    if not own:
        summary["note"] = "not available: no call or order of the last two windows names a customer"
    return summary
