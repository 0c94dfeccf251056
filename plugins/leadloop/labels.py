"""What people call codes, zh and en: config/labels.yml, and the titles of things defined elsewhere.

Report and board show these names; `company_facts` gives them to the warehouse, where dim_labels
puts them before the product's own (seed code_labels).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, RootModel

from leadloop.action_types import TYPES
from leadloop.funnel import load_funnel
from leadloop.settings import read_model, read_yaml

if TYPE_CHECKING:
    from leadloop.settings import Settings

WORD_LISTS = ("competitors", "do_not_call", "forbidden")


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


def list_labels(settings: Settings) -> list[tuple[str, str, str, str]]:
    """Return (dimension, code, zh, en) of every name set in the configuration or by the code."""
    groups = [group for name in WORD_LISTS for group in _read_groups(settings, name)]
    named: dict[str, dict[str, dict[str, str]]] = {
        "intent": {item["id"]: item["title"] for item in list_intents(settings)},
        "word_group": {item["id"]: item["title"] for item in groups},
        "stage": {
            item.stage: {"zh": item.zh, "en": item.en} for item in load_funnel(settings).stages
        },
        "action_type": {name: {"zh": item.zh, "en": item.en} for name, item in TYPES.items()},
    }
    # What labels.yml says goes before the title given where the thing itself is defined.
    for dimension, codes in load_names(settings).items():
        named[dimension] = named.get(dimension, {}) | codes
    return [
        (dimension, code, label["zh"], label["en"])
        for dimension, codes in named.items()
        for code, label in codes.items()
    ]


def list_intents(settings: Settings) -> list[dict[str, Any]]:
    """Return the company's intents as they are written down: id, title, parent and the rest."""
    intents: list[dict[str, Any]] = read_yaml(settings.config_file("intents.yml")).get("intents")
    return intents or []


def _read_groups(settings: Settings, name: str) -> list[Any]:
    groups = read_yaml(settings.config_file("lexicons", f"{name}.yml")).get("groups") or []
    return [group for group in groups if "title" in group]
