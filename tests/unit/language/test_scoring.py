from __future__ import annotations

import hashlib
import signal
import subprocess
import sys

import pyarrow as pa
import pytest

from leadloop import warehouse
from leadloop.errors import UsageError
from leadloop.language import scoring
from leadloop.language.engine import load_engine
from leadloop.language.scoring import annotate_day, score_batch

DAY = "2026-01-05"
BAD = [
    "",
    "\x00\x01\n\r\n",
    "😀🎉👩‍👩‍👧",
    "é" * 50_000 + "稳赚",
    "\ufeff\u200b",
    "a\tb\u2028c",
    None,
]


def lay(settings, texts, sides=None):
    """Put texts where a build of the core would have left them."""
    rows = pa.table(
        {
            "text_masked": pa.array(texts, pa.string()),
            "speaker_role": sides or ["customer"] * len(texts),
        }
    )
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("create schema if not exists raw")
        connection.register("rows", rows)
        connection.execute("create or replace table raw.said as select * from rows")
        connection.execute("create or replace view raw.utterances as select * from raw.said")


def kept(settings):
    with warehouse.open_warehouse(settings.home) as connection:
        return connection.execute(
            "select * exclude (scored_date) from raw.text_scores order by all"
        ).fetchall()


def with_model(settings, engine, language_settings):
    """Give an empty home the model that the tests have trained already."""
    (settings.home.root).mkdir(parents=True, exist_ok=True)
    (settings.home.root / "models").symlink_to(language_settings.home.root / "models")


@pytest.fixture
def ready(settings, engine, language_settings):
    with_model(settings, engine, language_settings)
    return settings


def test_bad_texts_neither_stop_nor_poison_a_batch(score):
    good = ["太贵了", "别再打了"]
    alone = score(*good)
    among = score(*BAD, good[0], *BAD, good[1], *BAD)
    assert [among[len(BAD)], among[2 * len(BAD) + 1]] == alone
    for row in score("", "\x00\x01", "😀", None):
        assert (row["intent"], row["is_abstained"]) == (None, True)
        assert (row["sentiment_score"], row["hits"]) == (0, [])


# Quadratic work on one row would take hours, linear work takes a second.
@pytest.mark.timeout(120)
def test_a_megabyte_without_a_break_is_scored(score):
    (row,) = score("别再打了" + "啊" * 1_000_000)
    assert [hit["kind"] for hit in row["hits"]] == ["do_not_call"]


def test_an_empty_batch_gives_an_empty_batch(engine):
    empty = pa.RecordBatch.from_pydict({"text": pa.array([], pa.string())})
    result = score_batch(empty, engine)
    full = score_batch(pa.RecordBatch.from_pydict({"text": ["x"]}), engine)
    assert result.num_rows == 0
    assert result.schema == full.schema


def test_a_score_does_not_depend_on_the_texts_beside_it(score, engine):
    texts = ["多少钱", "稳赚不赔", "你好", "我再考虑考虑", "不", "打错了"]
    assert score(*texts) == [row for text in texts for row in score(text)]


def test_the_key_of_a_text_is_that_of_sql(score, ready):
    (row,) = score("多少钱")
    assert row["text_hash"] == hashlib.md5("多少钱".encode()).hexdigest()
    with warehouse.open_memory() as connection:
        assert connection.execute("select md5('多少钱')").fetchone() == (row["text_hash"],)


def test_only_new_texts_are_scored_and_each_once_a_side(ready):
    lay(ready, ["多少钱", "多少钱", "好的", "好的"], ["customer", "customer", "customer", "agent"])
    assert annotate_day(ready, DAY)["scored"] == 3
    before = kept(ready)
    assert annotate_day(ready, DAY)["scored"] == 0
    assert kept(ready) == before
    lay(ready, ["多少钱", "太贵了"])
    outcome = annotate_day(ready, "2026-01-06")
    assert (outcome["scored"], outcome["texts"]) == (1, 4)


