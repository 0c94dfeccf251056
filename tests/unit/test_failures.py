"""What a failed step means: every step of every DAG has an entry, and the block says all of it."""

from leadloop import failures


def test_the_block_says_what_failed_why_what_it_means_and_what_to_do():
    text = failures.explain_failure("daily", "2026-01-05", "gate_landing", ValueError("7 bad rows"))
    assert text.splitlines() == [
        "FAILED   gate_landing (daily cycle, 2026-01-05)",
        "reason   7 bad rows",
        "meaning  What came in breaks a critical expectation. The load is held and earlier marts "
        "stay as they are; later days go on without it.",
        "remedy   Look at the example rows, correct the file or the map, import it and run the day "
        "again.",
        "again    leadloop run daily --date 2026-01-05",
    ]


def test_an_unknown_step_still_gets_a_remedy():
    assert "remedy   Read the log" in failures.explain_failure("daily", "2026-01-05", "x", "y")


def test_a_long_error_becomes_one_paragraph_with_an_end():
    text = failures.describe_error("line\n" * 1000)
    assert "\n" not in text
    assert len(text) == failures.REASON_LENGTH
    assert text.endswith("…")


def test_an_error_without_words_is_named_by_its_kind():
    assert failures.describe_error(KeyboardInterrupt()) == "KeyboardInterrupt"
