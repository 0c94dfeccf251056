"""Airflow's side of the project: the asset of closed days, the schedules, the board, the plugin.

DAG files take their schedules from here. `SundayWeekMapper` exists because Airflow's own
`StartOfWeekMapper` knows weeks that begin on Monday only; `AskApprover`, because a decision must
reach the row that command line and board decide on as well.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.partition_mappers.temporal import StartOfWeekMapper as CoreWeekMapper
from airflow.plugins_manager import AirflowPlugin
from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import (
    Asset,
    CronPartitionTimetable,
    MonthWindow,
    PartitionedAssetTimetable,
    RollupMapper,
    StartOfMonthMapper,
    StartOfWeekMapper,
    WeekWindow,
)
from airflow.sdk.exceptions import AirflowSkipException

if TYPE_CHECKING:
    from fastapi import FastAPI

    from leadloop.settings import Company

DAY = "%Y-%m-%d"
BOARD = "/leadloop"
# One event a day, once: its marts are published, or its period was closed without it.
DAILY_MARTS = Asset(name="daily_marts", uri="leadloop://marts/daily")


class SundayWeekMapper(CoreWeekMapper):
    """Maps a day to the Sunday on which its week begins."""

    def normalize(self, dt: datetime) -> datetime:
        """Return midnight of the latest Sunday."""
        start = dt - timedelta(days=(dt.weekday() + 1) % 7)
        return start.replace(hour=0, minute=0, second=0, microsecond=0)


class AskApprover(ApprovalOperator):
    """Waits for an answer on the proposal `params.action_id`, and gives it to the proposal's row.

    The row's first decision holds: where somebody else was first, the answer changes nothing.
    """

    def execute(self, context: Any) -> Any:
        """Show the proposal and wait; go on or skip where it is decided already."""
        from leadloop.actions.approvals import describe_proposal, find_action
        from leadloop.settings import load_settings

        row = find_action(load_settings(), context["params"]["action_id"])
        # A very quick answer makes the scheduler run this task again after it has ended.
        if row["state"] in ("approved", "sent"):
            return None
        if row["state"] != "proposed":
            message = f"{row['action_id']} is {row['state']} already."
            raise AirflowSkipException(message)
        self.subject, self.body = describe_proposal(row)
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Write the answer to the row; a rejection skips what would carry it out."""
        from leadloop.actions import ActionError
        from leadloop.actions.approvals import decide
        from leadloop.settings import load_settings

        # First the row: on a rejection Airflow leaves this method by an exception.
        if "error" not in event:
            verdict = "approved" if event["chosen_options"] == [self.APPROVE] else "rejected"
            user = event["responded_by_user"] or {}
            by = (str(user.get("name") or user.get("id") or "airflow"), "airflow")
            try:
                outcome = decide(load_settings(), context["params"]["action_id"], verdict, by)
            except ActionError as error:
                # Expired, or not theirs to decide: the answer counts for nothing.
                raise AirflowSkipException(str(error)) from error
            self.log.info(outcome.describe())
        return super().execute_complete(context, event)


def schedule_days(company: Company) -> CronPartitionTimetable:
    """Return a run each morning whose partition key is the day before."""
    hour, minute = company.daily_at.split(":")
    return CronPartitionTimetable(
        f"{int(minute)} {int(hour)} * * *",
        timezone=company.timezone,
        run_offset=-1,
        key_format=DAY,
    )


def schedule_weeks(company: Company) -> PartitionedAssetTimetable:
    """Return one run a week, keyed by its first day, once its seven days are closed."""
    mapper = SundayWeekMapper if company.week_start == "sunday" else StartOfWeekMapper
    upstream = mapper(timezone=company.timezone, input_format=DAY, output_format=DAY)
    return PartitionedAssetTimetable(
        assets=DAILY_MARTS,
        default_partition_mapper=RollupMapper(upstream_mapper=upstream, window=WeekWindow()),
    )


def schedule_months(company: Company) -> PartitionedAssetTimetable:
    """Return one run a month, keyed as 2026-01, once all its days are closed."""
    upstream = StartOfMonthMapper(
        timezone=company.timezone, input_format=DAY, output_format="%Y-%m"
    )
    return PartitionedAssetTimetable(
        assets=DAILY_MARTS,
        default_partition_mapper=RollupMapper(upstream_mapper=upstream, window=MonthWindow()),
    )


def build_board() -> FastAPI:
    """Return the board behind Airflow's login; operators and admins may decide on actions."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi import Depends

    from leadloop.settings import load_settings
    from leadloop.web.app import create_app
    from leadloop.web.viewers import Viewer

    user_of_session = Depends(get_user)

    def identify_user(user: Any = user_of_session) -> Viewer:
        # Whoever may set variables runs this Airflow; viewers and plain users only look.
        may_decide = get_auth_manager().is_authorized_variable(method="PUT", user=user)
        return Viewer(user.get_name(), may_decide)

    return create_app(load_settings(), identify_user)


class LazyBoard:
    """The board, built when it is first asked for.

    Schedulers, processors and tasks load this plugin too, and never serve a page.
    """

    def __init__(self) -> None:
        """Build nothing yet."""
        self._app: FastAPI | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on to the board."""
        if self._app is None:
            self._app = build_board()
        await self._app(scope, receive, send)


class LeadloopPlugin(AirflowPlugin):
    """Makes the week mapper known to Airflow's serializer, and puts the board into its menu."""

    name = "leadloop"
    partition_mappers: ClassVar[list[type[CoreWeekMapper]]] = [SundayWeekMapper]
    fastapi_apps: ClassVar[list[Any]] = [
        {"app": LazyBoard(), "url_prefix": BOARD, "name": "leadloop board"}
    ]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "看板 Board",
            "href": f"{BOARD}/",
            "destination": "nav",
            "url_route": "board",
            "nav_top_level": True,
        }
    ]
