"""What people call things: labels of the company's codes and the words of the report, zh and en."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, RootModel

from leadloop.settings import read_model, read_yaml

if TYPE_CHECKING:
    from leadloop.settings import Settings

WORDS = Path(__file__).parent / "templates" / "words.yml"


class Label(BaseModel):
    """One name in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str


class Labels(RootModel[dict[str, dict[str, Label]]]):
    """The content of `config/labels.yml`: dimension, code, label."""


def load_names(settings: Settings) -> dict[str, dict[str, dict[str, str]]]:
    """Return the labels of codes by dimension; a code without one is shown as it is."""
    labels = read_model(settings.config_file("labels.yml"), Labels).root
    return {
        dimension: {code: label.model_dump() for code, label in codes.items()}
        for dimension, codes in labels.items()
    }


def load_words() -> dict[str, dict[str, str]]:
    """Return the report's own words by key, each in zh and en."""
    words: dict[str, dict[str, str]] = read_yaml(WORDS)
    return words
