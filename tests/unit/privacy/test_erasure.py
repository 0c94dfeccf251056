"""Whose rows an erasure takes, what it blacks out in words, and a kill at every step."""

import csv
import hashlib
import hmac
import os
import shutil
import signal
import subprocess
import sys
import zipfile

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from leadloop import opstore
from leadloop.errors import UsageError
from leadloop.ingest.load import import_files
from leadloop.privacy import erase, vault
from leadloop.privacy.erased import Registry, hash_key
from leadloop.privacy.person import ErasureError, Plan
from leadloop.privacy.redaction import Redactor
from leadloop.warehouse import list_landing

ONE, TWO, THREE = "13912340001", "13912340002", "13912340003"


def hash_number(number):
    return hmac.digest(b"key of the tests", f"+86{number}".encode(), hashlib.sha256).hex()


def call(call_id, number="", lead="", customer="", day="2026-01-05"):
    return {
        "call_id": call_id, "call_type": "outbound", "callee": number, "lead_id": lead,
        "customer_id": customer, "start_time": f"{day} 09:00:00", "end_time": f"{day} 09:00:09",
        "caller": "", "agent_id": "a1", "answer_time": "", "bill_seconds": "0",
        "status": "BUSY", "export_time": "2026-01-09 01:00:00",
    }  # fmt: skip


@pytest.fixture
def land(settings, tmp_path):
    """Land calls as one file of a dialler; `system` names another than the shipped map's."""

    def land_rows(*rows, name="calls.csv", system=None):
        path = tmp_path / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(call("")))
            writer.writeheader()
            writer.writerows(rows)
        found = "generic_cn_cdr"
        if system:
            text = settings.config_file("maps", "generic_cn_cdr.yml").read_text(encoding="utf-8")
            found = tmp_path / f"{system}.yml"
            text = text.replace("name: generic_cn_cdr", f"name: {system}")
            before, _, after = text.partition("source_system: ")
            found.write_text(f"{before}source_system: {system}\n{after.partition(chr(10))[2]}")
        (outcome,) = import_files(settings, [path], str(found), load_date="2026-01-09")
        return outcome

    return land_rows


def read_calls(settings):
    rows = [
        row
        for file in list_landing(settings.home, "call")
        for row in pq.ParquetFile(file.path).read().to_pylist()
    ]
    return sorted(f"{row['source_system']}:{row['call_id']}" for row in rows)


def erase_person(settings, scope="person", **who):
    with erase.hold_everything(settings):
        plan = erase.plan_erasure(settings, who, by="tester", scope=scope)
        return erase.carry_through(settings, plan)


def test_ids_are_followed_from_the_number_to_the_lead_and_its_second_number(settings, land):
    land(call("a", ONE, "L0001"), call("b", TWO, "L0001"), call("c", THREE, "L0003"))
    erase_person(settings, phone=ONE)
    assert read_calls(settings) == ["dialler:c"]


def test_exact_takes_only_rows_that_carry_what_was_given(settings, land):
    land(call("a", ONE, "L0001"), call("b", TWO, "L0001"))
    erase_person(settings, scope="exact", phone=ONE)
    assert read_calls(settings) == ["dialler:b"]


def test_a_number_of_two_customers_is_refused_until_somebody_says_so(settings, land):
    land(call("a", ONE, customer="K00001"), call("b", ONE, customer="K00002"))
    with pytest.raises(ErasureError, match="leads to 2 customer ids"):
        erase_person(settings, customer="K00001")
    assert len(read_calls(settings)) == 2
    assert erase.finish_pending(settings) is None
    erase_person(settings, scope="linked", customer="K00001")
    assert read_calls(settings) == []


def test_a_switchboard_is_not_taken_for_a_person(settings, land):
    land(*(call(f"c{n}", ONE, f"L{n:05}") for n in range(120)))
    with pytest.raises(ErasureError, match="a switchboard's or a test's"):
        erase_person(settings, phone=ONE)
    assert len(read_calls(settings)) == 120


