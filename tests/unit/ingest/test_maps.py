"""A map's mistakes are all named at once, and its own tests are really run."""

from __future__ import annotations

import pytest
import yaml

from leadloop.errors import UsageError
from leadloop.ingest.maps import check_map, compute_fingerprint, load_map, read_map
from leadloop.settings import PROJECT_ROOT

SMALL = {
    "name": "own",
    "source_system": "own",
    "table": "call",
    "description": "A small map.",
    "reads": {"format": "csv"},
    "date_precision": "second",
    "columns": {
        "call_id": "id",
        "direction": {"constant": "outbound"},
        "originated_at": {"from": "started", "epoch": "ms"},
        "talk_s": {"from": "talk", "unit": "ms"},
        "outcome": {"from": "end", "codes": {"sale": "human_won", "none": "no_answer"}},
    },
    "tests": [
        {
            "name": "a sale",
            "row": {"id": 7, "started": 1767574800000, "talk": 61999, "end": "sale"},
            "gives": {
                "originated_at": "2026-01-05T01:00:00Z",
                "talk_s": 61,
                "outcome": "human_won",
            },
        }
    ],
}


@pytest.fixture
def write_map(tmp_path):
    """Write the small map with changes, return its path."""

    def write(changes=None, columns=None):
        content = {**SMALL, **(changes or {})}
        content["columns"] = {**content["columns"], **(columns or {})}
        path = tmp_path / "own.yml"
        path.write_text(
            yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        return path

    return write


def test_a_right_map_holds_its_own_tests(write_map):
    assert check_map(write_map()) == []


def test_a_wrong_example_is_told_with_what_was_seen(write_map):
    test = {**SMALL["tests"][0], "gives": {"talk_s": 62, "outcome": "human_won"}}
    assert check_map(write_map({"tests": [test]})) == [
        "own: a sale: row 1: talk_s: wanted 62, seen 61"
    ]


def test_an_example_that_should_be_refused_and_lands_is_told(write_map):
    test = {"name": "a sale", "row": SMALL["tests"][0]["row"], "refused": "outcome_missing"}
    assert check_map(write_map({"tests": [test]})) == [
        "own: a sale: wanted a refusal outcome_missing, seen a row that lands"
    ]


def test_every_mistake_of_shape_is_named_with_its_place(write_map):
    path = write_map({"tabel": "call", "date_precision": "week"}, {"talk_s": {"form": "talk"}})
    with pytest.raises(UsageError) as caught:
        read_map(path)
    message = str(caught.value)
    assert "3 mistake(s)" in message
    assert "tabel: Extra inputs" in message
    assert "date_precision: Input should be 'second'" in message
    assert "columns.talk_s.form: Extra inputs" in message


def test_every_mistake_of_meaning_is_named_with_its_place(write_map):
    columns = {
        "talk_seconds": "talk",
        "agent_id": {"from": "a", "constant": "b"},
        "outcome": {"from": "end", "codes": {"sale": "won"}},
        "ring_at": {"from": "ring", "zone": "Mars/Base"},
        "answered_at": {"from": "answer", "after": "ended_at"},
        "row_hash": "id",
        "list_id": {"from": "list", "unit": "ms"},
        "event_month": {"month": {"year": "y", "month": "m"}},
        "queued_at": {"clock": "q"},
        "ring_s": {"between": ["originated_at", "agent_id"]},
        "queue_s": {"between": ["originated_at", "ended_at"]},
        "queue_id": {"from": "q", "present": {"q": "queue"}},
        "lead_id": {"from": "l", "matching": "^(?!003)"},
        "bridged_at": {"from": "b", "split": ",", "subtract": "c"},
    }
    with pytest.raises(UsageError) as caught:
        read_map(write_map({"timezone": "Beijing"}, columns))
    lines = str(caught.value).splitlines()[1:]
    places = {line.strip().split(": ")[0] for line in lines}
    assert places == {
        "timezone",
        "columns.talk_seconds",
        "columns.agent_id",
        "columns.outcome.codes.sale",
        "columns.ring_at.zone",
        "columns.answered_at.after",
        "columns.row_hash",
        "columns.list_id.unit",
        "columns.event_month",
        "columns.queued_at.date",
        "columns.ring_s.between",
        "columns.queue_s.between",
        "columns.queue_id.present.q",
        "columns.lead_id.matching",
        "columns.bridged_at.split",
        "columns.bridged_at.subtract",
    }


def test_a_missing_contract_column_is_named(write_map):
    path = write_map()
    text = path.read_text(encoding="utf-8").replace("  originated_at:", "  ring_at:")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="date_precision second needs the column originated_at"):
        read_map(path)


def test_a_map_without_tests_is_refused(write_map):
    with pytest.raises(UsageError, match="tests: Tuple should have at least 1 item"):
        read_map(write_map({"tests": []}))


def test_an_unknown_map_is_answered_with_the_known_ones(settings):
    with pytest.raises(UsageError, match=r"no map 'anonbanc'.*anonbank, bank_marketing"):
        load_map(settings, "anonbanc")


def test_a_map_may_be_given_by_path(settings, write_map):
    assert load_map(settings, str(write_map())).name == "own"


