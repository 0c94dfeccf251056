"""What `config/churn.yml` says: the rule's limits and the model's windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from leadloop.settings import read_model

if TYPE_CHECKING:
    from leadloop.settings import Settings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RulePlan(_Strict):
    """When the rule flags a customer."""

    window_days: int = Field(default=30, ge=7, le=90)
    drop: float = Field(default=0.5, gt=0, le=1)
    minimum_base: int = Field(default=4, ge=1)
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    rival_mentions: int = Field(default=2, ge=1)


class ModelPlan(_Strict):
    """What the model calls leaving, and how much it needs to learn it."""

    gap_days: int = Field(default=7, ge=0)
    label_days: int = Field(default=60, ge=14)
    snapshot_every_days: int = Field(default=7, ge=1)
    minimum_customers: int = Field(default=150, ge=20)
    minimum_churned: int = Field(default=25, ge=5)

    @property
    def maturity_days(self) -> int:
        """Days after which it is known whether a customer of a snapshot has left."""
        return self.gap_days + self.label_days


class ChurnPlan(_Strict):
    """The whole file."""

    rule: RulePlan = Field(default_factory=RulePlan)
    model: ModelPlan = Field(default_factory=ModelPlan)

    @property
    def lookback_days(self) -> int:
        """Days before a snapshot that features look at."""
        return 2 * self.rule.window_days


def load_plan(settings: Settings) -> ChurnPlan:
    """Return the plan of the company's `churn.yml`; every mistake in it is named at once."""
    return read_model(settings.config_file("churn.yml"), ChurnPlan)