def test_scores_are_kept_without_words(ready):
    lay(ready, ["我的秘密是什么，别再打了"])
    annotate_day(ready, DAY)
    assert "秘密" not in str(kept(ready))


def test_scores_of_another_version_are_put_aside_for_a_day_that_is_built_again(ready):
    lay(ready, ["太贵了"])
    annotate_day(ready, DAY)
    with warehouse.open_warehouse(ready.home) as connection:
        connection.execute("update raw.text_scores set language_version = 'of before'")
    annotate_day(ready, DAY)
    assert len(kept(ready)) == 1
    query = "select language_version from raw.past_text_scores"
    with warehouse.open_warehouse(ready.home) as connection:
        assert connection.execute(query).fetchall() == [("of before",)]


def test_the_size_of_a_batch_changes_nothing(ready, monkeypatch):
    texts = [f"第{number}次，太贵了别再打了" for number in range(50)] + BAD
    lay(ready, texts)
    monkeypatch.setattr(scoring, "BATCH_ROWS", 7)
    annotate_day(ready, DAY)
    small = kept(ready)
    with warehouse.open_warehouse(ready.home) as connection:
        connection.execute("delete from raw.text_scores")
    monkeypatch.setattr(scoring, "BATCH_ROWS", 5_000)
    annotate_day(ready, DAY)
    assert kept(ready) == small


def test_a_run_that_breaks_keeps_its_batches_and_the_next_goes_on(ready, monkeypatch):
    lay(ready, [f"第{number}次" for number in range(50)])
    monkeypatch.setattr(scoring, "BATCH_ROWS", 10)
    whole = scoring.score_batch
    seen = []

    def break_third(batch, engine):
        seen.append(batch)
        if len(seen) == 3:
            raise MemoryError
        return whole(batch, engine)

    monkeypatch.setattr(scoring, "score_batch", break_third)
    with pytest.raises(MemoryError):
        annotate_day(ready, DAY)
    assert len(kept(ready)) == 20
    assert annotate_day(ready, DAY)["scored"] == 30


KILLED = """
import sys, time
from leadloop.language import scoring
from leadloop.settings import load_settings
scoring.BATCH_ROWS = 20
keep = scoring._keep
def slow(*given):
    keep(*given)
    print("kept", flush=True)
    time.sleep(0.02)
scoring._keep = slow
scoring.annotate_day(load_settings(), sys.argv[1])
"""


def test_kills_at_any_point_end_in_the_same_table(ready):
    lay(ready, [f"第{number}次，太贵了别再打了" for number in range(400)])
    for batches in (1, 3, 6):
        process = subprocess.Popen([sys.executable, "-c", KILLED, DAY], stdout=subprocess.PIPE)
        for _ in range(batches):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    killed = len(kept(ready))
    assert 20 <= killed < 400
    assert annotate_day(ready, DAY)["scored"] == 400 - killed
    interrupted = kept(ready)
    with warehouse.open_warehouse(ready.home) as connection:
        connection.execute("delete from raw.text_scores")
    annotate_day(ready, DAY)
    assert kept(ready) == interrupted


def test_without_a_scope_there_is_nothing_to_do_and_no_model_is_trained(settings):
    assert annotate_day(settings, DAY)["scored"] == 0
    assert not (settings.home.root / "models").exists()


def test_a_day_that_is_none_is_refused(settings):
    with pytest.raises(UsageError, match="2026-01-31"):
        annotate_day(settings, "yesterday")


def test_the_version_follows_what_the_company_changes(ready, tmp_path, engine):
    from dataclasses import replace

    folder = tmp_path / "config" / "lexicons"
    folder.mkdir(parents=True)
    (folder / "words.txt").write_text("好账本 100 nz\n", encoding="utf-8")
    own = load_engine(replace(ready, config=folder.parent))
    assert own.version != engine.version
    assert own.classifier.model.version == engine.classifier.model.version
