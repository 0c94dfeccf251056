"""Scoring of utterances beside the pipeline most teams write: pandas, jieba, sklearn, a loop.

Both read the same texts, cut them, look for the same words, and name an intent by the same linear
classifier; theirs does not normalise, judge negation, weigh feelings or give places. One thread.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Any

from measure import run_apart

SIZES = (20_000, 200_000)


def run(folder: Path) -> list[dict[str, Any]]:
    """Return one row a size: CPU microseconds an utterance, and whether both found the same."""
    os.environ.update(dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    home = folder / "home"
    run_apart(home, "score_utterances.prepare")
    rows = []
    for size in SIZES:
        ours = run_apart(home, "score_utterances.score_ours", size)
        theirs = run_apart(home, "score_utterances.score_usual", size)
        rows.append(
            {
                "utterances": size,
                "characters": ours.result["characters"],
                "us_per_utterance": ours.result["us"],
                "usual_us_per_utterance": theirs.result["us"],
                "times_faster": round(theirs.result["us"] / ours.result["us"], 1),
                "peak_mib": round(ours.peak),
                "usual_peak_mib": round(theirs.peak),
                "same_intent": agreement(ours.result["intents"], theirs.result["intents"]),
                "hits": sum(ours.result["words"]),
                "usual_hits": sum(theirs.result["words"]),
                "second_run_s": ours.result["second_run_s"],
                "first_run_s": ours.result["first_run_s"],
            }
        )
    return rows


def agreement(first: list[str], second: list[str]) -> float:
    """Return the share of the compared texts that got the same intent."""
    return round(sum(a == b for a, b in zip(first, second, strict=True)) / len(first), 4)


def prepare() -> None:
    """Train the model, so that neither side pays for it."""
    from leadloop.language.engine import load_engine
    from leadloop.settings import load_settings

    load_engine(load_settings())


def make_texts(size: int) -> list[str]:
    """Return distinct utterances: sentences of ours, joined and varied by numbers."""
    import csv
    from importlib.resources import files

    source = (files("leadloop.language") / "data" / "intent_sentences.csv").read_text("utf-8")
    sentences = [row["text"] for row in csv.DictReader(source.splitlines())]
    generator = random.Random(7)
    tails = [""] * 40 + ["，嗯"] * 17 + ["，稳赚不赔的", "，别再打了", "，我在用快账通"]
    return [
        f"{generator.choice(sentences)}{generator.choice(tails)}{number}" for number in range(size)
    ]


def score_ours(size: int) -> dict[str, Any]:
    """Score with `score_batch`, then as the daily step does: twice, to see what a rerun costs."""
    import pyarrow as pa

    from leadloop import warehouse
    from leadloop.language.engine import load_engine
    from leadloop.language.scoring import BATCH_ROWS, annotate_day, score_batch
    from leadloop.settings import load_settings

    settings, texts = load_settings(), make_texts(size)
    engine = load_engine(settings)
    table = pa.table({"text": texts})
    score_batch(table.slice(0, 100).combine_chunks().to_batches()[0], engine)
    started = time.process_time()
    scores = [score_batch(part, engine) for part in table.to_batches(BATCH_ROWS)]
    spent = time.process_time() - started
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("create schema if not exists raw")
        connection.register("said", table)
        connection.execute(
            "create or replace table raw.said as select text as text_masked, "
            "'customer' as speaker_role from said"
        )
        connection.execute("create or replace view raw.utterances as select * from raw.said")
        connection.execute("drop table if exists raw.text_scores")
    clocks = [time.perf_counter()]
    for _ in range(2):
        annotate_day(settings, "2026-01-05")
        clocks.append(time.perf_counter())
    hits = [len(row) for part in scores for row in part.column("hits").to_pylist()]
    return {
        "us": round(spent / size * 1e6, 1),
        "characters": round(sum(map(len, texts)) / size, 1),
        "intents": [name for part in scores for name in part.column("intent").to_pylist()][:2000],
        "words": hits,
        "first_run_s": round(clocks[1] - clocks[0], 2),
        "second_run_s": round(clocks[2] - clocks[1], 2),
    }


def score_usual(size: int) -> dict[str, Any]:
    """Do it the usual way, with the same classifier and words."""
    import jieba
    import pandas as pd
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    from leadloop.language.cards import Sentences
    from leadloop.language.intents import load_taxonomy
    from leadloop.language.lexicons import expand, load_lexicons
    from leadloop.language.training import REGULARISATION, read_sentences
    from leadloop.settings import load_settings

    settings, texts = load_settings(), make_texts(size)
    taxonomy = load_taxonomy(settings)
    fitted: Sentences = read_sentences(taxonomy)[0]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
    model = LinearSVC(C=REGULARISATION, random_state=0)
    model.fit(vectorizer.fit_transform(fitted.texts), fitted.classes)
    # A loop over all phrases would take hours: the usual list is as long as somebody types it.
    words = [
        term for item in load_lexicons(settings).lists for g in item.groups for term in g.terms
    ]
    words += [
        expand(p)[0] for i in load_lexicons(settings).lists for g in i.groups for p in g.patterns
    ]
    jieba.setLogLevel(60)
    jieba.initialize()
    frame = pd.DataFrame({"text": texts})
    started = time.process_time()
    frame["tokens"] = frame["text"].map(jieba.lcut)
    frame["clean"] = frame["text"].str.replace(r"[^\w]", "", regex=True)
    frame["clean"] = frame["clean"].str.replace(r"\d+", "0", regex=True)
    frame["intent"] = model.predict(vectorizer.transform(frame["clean"]))
    frame["hits"] = frame["text"].map(lambda text: [word for word in words if word in text])
    spent = time.process_time() - started
    return {
        "us": round(spent / size * 1e6, 1),
        "intents": [taxonomy.ids[place] for place in frame["intent"][:2000]],
        "words": frame["hits"].map(len).tolist(),
    }
