"""Trains the intent classifier, in seconds and always to the same numbers, and scores it honestly.

It learns from the sentences that come with the product (data/intent_sentences.csv, split `train`)
and from the examples of config/intents.yml. Temperature and threshold are chosen out of fold on
those; the sentences of split `held_out` are never fitted, they only make the card.
"""

from __future__ import annotations

import csv
from collections import Counter
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from leadloop.errors import LeadloopError
from leadloop.language.cards import Sentences, write_card
from leadloop.language.classifier import Classifier, Model, best_class, read_model, write_model
from leadloop.language.intents import load_taxonomy
from leadloop.language.lexicons import digest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from leadloop.language.intents import Taxonomy
    from leadloop.settings import Settings

# Raised by hand when the code would train another model from the same sentences.
CODE_VERSION = "1"
REGULARISATION = 1.0
FOLDS = 5
WANTED_PRECISION = 0.9
SENTENCES = "intent_sentences.csv"


class TrainingError(LeadloopError):
    """The sentences and the intents do not fit together."""


def model_version(settings: Settings) -> str:
    """Return the version that training now would give: a digest of all that goes in."""
    taxonomy = settings.config_file("intents.yml").read_bytes()
    libraries = f"{version('scikit-learn')} {version('numpy')}"
    return digest(CODE_VERSION.encode(), libraries.encode(), taxonomy, _sentence_file())


def load_model(settings: Settings) -> Model:
    """Return the model of the present sentences and intents, trained on first use."""
    name = model_version(settings)
    folder = model_folder(settings, name)
    if not folder.is_dir():
        write_model(folder, train(load_taxonomy(settings), name))
    return read_model(folder)


def model_folder(settings: Settings, name: str) -> Path:
    """Return where a model of intents is kept."""
    return settings.home.root / "models" / "intent" / name


def train(taxonomy: Taxonomy, name: str) -> Model:
    """Return a model fitted to the training sentences, with its card."""
    fitted, held_out = read_sentences(taxonomy)
    model = fit_model(name, taxonomy.ids, fitted, taxonomy.allow(fitted.sides(taxonomy)))
    model.card.update(write_card(model, taxonomy, held_out), fitted=len(fitted.texts))
    return model


def fit_model(name: str, classes: tuple[str, ...], sentences: Sentences, allowed: Any) -> Model:
    """Return a model of cleaned sentences, without a card: the same ones give the same numbers.

    `allowed` says by sentence and class what its speaker may mean. Every class needs a sentence;
    one with a single sentence is learned, but takes no part in temperature and threshold.
    """
    import numpy as np

    truth = np.array(sentences.classes)
    margins = _fold_margins(sentences, len(classes), allowed)
    judged = np.isfinite(margins[np.arange(len(truth)), truth])
    temperature = _fit_temperature(margins[judged], truth[judged])
    best, scores = best_class(margins[judged], temperature)
    threshold = _choose_threshold(scores, best == truth[judged])
    vocabulary, idf, coefficients, intercepts = _fit(sentences, len(classes))
    return Model(
        version=name,
        classes=classes,
        vocabulary=vocabulary,
        idf=idf,
        coefficients=coefficients,
        intercepts=intercepts,
        temperature=round(temperature, 4),
        threshold=round(threshold, 4),
        card={},
    )


def read_sentences(taxonomy: Taxonomy) -> tuple[Sentences, Sentences]:
    """Return the sentences to fit (with the examples of the intents) and those held out."""
    import pyarrow as pa

    from leadloop.language.ngrams import clean_batch
    from leadloop.language.normalize import normalize_batch

    places = {intent.id: place for place, intent in enumerate(taxonomy.intents)}
    rows = [*csv.DictReader(_sentence_file().decode("utf-8").splitlines())]
    rows += [
        {"intent": intent.id, "split": "train", "text": example}
        for intent in taxonomy.intents
        for example in intent.examples
    ]
    # A company may drop intents of ours; it may not use an unknown one.
    rows = [row for row in rows if row["intent"] in places]
    texts = clean_batch(normalize_batch(pa.array([row["text"] for row in rows]))).to_pylist()
    parts: dict[str, Sentences] = {"train": Sentences([], []), "held_out": Sentences([], [])}
    for row, text in zip(rows, texts, strict=True):
        parts[row["split"]].texts.append(text)
        parts[row["split"]].classes.append(places[row["intent"]])
    counts = Counter(parts["train"].classes)
    if few := [name for name, place in places.items() if counts[place] < 2]:
        message = f"intents with fewer than two sentences: {', '.join(few)}; add examples"
        raise TrainingError(message)
    return parts["train"], parts["held_out"]


def _sentence_file() -> bytes:
    return (files("leadloop.language") / "data" / SENTENCES).read_bytes()


def _fit(sentences: Sentences, width: int) -> tuple[dict[str, int], Any, Any, Any]:
    """Return vocabulary, idf, coefficients and intercepts; a class without sentence has -inf."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    matrix = vectorizer.fit_transform(sentences.texts)
    model = LinearSVC(C=REGULARISATION, random_state=0).fit(matrix, sentences.classes)
    weights, starts = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        # Of two classes the library keeps the margin of the second alone.
        weights, starts = np.vstack([-weights, weights]), np.append(-starts, starts)
    coefficients = np.zeros((matrix.shape[1], width), dtype=np.float32)
    intercepts = np.full(width, -np.inf, dtype=np.float32)
    coefficients[:, model.classes_] = weights.T
    intercepts[model.classes_] = starts
    vocabulary = {str(gram): int(place) for gram, place in vectorizer.vocabulary_.items()}
    return vocabulary, vectorizer.idf_.astype(np.float32), coefficients, intercepts


def _fold_margins(sentences: Sentences, width: int, allowed: Any) -> Any:
    """Return margins of each sentence by a model that did not see it; -inf for other sides."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    classes = np.array(sentences.classes)
    margins = np.full((len(classes), width), -np.inf, dtype=np.float32)
    counts = np.bincount(classes)
    # A class of one sentence cannot be both learned and judged: its margin stays -inf.
    twice = np.flatnonzero(counts[classes] > 1)
    alone = np.flatnonzero(counts[classes] == 1)
    folds = min(FOLDS, int(counts[counts > 1].min(initial=FOLDS)))
    for seen, unseen in StratifiedKFold(folds).split(twice, classes[twice]):
        known, asked = np.append(twice[seen], alone), twice[unseen]
        part = Sentences([sentences.texts[row] for row in known], classes[known].tolist())
        vocabulary, idf, coefficients, intercepts = _fit(part, width)
        model = Model("", (), vocabulary, idf, coefficients, intercepts, 1.0, 0.0, {})
        margins[asked] = Classifier(model).margins([sentences.texts[row] for row in asked])
    margins[~allowed] = -np.inf
    return margins


def _fit_temperature(margins: Any, classes: Sequence[int]) -> float:
    """Return the temperature at which the probabilities fit what happened best."""
    import numpy as np

    truth = margins[np.arange(len(classes)), classes]

    def loss(temperature: float) -> float:
        top = margins.max(axis=1)
        total = np.log(np.exp((margins - top[:, None]) / temperature).sum(axis=1))
        return float((total - (truth - top) / temperature).mean())

    return float(min(np.geomspace(0.02, 2.0, 200), key=loss))


def _choose_threshold(scores: Any, right: Any) -> float:
    """Return the lowest score from which on the wanted precision is reached."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    precision = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(precision >= WANTED_PRECISION)
    return float(scores[order[good[-1]]]) if len(good) else 1.0
