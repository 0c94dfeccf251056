"""A user's labelled files: read, split, scored, and refused with a reason where they do not fit."""

from __future__ import annotations

import csv
import gzip
import json
import random

import numpy as np
import pytest
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.errors import UsageError
from leadloop.evaluate.labelled.figures import calibration_error, coverage_at, drawn_row
from leadloop.evaluate.labelled.files import read_rows, split_by_order, split_by_text
from leadloop.evaluate.labelled.uplift import qini

GOOD = (
    "很好用",
    "非常满意",
    "推荐大家买",
    "质量不错",
    "客服很耐心",
    "物流真快",
    "下次还来",
    "好评",
)
BAD = ("太差了", "再也不买", "退货了", "质量很烂", "客服骂人", "等了一周", "后悔死了", "差评")


@pytest.fixture
def write(tmp_path):
    """Write rows as a CSV file; return its path."""

    def put(name, rows):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return put


@pytest.fixture
def score(tmp_path, monkeypatch):
    """Run `leadloop evaluate ...`; return its rows by name and metric."""
    monkeypatch.setenv("LEADLOOP_HOME", str(tmp_path / "home"))

    def run(*words):
        result = CliRunner().invoke(app, ["evaluate", *map(str, words), "--json", "-"])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return {(row["name"], row["metric"]): row for row in json.loads(result.stdout)}

    return run


def sentences(count, draw):
    return [
        {"text": f"{draw.choice(words)}，{draw.choice(words)}{number}", "label": label,
         "domain": ("a", "b")[number % 2]}
        for number in range(count) for label, words in ((1, GOOD), (0, BAD))
    ]  # fmt: skip


