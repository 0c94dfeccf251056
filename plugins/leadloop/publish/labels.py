"""The words of the report, zh and en; the names of codes are read by `leadloop.labels`."""

from __future__ import annotations

from pathlib import Path

from leadloop.settings import read_yaml

WORDS = Path(__file__).parent / "templates" / "words.yml"


def load_words() -> dict[str, dict[str, str]]:
    """Return the report's own words by key, each in zh and en."""
    words: dict[str, dict[str, str]] = read_yaml(WORDS)
    return words
