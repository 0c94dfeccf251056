"""Intents of ten real service calls, against labels made by hand before anything was scored.

The calls are of another trade (a mobile operator's hotline) than the sentences the product learns
from. Labels name the main intent first, then others that also fit; the words are not copied.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from leadloop.intervals import wilson_interval
from leadloop.language.engine import load_engine
from leadloop.language.scoring import score_batch
from leadloop.settings import PROJECT_ROOT, load_settings

LABELS = Path(__file__).parent / "labels" / "seretod_intents.csv"
SPEAKERS = {"[SPEAKER 1]": "agent", "[SPEAKER 2]": "customer"}


@pytest.fixture(scope="module")
def turns(dialogues) -> dict[tuple[str, int], tuple[str, str]]:
    """Side and words of each turn, by call and position as the map `seretod` numbers them."""
    found = {}
    for dialogue in dialogues:
        said = [
            (SPEAKERS[speaker], text)
            for turn in dialogue["content"]
            for speaker, text in turn.items()
            if speaker in SPEAKERS
        ]
        found |= {(dialogue["id"], seq): item for seq, item in enumerate(said, 1)}
    return found


@pytest.fixture(scope="module")
def labels() -> dict[tuple[str, int], list[str]]:
    with LABELS.open(encoding="utf-8") as file:
        return {
            (row["call_id"], int(row["seq"])): row["intents"].split("|")
            for row in csv.DictReader(file)
        }


@pytest.fixture(scope="module")
def scored(turns, tmp_path_factory) -> dict[tuple[str, int], dict[str, Any]]:
    home = tmp_path_factory.mktemp("labels") / "home"
    engine = load_engine(load_settings({"LEADLOOP_HOME": str(home)}))
    sides, texts = zip(*turns.values(), strict=True)
    batch = pa.RecordBatch.from_pydict({"text": texts, "side": sides})
    return dict(zip(turns, score_batch(batch, engine).to_pylist(), strict=True))


def say(name: str, part: int, whole: int) -> tuple[float, str]:
    """Print a share with its interval; return the interval's lower end and the words."""
    low, high = wilson_interval(part, whole)
    words = f"{part} of {whole} ({part / whole:.2f}, {low:.2f}-{high:.2f})"
    sys.stdout.write(f"{name}: {words}\n")
    return low, words


def test_every_turn_is_labelled_once(turns, labels):
    assert labels.keys() == turns.keys()
    assert len(labels) == 196


def test_labels_are_ids_and_names_without_a_word_of_the_calls():
    assert LABELS.read_text(encoding="ascii").startswith("call_id,seq,intents\n")


def test_named_intents_agree_with_the_labels_by_hand(scored, labels):
    named = {key: row["intent"] for key, row in scored.items() if not row["is_abstained"]}
    right = sum(intent in labels[key] for key, intent in named.items())
    main = sum(intent == labels[key][0] for key, intent in named.items())
    wanted = [key for key, names in labels.items() if names != ["none"]]
    precision, shown = say("precision, any of the labels", right, len(named))
    strict, strictly = say("precision, the main label", main, len(named))
    recall, recalled = say("recall of labelled turns", right, len(wanted))
    # Floors below the lower ends of the intervals: another trade, spoken, cut by a recogniser.
    assert precision > 0.70
    assert strict > 0.60
    assert recall > 0.22
    page = (PROJECT_ROOT / "docs" / "language.md").read_text(encoding="utf-8")
    for words in (shown, strictly, recalled):
        assert words in page, f"docs/language.md does not say {words}"


def test_naming_beats_always_saying_the_most_frequent_intent_of_the_side(scored, turns, labels):
    right = sum(row["intent"] in labels[key] for key, row in scored.items())
    naive = max(
        sum(first in labels[key] for key, (side, _) in turns.items() if side == "agent")
        + sum(second in labels[key] for key, (side, _) in turns.items() if side == "customer")
        for first in ("agent_pitch", "agent_probe", "courtesy")
        for second in ("ask_service", "acknowledge", "ask_product")
    )
    low, _ = say("without abstention, any of the labels", right, len(scored))
    say("the most frequent intent of each side", naive, len(scored))
    assert low > naive / len(scored)


def test_polite_service_calls_hold_no_forbidden_word_and_no_request_to_stop(scored, turns):
    hits = [
        (key, hit["kind"])
        for key, row in scored.items()
        for hit in row["hits"]
        if turns[key][0] == ("agent" if hit["kind"] == "forbidden" else "customer")
    ]
    assert [item for item in hits if item[1] != "competitor"] == []
