"""What is known of people: leads, customers, what they agreed to, what they refused."""

from __future__ import annotations

from leadloop.contract.shapes import Column, Table, list_phone_columns

SEGMENTS = ("consumer", "company")
TAG_SOURCES = ("crm", "nlp")
CONSENTS = ("granted", "denied", "withdrawn")
DNC_SCOPES = ("tenant", "campaign", "industry", "national")
DNC_REASONS = ("customer_request", "complaint", "legal", "wrong_number")
NUMBER_STATES = ("in_service", "invalid", "suspended", "silent", "risky", "not_in_base", "other")

LEAD = Table(
    name="lead",
    key=("source_system", "lead_id"),
    event_column="created_at",
    description="One row per state of a lead, as the CRM knew it at an export.",
    history_key=("lead_id",),
    columns=(
        Column("lead_id", "text", "The source's id of the lead.", required=True, pii="key"),
        Column("created_at", "timestamp", "When the lead came in."),
        Column("channel_id", "text", "Channel that the lead came from."),
        Column("campaign_id", "text", "Campaign that brought it."),
        Column("creative_id", "text", "Advertisement that brought it."),
        Column("content_theme", "text", "What that advertisement spoke of."),
        Column("utm_source", "text", "utm_source of the visit."),
        Column("utm_medium", "text", "utm_medium of the visit."),
        Column("utm_campaign", "text", "utm_campaign of the visit."),
        *list_phone_columns(),
        Column("contact_id", "text", "Person that the lead is about.", pii="key"),
        Column("customer_id", "text", "Customer that the lead became or belongs to.", pii="key"),
        Column("company_id", "text", "Company of the person."),
        Column("segment", "text", "Consumer or company.", enum=SEGMENTS),
        Column("industry", "text", "Industry of the company.", pii="trait"),
        Column("city", "text", "City, as the source writes it.", pii="trait"),
        Column("owner_agent_id", "text", "Agent who looks after it.", pii="agent"),
        Column("status", "text", "The source's status."),
        Column("stage", "text", "The source's stage in the funnel."),
        Column("lost_reason", "text", "Why it was lost; masked.", pii="text"),
        Column("merged_into_lead_id", "text", "Lead that it was merged into.", pii="key"),
        Column("converted_at", "timestamp", "When it became a customer."),
        Column("custom", "text", "Further fields of the source, as JSON; masked.", pii="text"),
    ),
)

LEAD_TAG = Table(
    name="lead_tag",
    key=("source_system", "lead_id", "tag", "valid_from"),
    event_column="valid_from",
    description="One row per tag that a lead carried from a moment on.",
    history_key=("lead_id", "tag"),
    since="valid_from",
    columns=(
        Column("lead_id", "text", "Lead that carries it.", required=True, pii="key"),
        Column("tag", "text", "The tag, such as 电商.", required=True, pii="trait"),
        Column("tag_type", "text", "What the tag is about, such as industry or pain."),
        Column("weight", "number", "How much it counts, 0 to 1."),
        Column("tag_source", "text", "Who set it.", enum=TAG_SOURCES),
        Column("confidence", "number", "How sure it is, 0 to 1."),
        Column("valid_from", "timestamp", "When it was set.", required=True),
        Column("valid_to", "timestamp", "When it was taken away."),
    ),
)

CUSTOMER = Table(
    name="customer",
    key=("source_system", "customer_id"),
    event_column="first_order_at",
    description="One row per state of a customer, as the CRM knew it at an export.",
    history_key=("customer_id",),
    columns=(
        Column("customer_id", "text", "The source's id of the customer.", required=True, pii="key"),
        Column("type", "text", "Consumer or company.", enum=SEGMENTS),
        *list_phone_columns(),
        Column("first_order_at", "timestamp", "When the customer first ordered."),
        Column("tier", "text", "The source's tier, such as gold.", pii="trait"),
        Column("region", "text", "Region, as the source writes it.", pii="trait"),
        Column(
            "birth_year_band", "text", "Band of the year of birth, such as 1980-89.", pii="trait"
        ),
        Column("is_minor", "boolean", "Whether the person is under age.", pii="trait"),
        Column("is_profiling_refused", "boolean", "Whether scores are refused.", pii="trait"),
        Column("merged_into_customer_id", "text", "Customer that it was merged into.", pii="key"),
    ),
)

CONSENT = Table(
    name="consent",
    key=("source_system", "phone_hash", "purpose", "channel", "valid_from"),
    event_column="valid_from",
    description="One row per consent given, denied or withdrawn for a purpose and a channel.",
    history_key=("phone_hash", "purpose", "channel"),
    since="valid_from",
    columns=(
        *list_phone_columns(required=True),
        Column("customer_id", "text", "Customer, where the source knows it.", pii="key"),
        Column("purpose", "text", "What it is for, such as marketing.", required=True),
        Column("channel", "text", "How the person may be reached, such as call.", required=True),
        Column("valid_from", "timestamp", "When it began to hold.", required=True),
        Column("status", "text", "What the person said.", True, CONSENTS),
        Column("basis", "text", "Legal basis."),
        Column("evidence_uri", "text", "Where the proof is; masked.", pii="text"),
        Column("evidence_sha256", "text", "Hash of the proof."),
        Column("captured_at", "timestamp", "When it was written down."),
        Column("captured_by", "text", "Who wrote it down.", pii="agent"),
        Column("expires_at", "timestamp", "When it ends by itself."),
        Column("jurisdiction", "text", "Whose law it was given under."),
    ),
)

DNC = Table(
    name="dnc",
    key=("source_system", "list_id", "phone_hash", "valid_from"),
    event_column="valid_from",
    description="One row per entry of a do-not-call list.",
    history_key=("list_id", "phone_hash"),
    since="valid_from",
    columns=(
        *list_phone_columns(required=True),
        Column("list_id", "text", "The list.", required=True),
        Column("valid_from", "timestamp", "When it began to hold.", required=True),
        Column("scope", "text", "Whom the list binds.", enum=DNC_SCOPES),
        Column("reason", "text", "Why the number is on it.", enum=DNC_REASONS),
        Column("source_call_id", "text", "Call in which it was asked for."),
        Column("min_until", "timestamp", "Before this moment it may not be lifted."),
        Column("valid_to", "timestamp", "When it was lifted."),
    ),
)

NUMBER_STATUS = Table(
    name="number_status",
    key=("source_system", "phone_hash", "checked_at"),
    event_column="checked_at",
    description="One row per check of a number by a vendor.",
    history_key=("phone_hash",),
    since="checked_at",
    columns=(
        *list_phone_columns(required=True),
        Column("checked_at", "timestamp", "When it was checked.", required=True),
        Column("status", "text", "What the vendor found.", True, NUMBER_STATES),
        Column("vendor", "text", "Who checked it."),
        Column("raw_code", "text", "The vendor's own code."),
        Column("is_ported", "boolean", "Whether the number changed its carrier."),
    ),
)

PEOPLE_TABLES = (LEAD, LEAD_TAG, CUSTOMER, CONSENT, DNC, NUMBER_STATUS)
