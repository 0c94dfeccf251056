"""What the report is made of, without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from leadloop.errors import UsageError
from leadloop.labels import load_names
from leadloop.metric_values import Definition, MetricValue
from leadloop.publish import report
from leadloop.publish.labels import WORDS, load_words
from leadloop.publish.report_content import compare_groups, describe_change
from leadloop.settings import Settings

SHARE = Definition("rate", "share", "Rate", "share", "", ("k", "n"))
COUNT = Definition("dials", "count", "Dials", "dials", "", ("dials",))
MEAN = Definition("time", "mean", "Time", "seconds", "", ("sum", "n", "square"))


def share(k: float, n: int, low: float, high: float, **dimensions: str) -> MetricValue:
    return MetricValue("rate", dict(dimensions), k, n, k / n, low, high, "ok")


def count(value: float) -> MetricValue:
    return MetricValue("dials", {}, value, int(value), value, None, None, "ok")


def read_scripts() -> str:
    paths = (report.TEMPLATES / name for name in report.SCRIPTS)
    return "".join(path.read_text(encoding="utf-8") for path in paths)


def test_every_word_is_there_in_both_languages():
    for key, word in load_words().items():
        assert set(word) == {"zh", "en"}, key
        holes = [set(re.findall(r"{(\w+)}", word[language])) for language in ("zh", "en")]
        assert holes[0] == holes[1], key


def test_every_word_that_the_page_says_is_known():
    script = read_scripts()
    said = set(re.findall(r"say\(\"(\w+)\"", script))
    assert said
    assert said <= set(load_words())


def test_every_word_that_is_known_is_said():
    script = read_scripts()
    # Parts of gates, payloads and places are said by the data.
    text = WORDS.read_text(encoding="utf-8").partition("# Parts of gates")[0]
    said_by_code = yaml.safe_load(text)
    families = (*re.findall(r"`(\w+_)\${", script), "_title", "_note", "warning")
    unused = [
        key
        for key in said_by_code
        if f'"{key}"' not in script and not any(part in key for part in families)
    ]
    assert unused == []


def test_no_text_in_the_data_can_end_the_script_that_holds_it():
    text = report.encode_data({"name": "</script><!--\u2028&"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"name": "</script><!--\u2028&"}


def test_a_number_that_json_does_not_know_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        report.encode_data({"value": float("nan")})


def test_the_charts_come_with_their_licence():
    folder = report.CHARTS.parent
    assert "Apache License" in (folder / "LICENSE").read_text(encoding="utf-8")
    assert (folder / "NOTICE").exists()
    assert report.CHARTS.stat().st_size < 1_500_000


def test_a_change_inside_its_interval_is_noise():
    change = describe_change(SHARE, share(34, 100, 0, 1), share(30, 100, 0, 1))
    assert change is not None
    assert change["is_noise"]
    assert change["difference"] == pytest.approx(0.04)


def test_a_change_beyond_its_interval_is_real():
    change = describe_change(SHARE, share(700, 2000, 0, 1), share(500, 2000, 0, 1))
    assert change is not None
    assert not change["is_noise"]
    assert change["low"] > 0


def test_counts_that_vary_much_need_a_larger_change():
    pair = (count(2300), count(2000))
    assert describe_change(COUNT, *pair)["is_noise"] is False  # type: ignore[index]
    assert describe_change(COUNT, *pair, dispersion=9.0)["is_noise"] is True  # type: ignore[index]


def test_a_change_of_means_without_intervals_is_called_noise():
    few = MetricValue("time", {}, 100.0, 10, 10.0, None, None, "too few")
    change = describe_change(MEAN, few, few)
    assert change is not None
    assert change["is_noise"]


def test_there_is_no_change_against_a_day_without_data():
    nothing = MetricValue("rate", {}, None, None, None, None, None, "not available")
    assert describe_change(SHARE, share(1, 100, 0, 1), nothing) is None


def test_groups_are_marked_only_where_their_interval_clears_the_overall_value():
    overall = share(300, 1000, 0.27, 0.33)
    groups = [
        share(10, 100, 0.05, 0.18, channel="low"),
        share(30, 100, 0.22, 0.40, channel="same"),
        share(60, 100, 0.50, 0.69, channel="high"),
    ]
    found = compare_groups(groups, overall)
    marks = [(group["channel"], group["mark"]) for group in found["groups"]]
    assert marks == [("high", "above"), ("same", "none"), ("low", "below")]


def test_groups_of_too_few_are_counted_and_not_ranked():
    few = MetricValue("rate", {"channel": "few"}, 9.0, 10, 0.9, 0.6, 0.99, "too few")
    found = compare_groups(
        [few, share(30, 100, 0.2, 0.4, channel="many")], share(39, 110, 0.2, 0.5)
    )
    assert [group["channel"] for group in found["groups"]] == ["many"]
    assert found["hidden"] == 1


def test_a_company_names_its_codes(settings: Settings):
    assert load_names(settings)["channel"]["short_video"] == {
        "zh": "抖音短视频",
        "en": "Douyin short video",
    }


def test_a_label_without_a_language_is_refused_with_its_place(settings: Settings, tmp_path: Path):
    from dataclasses import replace

    (tmp_path / "labels.yml").write_text(
        yaml.safe_dump({"channel": {"x": {"zh": "某"}}}), encoding="utf-8"
    )
    with pytest.raises(UsageError, match=r"channel\.x\.en"):
        load_names(replace(settings, config=tmp_path))
