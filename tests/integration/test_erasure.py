"""One person erased from a home with history: a scan of every byte, and of what is packed, after.

The scan shares no code with the erasure: it reads bytes, Parquet, DuckDB, gzip and tar by itself.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import hmac
import io
import json
import os
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from leadloop import ledger, maintenance, opstore
from leadloop.privacy import erase
from leadloop.settings import load_settings
from leadloop.simulate.make import write_company
from leadloop.warehouse import open_memory

DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")
NUMBER = "13912348765"
KEY = "key of the tests"
HASH = hmac.digest(KEY.encode(), f"+86{NUMBER}".encode(), hashlib.sha256).hex()
CUSTOMER, LEAD, ORDER = "K7700123", "L7700123", "O7700123"
CALLS = ("CX77001", "CX77002", "CX77003")
WORDS = "我家在人民路尽头的蓝色小楼里开了三十年茶馆"
SECRETS = (NUMBER, HASH, CUSTOMER, LEAD, ORDER, *CALLS, WORDS)
LEADLOOP = str(Path(sys.executable).with_name("leadloop"))


@dataclass(frozen=True)
class Told:
    """What an erasure printed, and the home before and after it."""

    settings: object
    proof: dict
    before: dict
    after: dict
    found_before: dict


def run(root, *arguments):
    names = ("LEADLOOP_CONFIG", "LEADLOOP_OPERATIONS_URL")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    env = kept | {"LEADLOOP_HOME": str(root), "LEADLOOP_PHONE_HASH_KEY": KEY}
    return subprocess.run([LEADLOOP, *arguments], env=env, capture_output=True, text=True)


def succeed(root, *arguments):
    result = run(root, *arguments)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def add_person(inbox):
    """Write a person of their own into the files of each day, and one refused row."""
    for place, day in enumerate(DAYS):
        calls = inbox / "dialler" / f"calls_{day}.csv"
        with calls.open(encoding="utf-8", newline="") as file:
            names = next(csv.reader(file))
        row = {
            "call_id": CALLS[place],
            "call_type": "outbound",
            "callee": NUMBER,
            "lead_id": LEAD,
            "customer_id": CUSTOMER if place else "",
            "channel_id": "referral",
            "agent_id": "A001",
            "attempt_no": str(place + 1),
            "start_time": f"{day} 10:00:00",
            "answer_time": f"{day} 10:00:08",
            "end_time": f"{day} 10:01:08",
            "ring_seconds": "8",
            "bill_seconds": "60",
            "status": "ANSWERED_OTHER",
            "hangup_by": "agent",
            "export_time": f"{day} 23:50:00",
        }
        refused = row | {"bill_seconds": "60000", "start_time": "never"}
        with calls.open("a", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, restval="", lineterminator="\n")
            writer.writerows([row, refused])
        turns = [
            {"role": "agent", "begin_ms": 0, "end_ms": 900, "text": "您好", "confidence": 0.9},
            {"role": "customer", "begin_ms": 1000, "end_ms": 9000, "text": WORDS},
            {"role": "customer", "begin_ms": 9000, "end_ms": 9900, "text": "不要再打了"},
        ]
        talk = {
            "call_id": CALLS[place],
            "version": 1,
            "started_at": f"{day} 10:00:00",
            "export_time": f"{day} 23:55:00",
            "turns": turns,
        }
        with (inbox / "transcripts" / f"transcripts_{day}.jsonl").open("a") as file:
            file.write(json.dumps(talk, ensure_ascii=False) + "\n")
    orders = inbox / "orders" / f"orders_{DAYS[1]}.csv"
    with orders.open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file))
    order = {
        "order_id": ORDER,
        "customer_id": CUSTOMER,
        "phone": NUMBER,
        "placed_time": f"{DAYS[1]} 11:00:00",
        "amount": "100.00",
        "currency": "CNY",
        "export_time": f"{DAYS[1]} 23:50:00",
    }
    with orders.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, names, restval="", lineterminator="\n").writerow(order)


def add_ledger(settings):
    """Write an alert, an action, proofs, a draw and a message that name the person and another."""
    moment = opstore.now()
    alert = {
        "alert_id": "alert-1", "rule_id": "r", "rule_hash": "h", "mode": "guarded",
        "severity": "warn", "metric": "connect_rate", "dimensions": {}, "grain": "day",
        "period": DAYS[1], "threshold": 0.2, "state": "open", "owner": "ops",
        "cause": [
            {
                "kind": "place", "place": {}, "share": 1.0, "money": None,
                "evidence": {"calls": [CALLS[1], "C-of-another"]},
            }
        ],
        "first_seen_at": moment, "last_seen_at": moment,
    }  # fmt: skip
    action = {
        "action_id": "action-1", "alert_id": "alert-1", "type": "retention_package",
        "payload": {"customer_ids": [CUSTOMER, "K0000001"], "package": "p"},
        "target_type": "customer", "target_id": CUSTOMER, "mode": "approve", "state": "sent",
        "proposed_at": moment, "gate": {}, "idempotency_key": f"retention:{CUSTOMER}",
    }  # fmt: skip
    proof = {
        "proof_id": "proof-1", "action_id": "action-1", "stage": "send", "verdict": "deny",
        "reason": f"asked for no more calls in call {CALLS[0]}", "evaluated_at": moment,
        "detail": {"phone_hash": HASH, "planned_at": moment.isoformat(), "phone_region": "CN"},
    }  # fmt: skip
    drawn = {
        "experiment": "e", "unit_id": CUSTOMER, "action_type": "t", "arm": "treat",
        "assigned_at": moment, "hash": "0123456789abcdef",
    }  # fmt: skip
    message = {
        "message_id": "message-1", "action_id": "action-1", "channel": "dialler", "target": "file",
        "dedupe_key": f"d:{HASH}", "state": "sent", "attempts": 1, "created_at": moment,
        "body": {
            "columns": ["action_id", "lead_id", "phone_hash", "phone_last4"],
            "rows": [["action-1", LEAD, HASH, NUMBER[-4:]], ["action-1", "L1", "f" * 64, "1111"]],
        },
    }  # fmt: skip
    with opstore.transaction(settings) as store:
        for table, row in (
            (ledger.alerts, alert), (ledger.actions, action), (ledger.proofs, proof),
            (ledger.assignments, drawn), (ledger.outbox, message),
        ):  # fmt: skip
            opstore.append(store, table, [row])


def add_files(home):
    """Leave the person in places that no table knows of."""
    (home.out / "drop").mkdir(parents=True)
    (home.out / "drop" / "plan.csv").write_text(
        f"lead_id,phone_hash\n{LEAD},{HASH}\nL1,{'f' * 64}\n", encoding="utf-8"
    )
    (home.logs / "dialler.log").write_text(
        f"dialled {NUMBER} for {CUSTOMER}\nall is well\n", encoding="utf-8"
    )
    (home.logs / "old.log.gz").write_bytes(gzip.compress(f"said: {WORDS}\nkept".encode()))
    escaped = json.dumps({"text": WORDS, "customer_id": CUSTOMER})
    (home.out / "page.html").write_text(f"<p>{escaped}</p>", encoding="utf-8")
    (home.out / f"call_{NUMBER}.wav").write_bytes(b"RIFF\0\0voice")
    pq.write_table(pa.table({"who": [CUSTOMER, "K1"], "n": [1, 2]}), home.out / "export.parquet")


def read_texts(path):
    """Give every text in which a secret of a file could stand, packed ones unpacked."""
    data = path.read_bytes()
    yield data
    yield path.name.encode()
    if data[:4] == b"PAR1":
        yield str(pq.ParquetFile(path).read().to_pydict()).encode()
    if data[8:12] == b"DUCK":
        with open_memory() as connection:
            connection.execute(f"attach '{path}' as looked (read_only)")
            tables = connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'looked'"
            ).fetchall()
            for schema, table in tables:
                rows = connection.execute(f'select * from looked."{schema}"."{table}"').fetchall()
                yield str(rows).encode()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
        yield data
    if tarfile.is_tarfile(io.BytesIO(data)):
        with tarfile.open(fileobj=io.BytesIO(data)) as packed:
            for member in packed.getmembers():
                if file := packed.extractfile(member):
                    yield file.read()


def scan(home):
    """Return for each secret the files in which it stands, in any way it may be written."""
    found = {secret: set() for secret in SECRETS}
    for path in home.root.rglob("*"):
        if path.is_symlink() or not path.is_file():
            continue
        for text in read_texts(path):
            for secret in SECRETS:
                forms = (
                    secret.encode(),
                    json.dumps(secret)[1:-1].encode(),
                    secret.encode("gb18030"),
                )
                if any(form in text for form in forms):
                    found[secret].add(str(path.relative_to(home.root)))
    return found


def hash_others(home):
    """Return an ordered hash of each landing table's rows without the person's."""
    hashes = {}
    for table in ("call", "utterance", "order"):
        lines = []
        for path in (home.landing / table).rglob("*.parquet"):
            for row in pq.ParquetFile(path).read().to_pylist():
                if not any(secret in str(row) for secret in SECRETS[:-1]):
                    lines.append(str(row))
        hashes[table] = (len(lines), hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest())
    return hashes


def read_marts(home, query):
    with open_memory() as connection:
        path = (home.marts / "current.duckdb").resolve()
        connection.execute(f"attach '{path}' as marts (read_only); use marts")
        return connection.execute(query).fetchall()


ROWS = {
    name: f"select * from {name} where {key} not in {CALLS} order by all"
    for name, key in (
        ("fct_dials", "call_id"),
        ("fct_transcripts", "call_id"),
        ("fct_annotations", "call_id"),
        ("fct_do_not_call_requests", "call_id"),
    )
}
SUMS = "select * exclude (dial_hour) from fct_dials_hourly order by all"


def look(home):
    rows = {name: read_marts(home, query) for name, query in ROWS.items()}
    return {"landing": hash_others(home), "rows": rows, "sums": read_marts(home, SUMS)}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A home with three days, a ledger and a back-up, from which the person was erased."""
    root = tmp_path_factory.mktemp("erasure") / "home"
    settings = load_settings({"LEADLOOP_HOME": str(root)})
    write_company(root, first_day=DAYS[0], days=4, dials=60)
    add_person(settings.home.inbox)
    succeed(root, "backfill", "--from", DAYS[0], "--to", DAYS[2])
    add_ledger(settings)
    add_files(settings.home)
    maintenance.back_up(settings)
    found, before = scan(settings.home), look(settings.home)
    out = root.parent / "proof.json"
    succeed(root, "erase", "--phone", "139 1234 8765", "--inbox", "--by", "dpo", "--json", str(out))
    proof = json.loads(out.read_text(encoding="utf-8"))
    return Told(settings, proof, before, look(settings.home), found)