def test_files_of_every_kind_are_read_one_under_the_other(tmp_path, write):
    lines = tmp_path / "b.jsonl.gz"
    with gzip.open(lines, "wt", encoding="utf-8") as file:
        file.write('{"text": "乙", "label": "1"}\n')
    rows = read_rows([write("a.csv", [{"text": "甲", "label": 0}]), lines], ["text", "label"])
    assert rows["text"].tolist() == ["甲", "乙"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("gone.csv", None, "cannot be read"),
        ("a.txt", "x", "cannot be told by its name"),
        ("a.csv", "words,label\nx,1\n", "has no column text; its columns: words, label"),
        ("a.csv", "text,label\n", "holds no row"),
        ("a.jsonl", "{", "cannot be read"),
    ],
)
def test_a_file_that_does_not_fit_says_why(tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        read_rows([tmp_path / name], ["text", "label"])


def test_a_text_on_both_sides_is_not_learned_from_and_empty_rows_are_counted(write):
    train = write("train.csv", [{"text": "甲", "label": 0}, {"text": "乙", "label": 1},
                                {"text": "丙", "label": 0}, {"text": "", "label": 0}])  # fmt: skip
    split = split_by_text(
        [train], [write("test.csv", [{"text": "丙", "label": 0}])], ("text", "label")
    )
    assert split.train["text"].tolist() == ["甲", "乙"]
    assert (split.name, split.note) == (
        "test", "1 rows without text or label left out; 1 texts on both sides not learned from",
    )  # fmt: skip


def test_one_file_is_split_by_hash_always_the_same_way(write):
    rows = [{"text": f"句子{number}", "label": number % 2} for number in range(500)]
    split = split_by_text([write("a.csv", rows)], [], ("text", "label"))
    again = split_by_text([write("b.csv", rows[::-1])], [], ("text", "label"))
    assert set(split.test["text"]) == set(again.test["text"])
    assert 0.15 < len(split.test) / 500 < 0.25
    assert not set(split.test["text"]) & set(split.train["text"])


def test_rows_in_order_of_time_are_judged_on_their_last_part(write):
    rows = [{"day": 10 - number, "y": number % 2} for number in range(10)]
    split = split_by_order([write("a.csv", rows)], [], "day", ["y"])
    assert split.test["day"].tolist() == [8, 9, 10]


def test_only_one_kind_of_label_is_refused(write):
    with pytest.raises(UsageError, match="1 kinds of label"):
        split_by_text(
            [write("a.csv", [{"text": f"句{n}", "label": 1} for n in range(50)])],
            [],
            ("text", "label"),
        )


def test_figures_worked_out_by_hand():
    # Ten bins of one row: .2 off in five, .2 off in three, .8 off in two.
    told = np.array([0.2] * 5 + [0.8] * 5)
    right = np.array([0] * 5 + [1, 1, 1, 0, 0])
    assert calibration_error(told, right) == pytest.approx(0.32)
    assert coverage_at(1.0, np.array([0.9, 0.8, 0.7]), np.array([1, 1, 0])) == pytest.approx(2 / 3)
    assert coverage_at(0.9, np.array([0.9]), np.array([0])) == 0.0
    row = drawn_row(
        ("x", "s", "mean"), 4, lambda rows: float(np.array([0, 0, 1, 1.0])[rows].mean())
    )
    assert row.value == 0.5
    assert 0.0 <= row.low < 0.5 < row.high <= 1.0


def test_qini_is_positive_where_the_moved_come_first_and_negative_where_last():
    arms = np.array([True, False] * 100)
    moved = np.repeat([True, False], 100)
    came = (arms & moved).astype(float)
    order = np.linspace(1, 0, 200)
    assert qini(arms, came, order) > 0.05
    assert qini(arms, came, -order) < -0.05


def test_intents_and_a_coarser_label(write, score):
    draw = random.Random(1)
    train, test = write("train.csv", sentences(60, draw)), write("judged.csv", sentences(20, draw))
    coarse = write("pairs.csv", [{"label": 0, "coarse": "投诉"}, {"label": 1, "coarse": "表扬"}])
    rows = score("intents", "--train", train, "--test", test, "--coarse", coarse)
    row = rows["intents, pairs", "accuracy"]
    assert (row["value"], row["set"], row["n"]) == (1.0, "judged", 40)
    assert row["low"] == pytest.approx(0.9124, abs=1e-4)  # Wilson for 40 of 40
    assert rows["intents, pairs (baseline)", "macro_f1"]["value"] == 1.0
    assert rows["intents, pairs", "coverage_at_precision"]["value"] == 1.0


def test_an_intent_of_one_sentence_is_learned_and_one_that_was_never_seen_is_missed(write, score):
    draw = random.Random(6)
    single = {"text": "发票怎么开", "label": 2, "domain": "a"}
    train = write("train.csv", [*sentences(20, draw), single])
    strange = {"text": "在哪里", "label": 9, "domain": "a"}
    test = write("judged.csv", [*sentences(5, draw), {**single, "text": "怎么开发票"}, strange])
    row = score("intents", "--train", train, "--test", test)["intents", "accuracy"]
    # Ten of two feelings and the single one; nothing can name what was never learned.
    assert row["value"] == pytest.approx(11 / 12)


def test_a_feeling_is_judged_on_a_domain_that_was_left_out(write, score):
    path = write("all.csv", sentences(60, random.Random(2)))
    rows = score("sentiment", "--train", path, "--leave-out", "domain")
    assert rows["sentiment", "accuracy"]["value"] == 1.0
    assert rows["sentiment (lexicon)", "auc"]["value"] > 0.6
    with pytest.raises(UsageError, match="does not tell domains apart"):
        score("sentiment", "--train", path, "--leave-out", "shop")


@pytest.mark.parametrize(("word", "name"), [("lead", "lead score"), ("churn", "churn model")])
def test_an_outcome_is_learned_from_what_tells_it_and_not_from_what_is_dropped(
    write, score, word, name
):
    draw = random.Random(3)
    rows = []
    for number in range(600):
        heat = draw.random()
        happened = draw.random() < heat
        said = "yes" if happened else "no"
        rows.append({"seq": number, "heat": heat, "colour": draw.choice("rgb"), "y": said,
                     "leak": int(happened), "id": f"n{number}"})  # fmt: skip
    path = write("table.csv", rows)
    known = (word, "--train", path, "--label", "y", "--order", "seq")
    found = score(*known, "--drop", "leak")
    auc = found[f"{name} (logistic)", "auc"]
    assert 0.75 < auc["value"] < 0.95
    assert auc["n"] == 180
    assert "left out: id" in found[name, "base_rate"]["note"]
    assert found[f"{name} (logistic)", "lift_top_tenth"]["value"] > 1.4
    leaking = score(*known)
    assert leaking[f"{name} (logistic)", "auc"]["value"] > 0.99
    with pytest.raises(UsageError, match="holds b, g, r; wanted two kinds"):
        score(word, "--train", path, "--label", "colour")


def test_repurchase_is_foretold_better_than_by_the_past_alone(write, score):
    draw = np.random.default_rng(4)
    rows = []
    for customer, (rate, stays) in enumerate(
        zip(draw.gamma(1.0, 0.2, 400), draw.beta(2, 3, 400), strict=True)
    ):
        week, alive = draw.random() * 5, True
        while week < 60 and alive:
            rows.append(
                {"customer_id": customer, "date": f"{np.datetime64('2026-01-05') + int(week * 7)}"}
            )
            week, alive = week + draw.exponential(1 / rate), draw.random() < 1 - stays / 2
    path = write("orders.csv", rows)
    found = score("repurchase", "--train", path, "--until", "2026-08-03")
    assert found["repurchase", "auc"]["value"] > 0.65
    assert (
        found["repurchase", "mean_error"]["value"]
        < found["repurchase (baseline)", "mean_error"]["value"]
    )
    assert 0.6 < found["repurchase", "total_ratio"]["value"] < 1.5
    with pytest.raises(UsageError, match="is not within the orders"):
        score("repurchase", "--train", path, "--until", "2031-01-01")


def test_uplift_finds_whom_an_action_moves(write, score):
    draw = random.Random(5)
    rows = []
    for _ in range(3000):
        moved, treated = draw.random(), int(draw.random() < 0.5)
        chance = 0.1 + 0.6 * moved * treated
        rows.append({"moved": moved, "treatment": treated, "outcome": int(draw.random() < chance)})
    found = score("uplift", "--train", write("trial.csv", rows))
    effect = found["uplift", "average_effect"]
    assert effect["low"] < 0.3 < effect["high"]  # the mean of .6 * moved
    assert found["uplift", "qini"]["low"] > 0
    first, last = (found["uplift", f"effect_decile_{n}"]["value"] for n in ("01", "10"))
    assert first > last + 0.2


def test_privacy_counts_what_is_masked_whole_and_what_is_masked_for_nothing(tmp_path, score):
    path = tmp_path / "lines.jsonl"
    phone = "我的电话是13812345678"
    lines = [
        {"text": phone, "spans": [{"start": 5, "end": 16, "kind": "phone"}]},
        {"text": "我叫小布丁", "spans": [{"start": 2, "end": 5, "kind": "name"}]},
        {"text": "今天天气不错", "spans": []},
    ]
    path.write_text(
        "\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8"
    )
    rows = score("privacy", "--test", path)
    assert rows["privacy: phone", "recall"]["value"] == 1.0
    assert rows["privacy", "recall"]["n"] == 2
    # Characters that are nobody's: 5 before the number, 2 before the name, 6 of the last line.
    assert rows["privacy", "clean_masked"]["n"] == 13
    path.write_text(
        '{"text": "x", "spans": [{"start": 0, "end": 9, "kind": "phone"}]}', encoding="utf-8"
    )
    with pytest.raises(UsageError, match="Line 1: a span of"):
        score("privacy", "--test", path)
