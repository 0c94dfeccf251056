"""The words of the board: the report's, and its own in `words.yml`, each in zh and en."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from leadloop.publish.labels import load_words
from leadloop.settings import read_yaml

WORDS = Path(__file__).parent / "words.yml"


@lru_cache(maxsize=1)
def load_board_words() -> dict[str, dict[str, str]]:
    """Return every word that the page says, by key."""
    own: dict[str, dict[str, str]] = read_yaml(WORDS)
    return {**load_words(), **own}
