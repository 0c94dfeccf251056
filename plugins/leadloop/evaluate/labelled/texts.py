"""Intents and sentiment: the product's classifier on a user's labels, beside a plain pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.evaluate.labelled.figures import calibration_error, coverage_at, drawn_row
from leadloop.evaluate.scoreboard import Row, share_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.evaluate.labelled.files import Split

WANTED_PRECISION = 0.92
# What a careful team would end with on noisy labels; the library's own 1.0 is worse on CIC.
BASELINE_C = 0.2


def score_texts(name: str, split: Split, columns: tuple[str, str]) -> list[Row]:
    """Return what the product's classifier is worth, and the pipeline that a team would write.

    Accuracy, macro F1, coverage at 92 % precision and calibration; of the pipeline the first two.
    """
    text, label = columns
    kinds = sorted({*split.train[label].astype(str), *split.test[label].astype(str)})
    places = {kind: place for place, kind in enumerate(kinds)}
    learned, judged = (
        ([str(item) for item in side[text]], [places[str(item)] for item in side[label]])
        for side in (split.train, split.test)
    )
    best, probability = predict(learned, judged[0])
    plain = predict_plainly(learned, judged[0])
    return [
        *_describe(name, split, judged[1], (best, probability)),
        *_describe(f"{name} (baseline)", split, judged[1], (plain, None)),
    ]


def predict(learned: tuple[list[str], list[int]], judged: Sequence[str]) -> Any:
    """Return class and probability of each text by the path that the product trains by."""
    import numpy as np

    from leadloop.language import training
    from leadloop.language.cards import Sentences
    from leadloop.language.classifier import Classifier

    # What was never learned is never chosen: the model knows the present classes alone.
    present = sorted(set(learned[1]))
    places = {kind: place for place, kind in enumerate(present)}
    sentences = Sentences(clean(learned[0]), [places[kind] for kind in learned[1]])
    names = tuple(map(str, present))
    allowed = np.ones((len(sentences.texts), len(present)), bool)
    model = training.fit_model("labelled", names, sentences, allowed)
    every = np.ones((len(judged), len(present)), bool)
    best, probability = Classifier(model).predict(clean(judged), [], every)
    return np.array(present)[best], probability


def predict_plainly(learned: tuple[list[str], list[int]], judged: Sequence[str]) -> Any:
    """Return the class of each text by char 1-3 TF-IDF and a linear SVM on the plain words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import make_pipeline
    from sklearn.svm import LinearSVC

    # Of a handful of texts nothing is seen twice.
    seen = 2 if len(learned[0]) >= 100 else 1
    grams = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=seen, sublinear_tf=True)
    pipeline = make_pipeline(grams, LinearSVC(C=BASELINE_C, random_state=0))
    return pipeline.fit(*learned).predict(list(judged))


def score_lexicon(split: Split, columns: tuple[str, str], positive: str) -> Row:
    """Return how well the words of feeling alone rank texts: AUC, nothing learned."""
    import numpy as np

    from leadloop.language.engine import load_engine
    from leadloop.scoring.judgement import compute_auc
    from leadloop.settings import load_settings

    text, label = columns
    engine = load_engine(load_settings())
    texts = clean([str(item) for item in split.test[text]])
    tokens = [token for item in texts for token in (*engine.tokenizer.cut(item), "\n")][:-1]
    scores = np.asarray(engine.sentiment.score(tokens, len(texts)), float)
    truth = np.array([str(item) == positive for item in split.test[label]])
    place = ("sentiment (lexicon)", split.name, "auc")
    return drawn_row(place, len(truth), lambda rows: compute_auc(truth[rows], scores[rows]))


def clean(texts: Sequence[str]) -> list[str]:
    """Return texts as the product's classifier reads them."""
    import pyarrow as pa

    from leadloop.language.ngrams import clean_batch
    from leadloop.language.normalize import normalize_batch

    found: list[str] = clean_batch(normalize_batch(pa.array(list(texts)))).to_pylist()
    return found


def _describe(name: str, split: Split, truth: Sequence[int], found: tuple[Any, Any]) -> list[Row]:
    import numpy as np

    from leadloop.language.cards import macro_f1

    best, probability = found
    wanted, right = np.asarray(truth), np.asarray(best) == np.asarray(truth)
    rows = [
        share_row((name, split.name, "accuracy"), int(right.sum()), len(right), None, split.note),
        drawn_row(
            (name, split.name, "macro_f1"),
            len(right),
            lambda chosen: macro_f1(wanted[chosen].tolist(), np.asarray(best)[chosen].tolist()),
        ),
    ]
    if probability is not None:
        note = f"share judged at a precision of {WANTED_PRECISION:.0%}, surest first"
        rows += [
            drawn_row(
                (name, split.name, "coverage_at_precision"), len(right),
                lambda chosen: coverage_at(WANTED_PRECISION, probability[chosen], right[chosen]),
                note,
            ),
            drawn_row(
                (name, split.name, "calibration_error"), len(right),
                lambda chosen: calibration_error(probability[chosen], right[chosen].astype(float)),
            ),
        ]  # fmt: skip
    return rows
