"""What the tests of language share: the shipped engine, trained once, and texts to score."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from leadloop.language.engine import Engine, load_engine
from leadloop.language.lexicons import Lexicons, load_lexicons
from leadloop.language.scoring import score_batch
from leadloop.settings import Settings, load_settings


@pytest.fixture(scope="session")
def language_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return load_settings({"LEADLOOP_HOME": str(tmp_path_factory.mktemp("language") / "home")})


@pytest.fixture(scope="session")
def engine(language_settings: Settings) -> Engine:
    return load_engine(language_settings)


@pytest.fixture(scope="session")
def lexicons(language_settings: Settings) -> Lexicons:
    return load_lexicons(language_settings)


@pytest.fixture(scope="session")
def score(engine: Engine) -> Callable[..., list[dict[str, Any]]]:
    """Score texts, said by one side; one dictionary a text."""

    def run(*texts: str | None, side: str = "customer") -> list[dict[str, Any]]:
        batch = pa.RecordBatch.from_pydict(
            {"text": pa.array(texts, pa.string()), "side": [side] * len(texts)}
        )
        return score_batch(batch, engine).to_pylist()

    return run
