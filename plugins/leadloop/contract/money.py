"""What things cost and bring: channels, campaigns, products, orders, payments, subscriptions."""

from __future__ import annotations

from leadloop.contract.shapes import Column, Table, list_phone_columns

CHANNEL_TYPES = (
    "referral",
    "paid_social",
    "paid_search",
    "organic",
    "cold_list",
    "inbound",
    "partner",
    "other",
)

CHANNEL = Table(
    name="channel",
    key=("source_system", "channel_id"),
    event_column=None,
    description="One row per state of a channel that leads come from.",
    history_key=("channel_id",),
    columns=(
        Column("channel_id", "text", "The source's id of the channel.", required=True),
        Column("name", "text", "Name that people know."),
        Column("type", "text", "What kind of channel it is.", enum=CHANNEL_TYPES),
        Column("parent_channel_id", "text", "Channel that it belongs to."),
        Column("closed_at", "timestamp", "When it was closed."),
    ),
)

CAMPAIGN = Table(
    name="campaign",
    key=("source_system", "campaign_id"),
    event_column=None,
    description="One row per state of a campaign.",
    history_key=("campaign_id",),
    columns=(
        Column("campaign_id", "text", "The source's id of the campaign.", required=True),
        Column("name", "text", "Name that people know."),
        Column("channel_id", "text", "Channel that it runs on."),
        Column("purpose", "text", "What its calls are for, such as marketing or service."),
        Column("objective", "text", "What it is to reach."),
        Column("planned_budget", "number", "Money planned for it."),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
    ),
)

CAMPAIGN_COST = Table(
    name="campaign_cost",
    key=("source_system", "campaign_id", "cost_date", "cost_type"),
    event_column=None,
    description="One row per campaign, day and type of cost.",
    columns=(
        Column("campaign_id", "text", "Campaign that was paid for.", required=True),
        Column("cost_date", "date", "Local day of the cost.", required=True),
        Column("cost_type", "text", "What was paid for, such as media.", required=True),
        Column("channel_id", "text", "Channel that it runs on."),
        Column("amount", "number", "What was paid, in `currency`.", required=True),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
        Column("impression_count", "integer", "How often it was shown."),
        Column("click_count", "integer", "How often it was clicked."),
        Column("billed_lead_count", "integer", "Leads that were charged for."),
        Column("is_estimate", "boolean", "Whether the amount may still change."),
    ),
)

PRODUCT = Table(
    name="product",
    key=("source_system", "product_id"),
    event_column=None,
    description="One row per state of a product.",
    history_key=("product_id",),
    columns=(
        Column("product_id", "text", "The source's id of the product.", required=True),
        Column("name", "text", "Name that people know."),
        Column("category", "text", "Category that it belongs to."),
        Column("list_amount", "number", "Price on the list, in `currency`."),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
    ),
)

ORDER = Table(
    name="order",
    key=("source_system", "order_id"),
    event_column="placed_at",
    description="One row per order of a customer.",
    columns=(
        Column("order_id", "text", "The source's id of the order.", required=True),
        Column("customer_id", "text", "Customer who ordered; the same id as in calls.", pii="key"),
        Column("lead_id", "text", "Lead that the order came from.", pii="key"),
        Column("agent_id", "text", "Agent who made the deal.", pii="agent"),
        *list_phone_columns(),
        Column("placed_at", "timestamp", "When the order was placed."),
        Column("paid_at", "timestamp", "When it was paid; null where it is not."),
        Column("amount", "number", "What the customer pays, in `currency`."),
        Column("gross_margin", "number", "What is left of the amount, in `currency`."),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
        Column("is_repeat", "boolean", "Whether the source calls it a repeat order."),
    ),
)

ORDER_LINE = Table(
    name="order_line",
    key=("source_system", "order_id", "line_no"),
    event_column="placed_at",
    description="One row per line of an order.",
    columns=(
        Column("order_id", "text", "Order that it belongs to.", required=True),
        Column("line_no", "text", "Line within the order.", required=True),
        Column("product_id", "text", "Product that was ordered."),
        Column("product_name", "text", "Its name at that time."),
        Column("quantity", "number", "How many; negative for what came back."),
        Column("unit_amount", "number", "Price of one, in `currency`."),
        Column("amount", "number", "Price of the line, in `currency`."),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
        Column("customer_id", "text", "Customer who ordered.", pii="key"),
        Column("placed_at", "timestamp", "When the order was placed."),
        Column("country", "text", "Country, as the source writes it.", pii="trait"),
    ),
)

PAYMENT = Table(
    name="payment",
    key=("source_system", "payment_id"),
    event_column="paid_at",
    description="One row per payment.",
    columns=(
        Column("payment_id", "text", "The source's id of the payment.", required=True),
        Column("order_id", "text", "Order that was paid."),
        Column("subscription_id", "text", "Subscription that was paid."),
        Column("paid_at", "timestamp", "When it was paid."),
        Column("amount", "number", "What was paid, in `currency`.", required=True),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
        Column("method", "text", "How it was paid."),
    ),
)

REFUND = Table(
    name="refund",
    key=("source_system", "refund_id"),
    event_column="refunded_at",
    description="One row per refund.",
    columns=(
        Column("refund_id", "text", "The source's id of the refund.", required=True),
        Column("order_id", "text", "Order that was paid back.", required=True),
        Column("refunded_at", "timestamp", "When it was paid back."),
        Column("amount", "number", "What was paid back, in `currency`.", required=True),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
        Column("reason", "text", "Why; masked.", pii="text"),
    ),
)

SUBSCRIPTION = Table(
    name="subscription",
    key=("source_system", "subscription_id", "term_no"),
    event_column=None,
    description="One row per term of a subscription.",
    columns=(
        Column("subscription_id", "text", "The source's id.", required=True),
        Column("term_no", "integer", "Which term, starting at 1.", required=True),
        Column("customer_id", "text", "Customer who subscribes.", pii="key"),
        Column("plan", "text", "What was subscribed to."),
        Column("started_on", "date", "First local day of the term."),
        Column("due_on", "date", "Local day on which it is to be renewed."),
        Column("renewed_on", "date", "Local day on which it was renewed."),
        Column("cancelled_on", "date", "Local day on which it was cancelled."),
        Column("mrr", "number", "What it brings a month, in `currency`."),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
        Column("is_auto_renewed", "boolean", "Whether it renews itself."),
    ),
)

MONEY_TABLES = (
    CHANNEL,
    CAMPAIGN,
    CAMPAIGN_COST,
    PRODUCT,
    ORDER,
    ORDER_LINE,
    PAYMENT,
    REFUND,
    SUBSCRIPTION,
)
