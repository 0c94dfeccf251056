"""The models that were trained, as readable JSON: weights, cards, and which one counts when.

`models/churn/registry.json` lists every training in order, `models/churn/<version>/` holds the
model and its card. Nothing is pickled: a model is names, numbers and a formula (see `formula`).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from leadloop.errors import LeadloopError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from leadloop.settings import Home


@dataclass(frozen=True, slots=True)
class Entry:
    """One training: `version` is None where there was too little to learn from."""

    trained_on: str
    version: str | None
    is_champion: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic regression: weights of standardised terms, in the order of `terms`."""

    version: str
    terms: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float


def model_folder(home: Home) -> Path:
    """Return the folder of all churn models."""
    return home.root / "models" / "churn"


def list_entries(home: Home) -> list[Entry]:
    """Return all trainings, oldest day first."""
    path = model_folder(home) / "registry.json"
    if not path.exists():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Entry(**row) for row in rows]
    except (ValueError, TypeError) as error:
        message = (
            f"{path} is no list of trainings ({error}); restore it from a backup, or delete "
            f"{path.parent} to let the next daily cycle train anew."
        )
        raise LeadloopError(message) from error


def find_champion(home: Home, day: str) -> Model | None:
    """Return the model in force on a day; None before the first one."""
    champions = [
        entry for entry in list_entries(home) if entry.is_champion and entry.trained_on <= day
    ]
    if not champions or champions[-1].version is None:
        return None
    return load_model(home, champions[-1].version)


def load_model(home: Home, version: str) -> Model:
    """Return a model by its version."""
    path = model_folder(home) / version / "model.json"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    lists = {name: tuple(content[name]) for name in ("terms", "means", "scales", "weights")}
    return Model(version=content["version"], intercept=content["intercept"], **lists)


def keep_training(
    home: Home, entry: Entry, model: Model | None, card: dict[str, Any], page: str
) -> None:
    """Write a training down: model and card first, the registry last, so no entry dangles.

    A training of the same day takes the place of the earlier one.
    """
    if model is not None:
        folder = model_folder(home) / model.version
        _write(folder / "model.json", _dump(asdict(model)))
        _write(folder / "card.json", _dump(card))
        _write(folder / "card.md", page)
    others = [item for item in list_entries(home) if item.trained_on != entry.trained_on]
    _write_entries(home, sorted([*others, entry], key=lambda item: item.trained_on))


def _write_entries(home: Home, entries: Sequence[Entry]) -> None:
    _write(model_folder(home) / "registry.json", _dump([asdict(entry) for entry in entries]))


def _dump(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
