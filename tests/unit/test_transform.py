"""What the runner of the models refuses before it starts dbt, and how it reports failures."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from leadloop import transform
from leadloop.errors import UsageError


def test_a_layer_that_does_not_exist_is_refused_with_those_that_do(settings):
    with pytest.raises(UsageError, match="core, marts, operations, weekly, monthly"):
        transform.build_layer(settings, "silver", "2026-01-05")


def test_a_failure_names_node_file_message_meaning_and_log(settings):
    node = SimpleNamespace(
        resource_type="model",
        name="fct_dials",
        original_file_path="models/marts/core/fct_dials.sql",
        description="Every dial. One row per dial_id.",
    )
    failed = SimpleNamespace(status="error", node=node, message="Binder Error\n  no such column")
    passed = SimpleNamespace(status="success", node=node, message="OK")
    message = transform._describe_failure(settings, "build", ["a reason"], [passed, failed])
    assert message.splitlines() == [
        "dbt build failed:",
        "  model fct_dials (models/marts/core/fct_dials.sql): Binder Error no such column "
        "[Every dial. One row per dial_id.]",
        f"The whole log: {settings.home.dbt}/logs/dbt.log",
    ]


def test_a_failure_before_any_model_tells_the_reason(settings):
    message = transform._describe_failure(settings, "parse", ["no profile", "Parsing Error"], [])
    assert message.splitlines()[1:3] == ["  no profile", "  Parsing Error"]


def test_the_environment_of_dbt_is_taken_back(settings, monkeypatch):
    import os

    monkeypatch.setenv("LEADLOOP_DBT_MARTS", "mine")
    monkeypatch.delenv("LEADLOOP_DBT_WAREHOUSE", raising=False)
    with transform._environment(settings):
        assert os.environ["LEADLOOP_DBT_MARTS"] == str(settings.home.marts_build)
    assert os.environ["LEADLOOP_DBT_MARTS"] == "mine"
    assert "LEADLOOP_DBT_WAREHOUSE" not in os.environ
