"""Scores of texts, as a pure function over Arrow and as a step of the day.

`score_batch` knows nothing of files or databases, so a pool of processes or another engine may run
it. `annotate_day` finds texts of the day's scope that this `language_version` has not scored yet,
scores them in bounded batches and keeps the scores in `raw.text_scores`: hashes, labels and places,
never words. The models join them to the turns (docs/language.md).
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from leadloop import scope, warehouse
from leadloop.language.engine import load_engine
from leadloop.language.intents import SIDES
from leadloop.language.ngrams import clean_batch
from leadloop.language.normalize import normalize_batch
from leadloop.language.wordlists import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import duckdb
    import pyarrow as pa

    from leadloop.language.engine import Engine
    from leadloop.settings import Settings

BATCH_ROWS = 5_000
# An hour of speech. What lies behind is not scored, and bounds the memory of a batch.
LONGEST_TEXT = 20_000
_SIDE_PLACES = {side: place for place, side in enumerate(SIDES)}
# What was said by a menu, a bot or somebody unknown is scored without knowing the side.
_NEW_TEXTS = """
with texts as (
    select
        md5(text_masked) as text_hash,
        case when speaker_role in ('agent', 'customer') then speaker_role else 'other' end as side,
        any_value(text_masked) as text
    from raw.utterances
    where text_masked is not null
    group by all
),
known as (select text_hash, side from raw.text_scores where language_version = ?)
select texts.* from texts anti join known using (text_hash, side)
"""


def score_batch(batch: pa.RecordBatch, engine: Engine) -> pa.RecordBatch:
    """Return one row a text: hash, side, intent with score, sentiment, hits with their places.

    Column `text` is required; `side` (agent, customer, other) narrows the intents, `text_hash`
    saves hashing. A text without words gets no intent, sentiment 0 and no hits.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    full = pc.fill_null(batch.column("text").cast(pa.string()), "")
    names = batch.schema.names
    sides = batch.column("side").to_pylist() if "side" in names else ["other"] * len(full)
    hashes = batch.column("text_hash") if "text_hash" in names else hash_texts(full.to_pylist())
    texts = pc.utf8_slice_codeunits(full, 0, LONGEST_TEXT)
    normal = normalize_batch(texts)
    forms = normal.to_pylist()
    columns = {
        "text_hash": pa.array(hashes, pa.string()),
        "side": pa.array(sides, pa.string()),
        **_name_intents(clean_batch(normal).to_pylist(), sides, engine),
        "sentiment_score": pa.array(
            engine.sentiment.score(engine.tokenizer.cut_batch(forms), len(forms)), pa.float64()
        ),
        "hits": _list_hits(engine.lists.find(texts.to_pylist(), forms)),
    }
    return pa.RecordBatch.from_pydict(columns)


def hash_texts(texts: Sequence[str]) -> list[str]:
    """Return the key of each text, the same as SQL's md5."""
    return [hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in texts]


def annotate_day(settings: Settings, day: str) -> dict[str, Any]:
    """Score what the day's scope holds and this language version does not know; return counts.

    A second run finds nothing to do. A killed one keeps the batches it has finished.
    """
    scored_on = scope.parse_day(day)
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute(scope.LAYOUT)
        if not _has_utterances(connection):
            return {"texts": 0, "scored": 0, "note": "no transcripts in the day's scope"}
        engine = load_engine(settings)
        scored = hits = 0
        for batch in _read_new(connection, engine.version):
            scores = score_batch(batch, engine)
            _keep(connection, scores, engine.version, scored_on)
            scored += scores.num_rows
            hits += len(scores.column("hits").flatten())
        _finish(connection, engine)
        (texts,) = connection.execute("select count(*) from raw.text_scores").fetchone() or (0,)
    return {"texts": texts, "scored": scored, "hits": hits, "language_version": engine.version}


def _name_intents(texts: list[str], sides: list[str], engine: Engine) -> dict[str, pa.Array]:
    import numpy as np
    import pyarrow as pa

    if not texts:
        empty = pa.array([], pa.string())
        return {
            "intent": empty,
            "intent_score": pa.array([], pa.float64()),
            "is_abstained": pa.array([], pa.bool_()),
        }
    known = np.array([_SIDE_PLACES.get(side, _SIDE_PLACES["other"]) for side in sides])
    allowed = engine.taxonomy.allow(SIDES)[known]
    best, scores = engine.classifier.predict(texts, engine.rules.vote(texts), allowed)
    silent = np.fromiter((not text for text in texts), bool, len(texts))
    names = np.array(engine.classifier.model.classes, dtype=object)[best]
    threshold = engine.classifier.model.threshold
    return {
        "intent": pa.array(names, pa.string(), mask=silent),
        "intent_score": pa.array(np.asarray(scores, np.float64), pa.float64(), mask=silent),
        "is_abstained": pa.array((scores < threshold) | silent, pa.bool_()),
    }


def _list_hits(found: list[list[Hit]]) -> pa.Array:
    import pyarrow as pa

    kinds = {"str": pa.string(), "int": pa.int32(), "bool": pa.bool_()}
    names = [field.name for field in fields(Hit)]
    layout = pa.struct([pa.field(field.name, kinds[str(field.type)]) for field in fields(Hit)])
    rows = [[{name: getattr(hit, name) for name in names} for hit in hits] for hits in found]
    return pa.array(rows, pa.list_(layout))


def _has_utterances(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute(
        "select 1 from duckdb_views() where schema_name = 'raw' and view_name = 'utterances'"
    ).fetchall()
    return bool(found)


def _read_new(connection: duckdb.DuckDBPyConnection, version: str) -> Iterator[pa.RecordBatch]:
    """Give the texts of the scope that this version has not scored, in batches."""
    # A cursor of its own: the connection writes while this one is being read.
    with connection.cursor() as reader:
        reader.execute(_NEW_TEXTS, [version])
        yield from reader.to_arrow_reader(BATCH_ROWS)


def _keep(
    connection: duckdb.DuckDBPyConnection, scores: pa.RecordBatch, version: str, scored_on: Any
) -> None:
    import pyarrow as pa

    connection.register("new_scores", pa.Table.from_batches([scores]))
    connection.execute(
        "insert into raw.text_scores by name "
        "select *, ?::varchar as language_version, ?::date as scored_date from new_scores",
        [version, scored_on],
    )
    connection.unregister("new_scores")


def _finish(connection: duckdb.DuckDBPyConnection, engine: Engine) -> None:
    """Make this version the one that models read; scores of others are kept for `as_of` alone."""
    connection.execute("begin")
    connection.execute(
        "insert into raw.past_text_scores by name "
        "select * from raw.text_scores where language_version <> ?",
        [engine.version],
    )
    connection.execute("delete from raw.text_scores where language_version <> ?", [engine.version])
    connection.execute("delete from raw.language")
    connection.execute("insert into raw.language values (?)", [engine.version])
    connection.execute("delete from raw.list_speakers")
    connection.executemany("insert into raw.list_speakers values (?, ?)", engine.lists.speakers)
    connection.execute("commit")
