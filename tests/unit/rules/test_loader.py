"""Rule files: what is good is read, every mistake is named with its line and a remedy."""

import pytest

from leadloop.errors import UsageError
from leadloop.rules.loader import list_files, load_rules, read_rule, read_rules

GOOD = """\
id: made
title: {zh: 规则, en: Made}
owner: ops_manager
metric: connect_rate
by: [channel]
grain: hour
where: {hour: {between: [9, 20]}}
when: {below: 0.20}
min_sample: 30
for: 2
severity: critical
cooldown: 4h
quiet_hours: "20:30-08:30"
do:
  - notify: [mail.ops]
  - {action: reschedule_dials, mode: approve, approver: ops_manager}
expires: 2027-03-31
tests:
  - {name: fires, rows: [{n: 400, k: 40}], expect: fire}
why: Below one in five the list is usually at fault.
"""


@pytest.fixture
def write(tmp_path):
    def work(text, name="made.yml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return work


def test_a_good_file_is_read_whole(write):
    rule = read_rule(write(GOOD)).rule
    assert rule.when.limit == 0.20
    assert rule.for_ == 2
    assert rule.mode == "guarded"
    assert rule.cooldown_seconds == 4 * 3600
    assert rule.quiet_minutes == (20 * 60 + 30, 8 * 60 + 30)
    assert rule.do[1].approver == "ops_manager"


def test_all_mistakes_of_a_file_are_named_at_once_with_line_and_remedy(write):
    broken = (
        GOOD.replace("cooldown: 4h", "cooldwn: 4h")
        .replace("when: {below: 0.20}", "when: {below: 0.20, above: 0.5}")
        .replace("min_sample: 30\n", "")
        .replace("severity: critical", "severity: loud")
        .replace("mode: approve, approver: ops_manager", "mode: approve")
    )
    told = [str(mistake) for mistake in read_rule(write(broken))]
    assert len(told) == 5
    (whole,) = [line for line in told if "min_sample" in line]
    assert ":1: min_sample: is missing. Add `min_sample: ...`: Least n" in whole
    (both,) = [line for line in told if "exactly one of" in line]
    assert ":8: when: give exactly one of below, above" in both
    (unknown,) = [line for line in told if "cooldwn" in line]
    assert ":11: cooldwn: is not a key of a rule. Did you mean `cooldown`?" in unknown
    (severity,) = [line for line in told if "severity" in line]
    assert ":10: severity: " in severity
    assert "'loud'" in severity
    (step,) = [line for line in told if "approver" in line]
    assert ":15: do.1: mode approve needs an approver" in step


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("id: made", "id: other", ":1: id: 'other' is not the file's name. Write `id: made`"),
        ("owner: ops_manager", "owner: ops_manager\nowner: me", ":4: owner: is written twice"),
        ("{between: [9, 20]}", "{between: [9]}", ":7: where.hour"),
        ("cooldown: 4h", "cooldown: 4 hours", ":12: cooldown: string should match"),
        ("[mail.ops]", "mail.ops", ":15: do.0.notify"),
        ("reschedule_dials", "close_channel", ":16: do.1: there is no action 'close_channel'"),
        ("approver: ops_manager}", "approver: x, with: {nobody: 1}}", "takes no nobody in `with`"),
        (
            "action: reschedule_dials, mode",
            "action: retention_package, mode",
            "retention_package needs eligibility, package in `with`",
        ),
        ("{below: 0.20}", "{below_baseline: {}}", "the test 'fires' needs `before`"),
        ("why: Below", "why: Below: it", "is no YAML"),
        ("expires: 2027-03-31", "expires: soon", ":17: expires"),
        ("expect: fire", "expect: maybe", ":19: tests.0.expect"),
    ],
)
def test_a_mistake_is_told_with_its_place(write, good, bad, told):
    mistakes = read_rule(write(GOOD.replace(good, bad, 1)))
    assert isinstance(mistakes, list)
    assert told in "\n".join(str(mistake) for mistake in mistakes)


def test_a_broken_file_does_not_hide_the_good_ones(write):
    files = [write(GOOD), write("id: [", "broken.yml"), write("- 1", "list.yml")]
    rules, mistakes = read_rules(files)
    assert [file.rule.id for file in rules] == ["made"]
    assert [mistake.file.name for mistake in mistakes] == ["broken.yml", "list.yml"]
    with pytest.raises(UsageError, match=r"broken\.yml:1: .*\n.*list\.yml:1: holds no rule"):
        load_rules(files)


def test_a_file_that_is_not_there_is_told(tmp_path):
    (mistake,) = read_rule(tmp_path / "gone.yml")
    assert "cannot be read" in str(mistake)


def test_a_companys_own_file_replaces_the_shipped_one(settings, tmp_path, monkeypatch):
    import dataclasses

    own = tmp_path / "config"
    (own / "rules").mkdir(parents=True)
    (own / "rules" / "low-connect.yml").write_text("id: low-connect")
    (own / "rules" / "ours.yml").write_text("id: ours")
    files = list_files(dataclasses.replace(settings, config=own))
    by_name = {path.name: path for path in files}
    assert by_name["low-connect.yml"].parent == own / "rules"
    assert "ours.yml" in by_name
    assert by_name["connect-drop.yml"].parent == settings.project / "config" / "rules"
