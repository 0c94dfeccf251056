"""What the models are given of the compliance packs: closed hours and gaps between dials."""

from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from leadloop.actions.packs import Hours, load_pack
from leadloop.errors import UsageError
from leadloop.legal_dials import Rule, close_hours, write_legal_dials
from leadloop.warehouse import open_memory, read_rows

PACK = """
id: own
title: {zh: 自有, en: Own}
regions: [CN]
zones: {CN: [Asia/Urumqi]}
reviewed_on: 2026-01-01
rules:
"""


@pytest.fixture
def write(settings, tmp_path):
    """Write the rules of a pack beside the shipped one; return what the models are given."""

    def write(*rules: str) -> tuple[list[tuple], list[tuple]]:
        folder = tmp_path / "config" / "compliance"
        folder.mkdir(parents=True)
        text = PACK + "".join(f"  - {{{rule}}}\n" for rule in rules)
        (folder / "own.yml").write_text(text, encoding="utf-8")
        own = replace(settings, config=tmp_path / "config")
        with open_memory() as connection:
            connection.execute("create schema raw")
            write_legal_dials(connection, own)
            write_legal_dials(connection, own)
            return tuple(
                [tuple(row.values())[:-2] for row in read_rows(connection, f"from raw.{table}")]
                for table in ("closed_hours", "dial_gaps")
            )

    return write


def test_outside_the_shipped_windows_the_day_is_closed_by_its_own_clock(write):
    hours, gaps = write("kind: hours, effective_from: 2020-01-01, forbid: ['21:00-09:00']")
    assert hours == [
        ("CN", "Asia/Shanghai", 0, 9 * 60),
        ("CN", "Asia/Shanghai", 12 * 60, 14 * 60),
        ("CN", "Asia/Shanghai", 20 * 60, 24 * 60),
        ("CN", "Asia/Urumqi", 0, 9 * 60),
        ("CN", "Asia/Urumqi", 21 * 60, 24 * 60),
    ]
    assert gaps == [("CN", 4 * 3600.0)]


def test_a_rule_that_is_not_enforced_closes_nothing(write):
    hours, gaps = write(
        "kind: hours, effective_from: 2020-01-01, forbid: ['21:00-09:00'], enabled: false",
        "kind: frequency, effective_from: 2020-01-01, min_gap_hours: 1, enabled: false",
        "kind: frequency, effective_from: 2020-01-01, per_day: 1",
    )
    assert (len(hours), len(gaps)) == (3, 1)


def test_a_window_that_is_none_is_refused_with_its_place(write):
    with pytest.raises(UsageError, match=r"rules\.0\.allow\.0"):
        write("kind: hours, effective_from: 2020-01-01, allow: ['9-12']")


def test_the_gate_and_the_count_read_the_same_hours(settings):
    pack = load_pack(settings.config_file("compliance", "cn.yml"))
    for rule in (item for item in pack.rules if isinstance(item, Hours)):
        told = Rule.model_validate(
            rule.model_dump(include={"kind", "effective_from"})
            | {
                name: [str(window) for window in getattr(rule, name)]
                for name in ("allow", "forbid")
            }
        )
        closed = {minute for begin, end in close_hours(told) for minute in range(begin, end)}
        for minute in range(0, 1440, 30):
            clock = time(*divmod(minute, 60))
            is_open = (not rule.allow or any(w.holds(clock) for w in rule.allow)) and not any(
                w.holds(clock) for w in rule.forbid
            )
            assert (minute in closed) is not is_open
