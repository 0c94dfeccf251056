"""What happens besides calls: stages, inquiries, tickets, surveys, touches."""

from __future__ import annotations

from leadloop.contract.shapes import Column, Table, list_phone_columns

FUNNEL_SOURCES = ("manual", "rule", "model")
INQUIRY_CHANNELS = ("im", "web", "wechat", "email", "call_in", "app", "other")
SURVEYS = ("csat", "nps", "trust")
TOUCHES = ("redial", "sms", "email", "tip", "package", "training", "other")

FUNNEL_EVENT = Table(
    name="funnel_event",
    key=("source_system", "event_id"),
    event_column="occurred_at",
    description="One row per stage that a lead, a customer or an order reached.",
    columns=(
        Column("event_id", "text", "The source's id of the event.", required=True),
        Column("entity_type", "text", "What reached it, such as lead.", required=True),
        Column("entity_id", "text", "Which one.", required=True, pii="key"),
        Column("stage", "text", "The stage, such as quoted.", required=True),
        Column("occurred_at", "timestamp", "When it was reached."),
        Column("event_source", "text", "Who says so.", enum=FUNNEL_SOURCES),
        Column("value_amount", "number", "What it is worth, in the company's currency."),
        Column("call_id", "text", "Call in which it was reached."),
        Column("agent_id", "text", "Agent who brought it there.", pii="agent"),
        Column("reversed_by", "text", "Event that took it back."),
        Column("custom", "text", "Further fields of the source, as JSON; masked.", pii="text"),
    ),
)

INQUIRY_EVENT = Table(
    name="inquiry_event",
    key=("source_system", "event_id"),
    event_column="occurred_at",
    description="One row per time that somebody asked by themselves.",
    columns=(
        Column("event_id", "text", "The source's id of the event.", required=True),
        Column("lead_id", "text", "Lead who asked.", pii="key"),
        Column("customer_id", "text", "Customer who asked.", pii="key"),
        *list_phone_columns(),
        Column("channel", "text", "Where it was asked.", True, INQUIRY_CHANNELS),
        Column("topic", "text", "What it was about; masked.", pii="text"),
        Column("occurred_at", "timestamp", "When it was asked."),
        Column("custom", "text", "Further fields of the source, as JSON; masked.", pii="text"),
    ),
)

TICKET = Table(
    name="ticket",
    key=("source_system", "ticket_id"),
    event_column="opened_at",
    description="One row per state of a service ticket, the newest wins.",
    columns=(
        Column("ticket_id", "text", "The source's id of the ticket.", required=True),
        Column("customer_id", "text", "Customer it is about.", pii="key"),
        Column("lead_id", "text", "Lead it is about.", pii="key"),
        Column("opened_at", "timestamp", "When it was opened."),
        Column("first_reply_at", "timestamp", "When it was first answered."),
        Column("solved_at", "timestamp", "When it was solved."),
        Column("reopened_count", "integer", "How often it was opened again."),
        Column("category", "text", "What it is about."),
        Column("csat_score", "number", "What the customer gave, in the survey's scale."),
        Column("priority", "text", "How urgent it is."),
    ),
)

TICKET_EVENT = Table(
    name="ticket_event",
    key=("source_system", "ticket_id", "event_id"),
    event_column="occurred_at",
    description="One row per change of a ticket, with its priority at that time.",
    columns=(
        Column("ticket_id", "text", "Ticket that changed.", required=True),
        Column("event_id", "text", "The source's id of the change.", required=True),
        Column("occurred_at", "timestamp", "When it changed."),
        Column("status", "text", "Status from then on."),
        Column("priority", "text", "Priority from then on."),
        Column("agent_id", "text", "Agent who has it from then on.", pii="agent"),
    ),
)

SURVEY = Table(
    name="survey",
    key=("source_system", "survey_id"),
    event_column="offered_at",
    description="One row per survey offered; unanswered ones count in the response rate.",
    columns=(
        Column("survey_id", "text", "The source's id of the survey.", required=True),
        Column("call_id", "text", "Call it is about."),
        Column("ticket_id", "text", "Ticket it is about."),
        Column("customer_id", "text", "Customer who was asked.", pii="key"),
        Column("kind", "text", "What is asked for.", True, SURVEYS),
        Column("offered_at", "timestamp", "When it was offered."),
        Column("answered_at", "timestamp", "When it was answered."),
        Column("score", "number", "What was given."),
        Column("scale_max", "number", "The best that could be given."),
    ),
)

TOUCH = Table(
    name="touch",
    key=("source_system", "touch_id"),
    event_column="touched_at",
    description="One row per message or offer that another system sent to a person.",
    columns=(
        Column("touch_id", "text", "The source's id of the touch.", required=True),
        Column("type", "text", "What was sent.", True, TOUCHES),
        Column("lead_id", "text", "Lead who got it.", pii="key"),
        Column("customer_id", "text", "Customer who got it.", pii="key"),
        Column("campaign_id", "text", "Campaign it belongs to."),
        Column("touched_at", "timestamp", "When it was sent."),
        Column("is_delivered", "boolean", "Whether it arrived."),
        Column("cost_amount", "number", "Cost in the company's currency."),
    ),
)

SERVICE_TABLES = (FUNNEL_EVENT, INQUIRY_EVENT, TICKET, TICKET_EVENT, SURVEY, TOUCH)