def test_the_scan_sees_every_secret_before(told):
    # Otherwise finding none of them afterwards would say nothing.
    assert all(told.found_before[secret] for secret in SECRETS), told.found_before
    places = {name.split("/")[0] for names in told.found_before.values() for name in names}
    assert {"landing", "quarantine", "warehouse", "marts", "out", "logs", "backups"} <= places
    assert "operations.db" in places


def test_no_byte_of_the_person_is_left_in_any_file(told):
    assert {secret: names for secret, names in scan(told.settings.home).items() if names} == {}


def test_rows_of_others_are_the_same_in_the_same_order(told):
    assert told.after["landing"] == told.before["landing"]
    assert told.after["rows"] == told.before["rows"]


def test_published_sums_stay_until_the_next_cycle_counts_again(told):
    assert told.after["sums"] == told.before["sums"]


def test_the_proof_counts_what_went_and_says_nothing_of_the_person(told):
    with opstore.transaction(told.settings) as store:
        (row,) = store.execute(sa.text("select * from erasures")).mappings().all()
    assert (row["asked_for"], row["asked_by"]) == ("phone", "dpo")
    removed = json.loads(row["removed"])
    # Three calls, three talks of three turns, one order; each day has a file of its own.
    assert removed["landing_rows"] == {"call": 3, "utterance": 9, "order": 1}
    assert removed["landing_files"] == {"call": 3, "utterance": 3, "order": 1}
    assert told.proof["left"] == []


