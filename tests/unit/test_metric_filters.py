"""Filters of metric queries: names from a list, values as literals, nothing else gets through."""

from __future__ import annotations

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as some

from leadloop.errors import UsageError
from leadloop.metric_filters import render_condition, render_literal
from leadloop.warehouse import open_memory


def test_a_list_is_a_membership():
    text = render_condition("slot__hour", [9, 10])
    assert text == "{{ Dimension('slot__hour') }} in (9, 10)"


def test_nothing_is_asked_for_with_is_null():
    assert render_condition("slot__channel", None).endswith("is null")
    assert render_condition("slot__channel", {"!=": None}).endswith("is not null")


@pytest.mark.parametrize(
    "condition",
    [{"like": "x%"}, {"= 1 or 1": 1}, {}, [], {"in": []}, {">": [1, 2]}, float("nan"), "a\x00b"],
    ids=[
        "like",
        "code for an operator",
        "nothing",
        "no list",
        "in nothing",
        "> list",
        "nan",
        "nul",
    ],
)
def test_what_is_not_on_the_list_is_refused(condition: object):
    with pytest.raises(UsageError):
        render_condition("slot__channel", condition)  # type: ignore[arg-type]


def test_an_injected_statement_stays_a_value():
    with open_memory() as connection:
        connection.execute("create table kept as select 'x' as name")
        hostile = "x'; drop table kept; --"
        text = render_literal(hostile)
        found = connection.execute(f"select count(*) from kept where name = {text}").fetchone()
        assert found == (0,)
        assert connection.execute("select count(*) from kept").fetchone() == (1,)


@given(some.text(alphabet=some.sampled_from("a'\"{}%#\\;-$\n中"), max_size=20))
def test_any_text_comes_back_from_jinja_and_sql_as_it_was(text: str):
    rendered = jinja2.Template(render_literal(text), keep_trailing_newline=True).render()
    with open_memory() as connection:
        assert connection.execute(f"select {rendered}").fetchone() == (text,)
