from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from leadloop.language import training
from leadloop.language.cards import Sentences
from leadloop.language.classifier import Classifier, read_model, write_model
from leadloop.language.intents import load_taxonomy
from leadloop.language.ngrams import Vectorizer


@pytest.fixture(scope="module")
def taxonomy(language_settings):
    return load_taxonomy(language_settings)


def test_the_sentences_suffice_and_none_is_both_fitted_and_held_out(taxonomy):
    fitted, held_out = training.read_sentences(taxonomy)
    assert len(fitted.texts) >= 300
    assert len(set(held_out.classes)) == len(taxonomy.intents) >= 10
    assert min(map(fitted.classes.count, set(fitted.classes))) >= 10
    assert not set(fitted.texts) & set(held_out.texts)


def test_sentences_it_was_not_fitted_to_are_named_far_above_guessing(engine):
    # The floor is the lower end of the 95 % interval, not the point.
    card = engine.classifier.model.card
    assert card["held_out"] >= 130
    for part, accuracy, f1 in (("classifier", 0.70, 0.75), ("with_rules", 0.75, 0.80)):
        share = card[part]["accuracy"]
        sys.stdout.write(f"{part}: {share['value']} ({share['low']}-{share['high']})\n")
        assert share["low"] > accuracy > card["naive_accuracy"]["high"]
        assert card[part]["macro_f1"] > f1


def test_what_it_is_sure_of_is_right_nine_times_in_ten_and_is_most(engine):
    for part in ("classifier", "with_rules"):
        figures = engine.classifier.model.card[part]
        assert figures["precision_when_sure"]["low"] >= 0.88
        assert figures["coverage"]["low"] >= 0.5


def test_grams_weigh_as_in_scikit_learn():
    texts = ["多少钱一年", "太贵了太贵了", "a1", "", "钱", "没见过的字"]
    fitted = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    wanted = fitted.fit(texts[:3]).transform(texts).toarray()
    found = Vectorizer(fitted.vocabulary_, fitted.idf_).transform(texts).toarray()
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_training_twice_gives_the_same_model(taxonomy, engine):
    again = training.train(taxonomy, "again")
    model = engine.classifier.model
    assert again.vocabulary == model.vocabulary
    np.testing.assert_array_equal(again.coefficients, model.coefficients)
    assert (again.temperature, again.threshold) == (model.temperature, model.threshold)


def test_a_model_is_kept_as_json_and_plain_numbers(engine, tmp_path):
    model = engine.classifier.model
    write_model(tmp_path / "v", model)
    write_model(tmp_path / "v", model)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["model.json", "v", "weights.npz"]
    json.loads((tmp_path / "v" / "model.json").read_text(encoding="utf-8"))
    again = read_model(tmp_path / "v")
    np.testing.assert_array_equal(again.coefficients, model.coefficients)
    assert again.classes == model.classes


def test_an_intent_with_too_few_sentences_is_refused(taxonomy):
    poor = taxonomy.intents[0].model_copy(update={"id": "new", "examples": ("只有一句",)})
    with pytest.raises(training.TrainingError, match="new"):
        training.read_sentences(taxonomy.model_copy(update={"intents": (*taxonomy.intents, poor)}))


def fit(*sentences: tuple[str, int]):
    texts, classes = zip(*sentences, strict=True)
    allowed = np.ones((len(texts), max(classes) + 1), dtype=bool)
    names = tuple(f"c{place}" for place in range(max(classes) + 1))
    return training.fit_model("m", names, Sentences([*texts], [*classes]), allowed)


def test_of_two_intents_either_can_be_named():
    model = fit(("多少钱", 0), ("价钱多少", 0), ("别再打了", 1), ("不要打来", 1))
    allowed = np.ones((2, 2), dtype=bool)
    best, scores = Classifier(model).predict(["钱多少", "别打了"], [], allowed)
    assert best.tolist() == [0, 1]
    assert (scores > 0.5).all()


def test_an_intent_of_one_sentence_is_learned_and_leaves_the_temperature_finite():
    model = fit(("多少钱", 0), ("价钱多少", 0), ("别再打了", 1), ("不要打来", 1), ("再见", 2))
    best, _ = Classifier(model).predict(["再见"], [], np.ones((1, 3), dtype=bool))
    assert best.tolist() == [2]
    assert 0.02 <= model.temperature <= 2.0
    assert np.isfinite(model.intercepts).all()
