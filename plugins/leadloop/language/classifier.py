"""Which intent a turn has, with a probability, or none where that is too low.

A linear classifier over char 1-3-grams, its margins turned into probabilities by one temperature,
plus a fixed bonus for what the rules vote for. It is kept as JSON and plain numbers, never pickled.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadloop.language.ngrams import Vectorizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

# A vote of a rule moves an intent as far as about half of the margin between two intents.
RULE_BONUS = 0.5
WEIGHTS, DESCRIPTION = "weights.npz", "model.json"


@dataclass(frozen=True, slots=True)
class Model:
    """What training leaves: enough to predict without the library that trained it."""

    version: str
    classes: tuple[str, ...]
    vocabulary: dict[str, int]
    idf: Any
    coefficients: Any  # one row a gram, one column a class
    intercepts: Any
    temperature: float
    threshold: float
    card: dict[str, Any]


class Classifier:
    """Predicts with a model."""

    def __init__(self, model: Model) -> None:
        """Prepare the vectoriser of the model."""
        self.model = model
        self._vectorizer = Vectorizer(model.vocabulary, model.idf)

    def margins(self, texts: Sequence[str]) -> Any:
        """Return the margin of each class for each cleaned text."""
        return self._vectorizer.transform(texts) @ self.model.coefficients + self.model.intercepts

    def predict(
        self, texts: Sequence[str], votes: Sequence[tuple[int, int]], allowed: Any
    ) -> tuple[Any, Any]:
        """Return the class and its probability for each cleaned text.

        `votes` are the (row, class) of the rules; `allowed` says by row and class which intents
        the speaker's side can have.
        """
        import numpy as np

        scores = self.margins(texts)
        if votes:
            rows, classes = np.array(votes).T
            scores[rows, classes] += RULE_BONUS
        scores[~allowed] = -np.inf
        return best_class(scores, self.model.temperature)


def best_class(scores: Any, temperature: float) -> tuple[Any, Any]:
    """Return the class of the highest score and its probability, row by row."""
    import numpy as np

    best = scores.argmax(axis=1)
    top = scores[np.arange(len(scores)), best][:, None]
    share = np.exp((scores - top) / temperature).sum(axis=1)
    return best, 1.0 / share


def write_model(folder: Path, model: Model) -> None:
    """Write a model into a folder that appears whole; one that is there already stays."""
    import os
    import shutil

    import numpy as np

    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    draft.mkdir(parents=True)
    np.savez(
        draft / WEIGHTS, idf=model.idf, coefficients=model.coefficients, intercepts=model.intercepts
    )
    content = {
        "version": model.version,
        "classes": model.classes,
        "temperature": model.temperature,
        "threshold": model.threshold,
        "card": model.card,
        "vocabulary": model.vocabulary,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    (draft / DESCRIPTION).write_text(text, encoding="utf-8")
    try:
        draft.rename(folder)
    except OSError:
        # Another process was first; the same inputs made the same model.
        shutil.rmtree(draft)


def read_model(folder: Path) -> Model:
    """Return the model of a folder."""
    import numpy as np

    content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        return Model(
            version=content["version"],
            classes=tuple(content["classes"]),
            vocabulary=content["vocabulary"],
            idf=arrays["idf"],
            coefficients=arrays["coefficients"],
            intercepts=arrays["intercepts"],
            temperature=content["temperature"],
            threshold=content["threshold"],
            card=content["card"],
        )