def test_the_proof_cannot_be_changed(told):
    with (
        pytest.raises(sa.exc.IntegrityError, match="append-only"),
        opstore.transaction(told.settings) as store,
    ):
        store.execute(sa.text("update erasures set asked_by = 'nobody'"))


def test_the_ledger_keeps_its_chain_and_the_other_people_in_it(told):
    with opstore.transaction(told.settings) as store:
        action = opstore.find(store, ledger.actions, "action-1")
        proof = opstore.find(store, ledger.proofs, "proof-1")
        message = opstore.find(store, ledger.outbox, "message-1")
        alert = opstore.find(store, ledger.alerts, "alert-1")
    stone = f"erased-{told.proof['erasure_id']}"
    assert action["payload"]["customer_ids"] == [stone, "K0000001"]
    assert action["target_id"] == stone
    assert proof["detail"]["phone_hash"] == stone
    assert proof["verdict"] == "deny"
    assert message["body"]["rows"] == [["action-1", "L1", "f" * 64, "1111"]]
    assert alert["cause"][0]["evidence"]["calls"] == [stone, "C-of-another"]


def test_proofs_are_append_only_again(told):
    with (
        pytest.raises(sa.exc.IntegrityError, match="append-only"),
        opstore.transaction(told.settings) as store,
    ):
        store.execute(sa.text("delete from proofs"))


