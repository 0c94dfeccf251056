"""The rules that ship are valid, and each is shown to fire and to stay quiet."""

import pytest

from leadloop.rules.examples import run_example
from leadloop.rules.loader import list_files, load_rules
from leadloop.settings import load_settings

RULES = {file.rule.id: file.rule for file in load_rules(list_files(load_settings({})))}


def test_the_rules_of_the_first_loop_ship():
    assert {"low-connect", "connect-drop", "agent-forbidden-words", "churn-risk"} <= set(RULES)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_shipped_rule_does_what_its_tests_say(name):
    rule = RULES[name]
    assert {example.expect for example in rule.tests} == {"fire", "quiet"}
    wrong = [run_example(rule, "share", example) for example in rule.tests]
    assert [item for item in wrong if item] == []


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_shipped_rule_expires_and_names_no_address(name):
    rule = RULES[name]
    assert rule.expires is not None
    assert not any("@" in target for step in rule.do for target in step.notify or ())


def test_an_example_that_fails_says_what_was_wanted_and_seen():
    rule = RULES["low-connect"]
    example = rule.tests[0].model_copy(update={"expect": "quiet"})
    assert run_example(rule, "share", example) == (
        "low-connect: fires on 40 of 400: wanted quiet, seen fire"
    )
