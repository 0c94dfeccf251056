"""The ledger of the loop: what was seen, proposed, allowed, sent and measured.

Tables of the operations store beside those in `opstore`, which has the functions that write them
(`append`, `insert_new`, `compare_and_set`, `replace`). Each row points to the one before it:
alert -> action -> proofs, approval, outbox -> effect. Ids are text, times are UTC; a step that runs
twice makes the same ids.
"""

from __future__ import annotations

import sqlalchemy as sa

from leadloop.opstore import metadata

# alert_id is a hash of rule, dimensions and first period: a day run again finds its own row.
alerts = sa.Table(
    "alerts",
    metadata,
    sa.Column("alert_id", sa.Text, primary_key=True),
    sa.Column("rule_id", sa.Text, nullable=False),
    sa.Column("rule_hash", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("dimensions", sa.JSON, nullable=False),
    sa.Column("grain", sa.Text, nullable=False),
    sa.Column("period", sa.Text, nullable=False),
    sa.Column("k", sa.Integer),
    sa.Column("n", sa.Integer),
    sa.Column("value", sa.Float),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("threshold", sa.Float, nullable=False),
    sa.Column("expected", sa.Float),
    sa.Column("money", sa.Float),
    # open | acknowledged | resolved | held
    sa.Column("state", sa.Text, nullable=False, index=True),
    # List of {kind, place, share, money, evidence}; empty where no cause was found.
    sa.Column("cause", sa.JSON, nullable=False),
    sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
    sa.Column("acknowledged_by", sa.Text),
    sa.Column("resolved_at", sa.DateTime(timezone=True)),
    sa.Column("owner", sa.Text, nullable=False),
)

actions = sa.Table(
    "actions",
    metadata,
    sa.Column("action_id", sa.Text, primary_key=True),
    sa.Column("alert_id", sa.Text, index=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.Column("target_type", sa.Text, nullable=False),
    sa.Column("target_id", sa.Text, nullable=False),
    # propose | approve | auto
    sa.Column("mode", sa.Text, nullable=False),
    # proposed | approved | rejected | denied | deferred | sent | failed | expired | holdout
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("approver", sa.Text),
    sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True)),
    sa.Column("decided_by", sa.Text),
    sa.Column("gate", sa.JSON, nullable=False),
    sa.Column("idempotency_key", sa.Text, nullable=False, unique=True),
    sa.Column("expires_at", sa.DateTime(timezone=True)),
    sa.Column("outcome_window_end", sa.DateTime(timezone=True)),
    sa.Column("cost", sa.Float),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("experiment", sa.Text, primary_key=True),
    sa.Column("unit_id", sa.Text, primary_key=True),
    sa.Column("action_type", sa.Text, nullable=False),
    # treat | holdout
    sa.Column("arm", sa.Text, nullable=False),
    sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("action_id", sa.Text, primary_key=True),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    # cli | api | board | airflow
    sa.Column("decided_via", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
)

# Why an action was allowed, deferred or denied. The database refuses to change or delete a row.
proofs = sa.Table(
    "proofs",
    metadata,
    sa.Column("proof_id", sa.Text, primary_key=True),
    sa.Column("action_id", sa.Text, nullable=False, index=True),
    # plan | send
    sa.Column("stage", sa.Text, nullable=False),
    # allow | defer | deny
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("rule_id", sa.Text),
    sa.Column("source", sa.Text),
    sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("message_id", sa.Text, primary_key=True),
    sa.Column("action_id", sa.Text, index=True),
    sa.Column("alert_id", sa.Text, index=True),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
    sa.Column("body", sa.JSON, nullable=False),
    # queued | sending | sent | failed | dead
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
    sa.Column("last_answer", sa.Text),
    sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("sent_at", sa.DateTime(timezone=True)),
)

# effect_id is the experiment's name: that which actions share, or the id of an action of its own.
effects = sa.Table(
    "effects",
    metadata,
    sa.Column("effect_id", sa.Text, primary_key=True),
    sa.Column("action_id", sa.Text, index=True),
    sa.Column("experiment", sa.Text),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("horizon_days", sa.Integer, nullable=False),
    sa.Column("n_treat", sa.Integer),
    sa.Column("n_holdout", sa.Integer),
    sa.Column("value", sa.Float),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    # proven | no effect shown | harmful | cannot be measured
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
)

TABLES = (alerts, actions, assignments, approvals, proofs, outbox, effects)