def test_a_file_sent_again_lands_nothing_of_the_person(told, tmp_path):
    header = (told.settings.home.inbox / "dialler" / f"calls_{DAYS[0]}.csv").open().readline()
    call = {
        "call_type": "outbound",
        "start_time": "2026-01-09 10:00:00",
        "end_time": "2026-01-09 10:00:05",
        "status": "BUSY",
        "export_time": "2026-01-09 23:00:00",
    }
    path = tmp_path / "again.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header.strip().split(","), restval="")
        writer.writeheader()
        writer.writerow(call | {"call_id": "CX99999", "callee": NUMBER})
        writer.writerow(call | {"call_id": "CX99998", "callee": "13900000001"})
    out = tmp_path / "outcome.json"
    root = told.settings.home.root
    succeed(root, "import", str(path), "--map", "generic_cn_cdr", "--json", str(out))
    (outcome,) = json.loads(out.read_text())
    assert (outcome["read"], outcome["landed"]) == (2, 1)
    assert outcome["by_reason"] == {"erased_person": 1}
    assert scan(told.settings.home)[NUMBER] == set()
    assert "CX99999" not in str(
        [list(read_texts(p)) for p in told.settings.home.quarantine.rglob("*.parquet")]
    )


def test_the_next_day_counts_the_days_of_the_person_again(told):
    day = "2026-01-08"
    counted = (
        "select dial_date::varchar as day, sum(dial_count) as n from fct_dials_hourly group by 1"
    )
    kept = (
        "select dial_date::varchar as day, count(*) filter (is_dial) as m from fct_dials group by 1"
    )
    query = f"select day, n - m from ({counted}) join ({kept}) using (day) where n <> m order by 1"
    assert read_marts(told.settings.home, query) == [(each, 1) for each in DAYS]
    succeed(told.settings.home.root, "run", "daily", "--date", day)
    assert read_marts(told.settings.home, query) == []
    assert {s: names for s, names in scan(told.settings.home).items() if names} == {}


def test_a_second_erasure_finds_nothing_and_changes_nothing(told):
    before = look(told.settings.home)
    root = told.settings.home.root
    out = root.parent / "second.json"
    succeed(root, "erase", "--phone", NUMBER, "--inbox", "--json", str(out))
    removed = json.loads(out.read_text())["removed"]
    assert sum(sum(counts.values()) for counts in removed.values()) == 0
    assert look(told.settings.home) == before


def test_a_cycle_that_holds_the_home_keeps_an_erasure_out(told):
    from leadloop.cycle_run import hold_home

    with hold_home(told.settings.home, "daily 2026-01-09"):
        result = run(told.settings.home.root, "erase", "--phone", NUMBER)
    assert result.returncode == 2
    assert "Another run is going on" in result.stderr
    assert erase.finish_pending(told.settings) is None
