"""Plans of many kinds and the talks made of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from leadloop.simulate.speech import TalkPlan, Turn, write_talk

PHONE = "13800001234"
Talk = Callable[..., list[Turn]]


@pytest.fixture(params=["seen", "held_out"])
def pool(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def talk() -> Talk:
    """Make the turns of a plan given by what differs from a plain three-minute refusal."""

    def make(seed: int = 0, **changes: Any) -> list[Turn]:
        plain = TalkPlan(end="refused", kind="sales", seconds=180, phone=PHONE)
        return write_talk(replace(plain, **changes), np.random.default_rng(seed))

    return make