def test_another_system_s_call_of_the_same_id_stays(settings, land):
    land(call("c1", ONE))
    land(call("c1", TWO), name="other.csv", system="other_dialler")
    erase_person(settings, phone=ONE)
    assert read_calls(settings) == ["other_dialler:c1"]


def test_ids_of_one_system_can_be_told_from_those_of_another(settings, land):
    land(call("c1", customer="K1"))
    land(call("c2", customer="K1"), name="other.csv", system="other_dialler")
    with pytest.raises(UsageError, match="either --phone NUMBER or --customer ID"):
        erase_person(settings)
    erase_person(settings, customer="K1", source="other_dialler", scope="exact")
    assert read_calls(settings) == ["dialler:c1"]


def test_a_file_keeps_its_name_when_its_last_row_goes(settings, land):
    land(call("a", ONE))
    (before,) = list_landing(settings.home, "call")
    erase_person(settings, phone=ONE)
    (after,) = list_landing(settings.home, "call")
    assert before.path == after.path
    assert pq.read_metadata(after.path).num_rows == 0


def test_who_was_erased_by_id_does_not_land_again_by_number_or_id(settings, land):
    land(call("a", ONE, customer="K00001"))
    erase_person(settings, customer="K00001")
    sent = land(
        call("b", ONE), call("c", TWO, customer="K00001"), call("d", THREE), name="again.csv"
    )
    assert (sent.landed, sent.by_reason) == (1, {"erased_person": 2})
    assert read_calls(settings) == ["dialler:d"]
    (refused,) = settings.home.quarantine.rglob("*.parquet")
    rows = pq.ParquetFile(refused).read().to_pylist()
    assert [(row["source_line"], row["raw"], row["detail"]) for row in rows] == [
        (2, "{}", ""),
        (3, "{}", ""),
    ]


def test_the_registry_holds_keyed_hashes_alone(settings, land):
    land(call("a", ONE, customer="K00001"))
    erase_person(settings, phone=ONE)
    with opstore.transaction(settings) as store:
        rows = store.execute(sa.text("select * from erased_keys")).fetchall()
    # The number's hash as each of four kinds of id, the customer and the call twice.
    assert len(rows) == 7
    assert not any(value in str(rows) for value in (hash_number(ONE), "K00001", ONE))


def test_a_hash_of_one_kind_says_nothing_of_another():
    known = {"customer_id": frozenset({hash_key(b"k", "customer_id", "7")})}
    import pyarrow as pa

    registry = Registry(b"k", known)
    ids = pa.array(["7", None, "8"])
    assert registry.find({"customer_id": ids}, "order", "shop").tolist() == [True, False, False]
    assert registry.find({"lead_id": ids}, "order", "shop") is None


def make_plan(**more):
    return Plan("0a", "phone", "t", "2026-01-05T00:00:00+00:00", **more)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("call K70001.", "call erased.", id="an id alone"),
        pytest.param("K700012 and XK70001", "K700012 and XK70001", id="a part of another id"),
        pytest.param("K70001,K70001", "erased,erased", id="one beside the other"),
        pytest.param("rec_13912340001_1.wav", "rec_erased_1.wav", id="a number in a file's name"),
        pytest.param("2139123400019", "2139123400019", id="a number inside another"),
        pytest.param("她说茶馆开在人民路上了", "她说erased了", id="words without gaps"),
    ],
)
def test_words_are_blacked_out_where_they_tell_of_the_person(text, left):
    plan = make_plan(
        identity={"customer_id": ["K70001"]}, numbers=[ONE], texts=["茶馆开在人民路上"]
    )
    assert Redactor(plan).redact_text(text) == left


def test_a_short_id_is_found_under_its_name_in_json_and_nowhere_else():
    redactor = Redactor(make_plan(identity={"customer_id": ["12"]}))
    value = {"customer_ids": ["12", "13"], "agent_id": "12", "count": "12", "text": "12 calls"}
    assert redactor.redact_value(value, "stone") == value | {"customer_ids": ["stone", "13"]}