def test_a_file_that_is_no_yaml_is_told(tmp_path):
    path = tmp_path / "own.yml"
    path.write_text("name: [", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        read_map(path)


def test_the_fingerprint_follows_columns_and_surroundings_but_not_tests(write_map):
    first = compute_fingerprint(read_map(write_map()), {"key": "a"})
    assert (
        compute_fingerprint(read_map(write_map({"description": "Other."})), {"key": "a"}) == first
    )
    assert compute_fingerprint(read_map(write_map()), {"key": "b"}) != first
    changed = read_map(write_map(columns={"agent_id": "agent"}))
    assert compute_fingerprint(changed, {"key": "a"}) != first


@pytest.mark.parametrize(
    ("codes", "won", "human"),
    [
        pytest.param({"a": "human_won", "b": "no_answer"}, True, True, id="won or nobody there"),
        pytest.param({"a": "human_refused", "b": "busy"}, False, True, id="a person, no deal"),
        pytest.param({"a": "human_won", "b": "human_other"}, True, False, id="contacts only"),
        pytest.param({"a": "served"}, False, False, id="inbound only"),
    ],
)
def test_what_codes_can_tell_follows_from_the_table(write_map, codes, won, human):
    found = read_map(write_map(columns={"outcome": {"from": "end", "codes": codes}}))
    assert (found.tells_won, found.tells_human) == (won, human)


@pytest.mark.parametrize(
    ("row", "outcome", "unknown"),
    [
        pytest.param({"way": "in", "end": "ok"}, "served", {}, id="both parts"),
        pytest.param({"way": "out", "end": "ok", "who": "7"}, "human_other", {}, id="who is there"),
        pytest.param({"way": "out", "end": "ok"}, "other", {}, id="who is not there"),
        pytest.param({"way": "out", "end": "busy", "who": "7"}, "busy", {}, id="any way"),
        pytest.param({"way": "out"}, "other", {"out//": 1}, id="a part is empty"),
        pytest.param(
            {"way": "out", "end": "a/b"}, "other", {"out/a/b/": 1}, id="one part too many"
        ),
    ],
)
def test_codes_of_several_columns_are_read_together(write_map, row, outcome, unknown):
    codes = {
        "in/ok/*": "served",
        "out/ok/agent": "human_other",
        "out/ok/": "other",
        "*/busy/*": "busy",
    }
    spec = {"join": ["way", "end", "who"], "present": {"who": "agent"}, "codes": codes}
    row = {"id": 7, "started": 1767574800000, **row}
    test = {"name": "any", "row": row, "gives": {"outcome": outcome}, "unknown": unknown}
    assert check_map(write_map({"tests": [test]}, {"outcome": spec})) == []


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        pytest.param("legs.0.user", "a", id="first"),
        pytest.param("legs.-1.user", "b", id="last"),
        pytest.param("legs.2.user", None, id="beyond the end"),
        pytest.param("legs.x.user", None, id="no place"),
        pytest.param("id.user", None, id="a value where a list was wanted"),
    ],
)
def test_items_of_a_list_are_reached_by_their_place(write_map, path, wanted):
    row = {"id": 7, "started": 1767574800000, "end": "sale", "legs": [{"user": "a"}, {"user": "b"}]}
    test = {"name": "any", "row": row, "gives": {"agent_id": wanted}}
    changes = {"tests": [test], "reads": {"format": "jsonl"}}
    assert check_map(write_map(changes, {"agent_id": path})) == []


def test_an_empty_list_of_agents_is_nobody(write_map):
    row = {"id": 7, "started": 1767574800000, "end": "sale", "agents": " , "}
    test = {"name": "any", "row": row, "gives": {"agent_id": None}}
    columns = {"agent_id": {"from": "agents", "split": ","}}
    assert check_map(write_map({"tests": [test]}, columns)) == []


def test_an_unreadable_part_of_a_difference_refuses_the_row(write_map):
    row = {"id": 7, "started": 1767574800000, "end": "sale", "talk": 60, "ring": "long"}
    test = {"name": "any", "row": row, "refused": "talk_s_not_a_whole_number"}
    columns = {"talk_s": {"from": "talk", "subtract": "ring"}}
    assert check_map(write_map({"tests": [test]}, columns)) == []


def test_a_word_added_to_the_grammar_leaves_old_batches_as_they_are(write_map):
    explicit = write_map(columns={"agent_id": {"from": "a", "take": "first", "separator": "/"}})
    first = compute_fingerprint(read_map(explicit), {})
    assert compute_fingerprint(read_map(write_map(columns={"agent_id": "a"})), {}) == first


def test_the_order_of_codes_is_part_of_the_fingerprint(write_map):
    prints = set()
    for codes in ({"*/b": "busy", "a/*": "machine"}, {"a/*": "machine", "*/b": "busy"}):
        path = write_map(columns={"outcome": {"join": ["x", "y"], "codes": codes}})
        prints.add(compute_fingerprint(read_map(path), {}))
    assert len(prints) == 2


def test_the_docs_name_every_word_of_the_grammar():
    from leadloop.ingest import maps

    text = (PROJECT_ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    models = (
        maps.Map,
        maps.Reads,
        maps.Turns,
        maps.Pick,
        maps.YearMonth,
        maps.ColumnMap,
        maps.MapTest,
    )
    words = {name.rstrip("_") for model in models for name in model.model_fields}
    assert {word for word in words if f"`{word}" not in text} == set()
