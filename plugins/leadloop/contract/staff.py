"""What is known of the desk: agents, teams, rosters, states, scripts and word lists."""

from __future__ import annotations

from leadloop.contract.shapes import Column, Table

AGENT_STATES = ("ready", "talking", "hold", "acw", "break", "training", "offline", "other")

AGENT = Table(
    name="agent",
    key=("source_system", "agent_id"),
    event_column=None,
    description="One row per state of an agent, as the desk knew it at an export.",
    history_key=("agent_id",),
    columns=(
        Column("agent_id", "text", "The source's id of the agent.", required=True, pii="agent"),
        Column("name", "text", "Name shown to team leaders.", pii="agent"),
        Column("team_id", "text", "Team that the agent belongs to."),
        Column("hire_date", "date", "First local day of work.", pii="agent"),
        Column("role", "text", "What the agent does, such as sales."),
        Column("site", "text", "Where the agent works."),
        Column("skill_level", "text", "The source's level.", pii="agent"),
        Column("left_on", "date", "Last local day of work.", pii="agent"),
    ),
)

TEAM = Table(
    name="team",
    key=("source_system", "team_id"),
    event_column=None,
    description="One row per state of a team.",
    history_key=("team_id",),
    columns=(
        Column("team_id", "text", "The source's id of the team.", required=True),
        Column("name", "text", "Name that people know."),
        Column("leader_agent_id", "text", "Who leads it.", pii="agent"),
        Column("site", "text", "Where it works."),
    ),
)

ROSTER = Table(
    name="roster",
    key=("source_system", "agent_id", "shift_start"),
    event_column="shift_start",
    is_planned=True,
    description="One row per planned shift of an agent.",
    columns=(
        Column("agent_id", "text", "Who is to work.", required=True, pii="agent"),
        Column("shift_start", "timestamp", "When the shift begins.", required=True),
        Column("shift_end", "timestamp", "When it ends."),
        Column("planned_break_s", "integer", "Seconds of break planned."),
        Column("absence_code", "text", "Why the agent is away.", pii="agent"),
    ),
)

AGENT_STATE = Table(
    name="agent_state",
    key=("source_system", "agent_id", "started_at"),
    event_column="started_at",
    description="One row per stretch of time that an agent spent in one state.",
    columns=(
        Column("agent_id", "text", "Whose state it is.", required=True, pii="agent"),
        Column("started_at", "timestamp", "When it began.", required=True),
        Column("ended_at", "timestamp", "When it ended."),
        Column("state", "text", "What the agent did.", True, AGENT_STATES),
        Column("reason_code", "text", "The source's own code."),
        Column("call_id", "text", "Call it belongs to."),
    ),
)

SCRIPT = Table(
    name="script",
    key=("source_system", "script_id"),
    event_column=None,
    description="One row per state of a script that agents are given.",
    history_key=("script_id",),
    columns=(
        Column("script_id", "text", "The source's id of the script.", required=True),
        Column("name", "text", "Name that people know."),
        Column("campaign_id", "text", "Campaign that it is for."),
        Column("body", "text", "The words; masked.", pii="text"),
        Column("valid_from", "timestamp", "When it came into use."),
        Column("valid_to", "timestamp", "When it goes out of use."),
    ),
)

LEXICON = Table(
    name="lexicon",
    key=("source_system", "kind", "term"),
    event_column=None,
    description="One row per state of a word that calls are searched for.",
    history_key=("kind", "term"),
    columns=(
        Column("kind", "text", "What list it is on, such as competitor.", required=True),
        Column("term", "text", "The word.", required=True),
        Column("aliases", "text", "Other spellings, parted by |."),
        Column("pattern", "text", "Regular expression instead of the word."),
        Column("severity", "integer", "How grave it is, 1 to 3."),
        Column("context_rule", "text", "Where it does not count."),
        Column("valid_from", "timestamp", "When it came into use."),
        Column("valid_to", "timestamp", "When it goes out of use."),
    ),
)

BUSINESS_CALENDAR = Table(
    name="business_calendar",
    key=("source_system", "calendar_date"),
    event_column=None,
    description="One row per local day of a company's calendar.",
    columns=(
        Column("calendar_date", "date", "The local day.", required=True),
        Column("is_workday", "boolean", "Whether people work, make-up days included.", True),
        Column("holiday_name", "text", "Name of the holiday."),
        Column("open_ranges", "text", "Open hours, such as 09:00-12:00,14:00-18:00."),
    ),
)

STAFF_TABLES = (AGENT, TEAM, ROSTER, AGENT_STATE, SCRIPT, LEXICON, BUSINESS_CALENDAR)