def test_files_are_looked_into_by_what_they_are(settings, land):
    land(call("CALL-0001", ONE, customer="K00001"))
    home = settings.home
    for folder in (home.out, home.inbox, home.root / "recordings"):
        folder.mkdir(parents=True)
    with zipfile.ZipFile(home.out / "packed.zip", "w") as packed:
        packed.writestr("a.txt", f"dialled {ONE}")
    shutil.copy(home.out / "packed.zip", home.inbox / "packed.zip")
    (home.inbox / "notes.csv").write_text(f'id,note\n1,"two\nlines of {ONE}"\n')
    (home.inbox / "plain.csv").write_text(f"id,phone\n1,{ONE}\n2,{TWO}\n")
    (home.inbox / "strange.csv").write_bytes(f"编号,电话\n1,{ONE}\n2,{TWO}\n".encode("gb18030"))
    recordings = home.root / "recordings"
    for name in (f"{ONE}.wav", "CALL-0001.wav", "other.wav"):
        (recordings / name).write_bytes(b"voice")
    for name in ("note.txt", "other.txt"):
        said = ONE if name == "note.txt" else TWO
        (recordings / name).write_text(f"called {said}")
        vault.encrypt_file(recordings / name, vault.load_keys(home))
    with erase.hold_everything(settings):
        plan = erase.plan_erasure(settings, {"phone": ONE}, by="tester")
        proof = erase.carry_through(settings, plan, inbox=True)
    assert proof["left"] == ["inbox/notes.csv", "inbox/packed.zip", "recordings/note.txt.vault"]
    assert not (home.out / "packed.zip").exists()
    assert (home.inbox / "plain.csv").read_text() == f"id,phone\n2,{TWO}\n"
    assert (home.inbox / "strange.csv").read_text("gb18030") == f"编号,电话\n2,{TWO}\n"
    left = sorted(path.name for path in recordings.iterdir())
    assert left == ["note.txt.vault", "other.txt.vault", "other.wav"]


def test_the_inbox_is_named_and_not_touched_unless_asked(settings, land):
    land(call("CALL-0001", ONE))
    settings.home.inbox.mkdir(parents=True)
    original = settings.home.inbox / "plain.csv"
    original.write_text(f"id,phone\n1,{ONE}\n")
    proof = erase_person(settings, phone=ONE)
    assert proof["left"] == ["inbox/plain.csv"]
    assert original.read_text() == f"id,phone\n1,{ONE}\n"
    # The proof counts such a file; its name might be the number.
    assert "plain.csv" not in str(proof["notes"])


KILLED = """
import os, signal, sys
from leadloop.privacy import erase
from leadloop.settings import load_settings

left = int(sys.argv[1])
replace = os.replace
import pathlib
def count(self, target, original=pathlib.Path.replace):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return original(self, target)
pathlib.Path.replace = count
settings = load_settings()
with erase.hold_everything(settings):
    plan = erase.plan_erasure(settings, {"phone": sys.argv[2]}, by="tester")
    erase.carry_through(settings, plan)
"""


@pytest.mark.parametrize("survived", [0, 1, 2, 3, 5, 8])
def test_an_erasure_killed_anywhere_is_finished_by_the_next(settings, land, survived):
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        land(
            call(f"mine-{day}", ONE, day=day), call(f"other-{day}", TWO, day=day), name=f"{day}.csv"
        )
    settings.home.logs.mkdir(parents=True)
    (settings.home.logs / "a.log").write_text(f"dialled {ONE}, {hash_number(ONE)}\n")
    command = [sys.executable, "-c", KILLED, str(survived), ONE]
    assert subprocess.run(command, env=dict(os.environ)).returncode == -signal.SIGKILL
    with erase.hold_everything(settings):
        proof = erase.finish_pending(settings)
    if survived == 0:
        # Killed before anything was decided: nothing is pending, nothing was touched.
        assert proof is None
        assert len(read_calls(settings)) == 6
        return
    assert proof["removed"]["landing_rows"] == {"call": 3}
    assert read_calls(settings) == [f"dialler:other-2026-01-0{n}" for n in (5, 6, 7)]
    assert (settings.home.logs / "a.log").read_text() == "dialled erased, erased\n"
    assert not (settings.home.run / erase.PENDING).exists()
