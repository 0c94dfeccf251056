"""Files of any shape, made from a seed: a message that names the file, or counts that add up.

How many records a whole file holds is known from making it, not from reading it.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
import random
import re
import resource
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadloop.errors import UsageError
from leadloop.ingest import IngestError
from leadloop.ingest.load import import_files
from leadloop.settings import PROJECT_ROOT, load_settings

NAMES = (
    "call_id,call_type,caller,callee,agent_id,start_time,answer_time,end_time,bill_seconds,status"
)
COLUMNS = NAMES.split(",")
STOPS = None  # Instead of a count: the file must be stopped with a message.
EITHER = "either"
LINES = "a" * 99 + "\n"
TIMES = (
    "2026-01-05 09:00:00",
    "2026/01/05 23:59:59",
    "2026-03-29 02:30:00",
    "2026-10-25 02:30:00",
    "2026-01-05T09:00:00+08:00",
    "2026-01-05T01:00:00Z",
    "05.01.2026 09:00",
    "1767574800000",
    "9999-12-31 23:59:59",
    "",
)
NUMBERS = ("60", "60000", "-5", "1e999", "nan", "9" * 400, "0x1F", "１２", "", "3.7")
STATUSES = ("BUSY", "成交", "空号", "WEIRD", "", "用户 说“不要”", "😀")


def make_row(dice, number):
    return [
        dice.choice([f"c{dice.random()}", "c1", "", f"编号{number}"]),
        dice.choice(["outbound", "inbound", "呼出", "fax"]),
        dice.choice(["01088886666", "", "139****4321"]),
        dice.choice(["13812345678", "+8613812345678", "anonymous", "0"]),
        dice.choice(["a1", "张三", ""]),
        *(dice.choice(TIMES) for _ in range(3)),
        dice.choice(NUMBERS),
        dice.choice(STATUSES),
    ]


def make_rows(dice, most=30):
    return [make_row(dice, number) for number in range(dice.randint(1, most))]


def write_table(rows, names=COLUMNS, delimiter=",", end="\n"):
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue()


def encode_any(dice):
    rows = make_rows(dice)
    text = write_table(rows, delimiter=dice.choice(",;\t|"), end=dice.choice(["\n", "\r\n"]))
    # Enough of common Chinese to tell GB18030 by.
    text += "".join(text.splitlines(keepends=True)[1:2]) if dice.random() < 0.3 else ""
    # In this order the first two hundred have all of them.
    encoding = dice.choice(["utf-8-sig", "utf-16", "utf-8", "utf-32"])
    return "calls.csv", text.encode(encoding), len(list(csv.reader(io.StringIO(text)))) - 1


def speak_chinese(dice):
    rows = [[*make_row(dice, number)[:-1], "成交"] for number in range(dice.randint(1, 30))]
    return "通话.csv", write_table(rows).encode("gb18030"), len(rows)


def speak_latin(dice):
    rows = [[*make_row(dice, number)[:-1], "Señor José, año"] for number in range(20)]
    return "latin.csv", write_table(rows).encode("cp1252", "replace"), STOPS


def quote_hard(dice):
    rows = make_rows(dice)
    for row in rows:
        row[4] = dice.choice(['a"b', "a,b", "a\nb", "a\r\nb", '"', ",,", " x ", "'"])
    return "quotes.csv", write_table(rows).encode(), len(rows)


def mix_line_ends(dice):
    lines = write_table(make_rows(dice)).encode().split(b"\n")[:-1]
    ends = [b"\n", b"\r\n", b"\r"]
    body = b"".join(line + dice.choice(ends) for line in lines)
    return "ends.csv", body, len(lines) - 1


def put_in_nul(dice):
    lines = write_table(make_rows(dice)).encode().split(b"\n")[:-1]
    hit = dice.randrange(1, len(lines))
    lines[hit] = lines[hit][:3] + b"\0" + lines[hit][3:]
    return "nul.csv", b"\n".join(lines), len(lines) - 1


def spoil_a_byte(dice):
    rows = [[*row[:-1], "BUSY"] for row in make_rows(dice)]
    for row in rows:
        row[:5] = "c1", "outbound", "", "", "a1"
        row[8] = "5"
    lines = write_table(rows).encode().split(b"\n")[:-1]
    lines[dice.randrange(1, len(lines))] += b"\xff\xfe"
    return "bytes.csv", b"\n".join(lines), len(lines) - 1


def be_ragged(dice):
    lines = write_table(make_rows(dice)).encode().split(b"\n")[:-1]
    for place in range(1, len(lines)):
        lines[place] += b",x" * dice.choice([0, 0, 1, 7])
    return "ragged.csv", b"\n".join(lines), len(lines) - 1


def leave_a_quote_open(dice):
    lines = write_table([["c1", "outbound", "", "", "a", "", "", "", "", ""]] * 9).encode()
    lines = lines.split(b"\n")[:-1]
    lines[dice.randrange(1, len(lines))] = b'c7,"outbound,x,y,z'
    return "open.csv", b"\n".join(lines), len(lines) - 1


def put_files_together(dice):
    first, second = make_rows(dice), make_rows(dice)
    body = write_table(first).encode("utf-8-sig") + write_table(second).encode("utf-8-sig")
    return "together.csv", body, len(first) + 1 + len(second)


def name_twice(dice):
    return "twice.csv", write_table([], [*COLUMNS, dice.choice(COLUMNS)]).encode(), STOPS


def be_empty(dice):
    return "empty.csv", dice.choice([b"", b"\n\n", b"\xef\xbb\xbf", b"  \n"]), STOPS


def have_a_header_only(dice):
    return "header.csv", write_table([]).encode().rstrip(b"\n") * 1, 0


def have_many_columns(dice):
    rows = [[*row, *["x"] * 4990] for row in make_rows(dice, 20)]
    names = [*COLUMNS, *(f"extra{place}" for place in range(4990))]
    return "wide.csv", write_table(rows, names).encode(), len(rows)


def have_a_long_field(dice):
    rows = make_rows(dice, 3)
    piece = dice.choice(["x", "9", "1 ", "号码", '"', "13812345678 ", LINES])
    rows[0][dice.choice([0, 4, 9])] = piece * (dice.choice([1_000_000, 10_000_000]) // len(piece))
    return "long.csv", write_table(rows).encode(), len(rows) if piece != LINES else EITHER


def make_good_rows(count, times, seconds="5"):
    """Return rows with nothing wrong but what is passed in; calls of ten minutes from `times`."""
    return [
        [f"c{number}", "outbound", "", "13812345678", "a1", when, when, "", seconds, "BUSY"]
        for number, when in zip(range(count), times, strict=False)
    ]


def mistake_the_unit(dice):
    rows = make_good_rows(dice.randint(1, 30), [TIMES[0]] * 30, dice.choice(["90000", "1767574"]))
    return "units.csv", write_table(rows).encode(), len(rows)


def change_the_clock(dice):
    # In Berlin the first was never shown, the second twice.
    times = [dice.choice(TIMES[2:4]) for _ in range(30)]
    rows = make_good_rows(dice.randint(2, 30), ["2026-03-29 02:30:00", *times])
    return "clock.berlin.csv", write_table(rows).encode(), len(rows)


def mix_zones(dice):
    times = [dice.choice([TIMES[0], *TIMES[4:6], "2026-01-05 09:00:00-0530"]) for _ in range(30)]
    rows = make_good_rows(dice.randint(2, 30), times)
    return "zones.berlin.csv", write_table(rows).encode(), len(rows)


def be_anything(dice):
    return "bytes.csv", dice.randbytes(dice.randrange(1, 5000)), STOPS


def be_html(dice):
    return "page.xls", b"<html><body><table><tr><td>call_id</td></tr></table>", STOPS


def be_old_excel(dice):
    return "old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + dice.randbytes(2000), STOPS


def zip_up(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, body in files.items():
            whole.writestr(name, body)
    return packed.getvalue()


def be_gz(dice):
    _, body, count = quote_hard(dice)
    return dice.choice(["calls.csv.gz", "calls.csv"]), gzip.compress(body), count


def be_zip(dice):
    parts = [quote_hard(dice), be_gz(dice), speak_chinese(dice), make_workbook(dice)]
    files = {f"日志/{place}{name}": body for place, (name, body, _) in enumerate(parts)}
    return "calls.zip", zip_up(files), sum(count for _, _, count in parts)


def make_workbook(dice):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("通话")
    rows = make_rows(dice)
    sheet.append(COLUMNS)
    for row in rows:
        row[5] = dice.choice(
            [row[5], datetime.datetime.fromisoformat(TIMES[0]), 46027.375, True, None]
        )
        row[8] = dice.choice([row[8], 60, 1.5, 1e20, -3, datetime.time(0, 1), "=1+1", "#N/A"])
        sheet.append(row)
    body = io.BytesIO()
    book.save(body)
    return "calls.xlsx", body.getvalue(), len(rows)


def make_parquet(dice):
    rows = make_rows(dice)
    body = io.BytesIO()
    columns = [list(column) for column in zip(*rows, strict=True)]
    columns[8] = [dice.choice([None, 1e300, 5.0, -1.0]) for _ in rows]
    pq.write_table(pa.table(dict(zip(COLUMNS, columns, strict=True))), body)
    return "calls.parquet", body.getvalue(), len(rows)


def cut_short(dice):
    name, body, _ = dice.choice([be_gz, be_zip, make_workbook, make_parquet])(dice)
    return f"cut-{name}", body[: dice.randrange(5, len(body) - 1)], STOPS


def flip_a_byte(dice):
    name, body, _ = dice.choice([be_gz, be_zip, make_workbook, make_parquet])(dice)
    spoilt = bytearray(body)
    for _ in range(3):
        spoilt[dice.randrange(len(spoilt))] ^= dice.randrange(1, 256)
    return f"flipped-{name}", bytes(spoilt), EITHER


BAD_JSON = (
    '"\\ud800"',
    "9" * 5000,
    "1e999",
    "NaN",
    "[" * 90_000 + "]" * 90_000,
    "[" * 500 + "]" * 500,
    '{"a":' * 200 + "1" + "}" * 200,
    '"\\u0000"',
    "[1, {}]",
    "true",
    '"' + "长" * 100_000 + '"',
)


def write_record(dice, number):
    text = json.dumps(
        dict(zip(COLUMNS[:-1], make_row(dice, number), strict=False)), ensure_ascii=False
    )
    value = dice.choice(["null", '"BUSY"', *BAD_JSON])
    return f'{text[:-1]}, "status": {value}}}'


def make_lines(dice):
    lines = [write_record(dice, number) for number in range(dice.randint(1, 12))]
    lines.insert(0, lines[0].rpartition(', "status"')[0] + ', "status": "BUSY"}')
    other = ["[1]", "{", '"x"', "null", "", "   ", "[" * 100_000]
    more = [dice.choice(other) for _ in range(dice.randint(0, 4))]
    body = "\n".join([*lines, *more]).encode()
    return "calls.jsonl", body, len(lines) + sum(bool(line.strip()) for line in more)


def make_document(dice):
    fit = [value for value in BAD_JSON if len(value) < 1000 or value.startswith('"')]
    rows = [dict(zip(COLUMNS, make_row(dice, place), strict=True)) for place in range(9)]
    texts = [json.dumps(row) for row in rows]
    texts[5] = dice.choice([*fit, texts[5]])
    return "calls.json", f'{{"data": {{"items": [{",".join(texts)}]}}}}'.encode(), 9


def spoil_a_document(dice):
    _, body, _ = make_document(dice)
    whole = dice.choice([body[:-5], b'{"data": 3}', b"", BAD_JSON[4].encode(), b"[" * 3])
    return "calls.json", whole, STOPS


KINDS = (
    encode_any,
    speak_chinese,
    speak_latin,
    quote_hard,
    mix_line_ends,
    put_in_nul,
    spoil_a_byte,
    be_ragged,
    leave_a_quote_open,
    put_files_together,
    name_twice,
    be_empty,
    have_a_header_only,
    have_many_columns,
    have_a_long_field,
    mistake_the_unit,
    change_the_clock,
    mix_zones,
    be_anything,
    be_html,
    be_old_excel,
    be_gz,
    be_zip,
    make_workbook,
    make_parquet,
    cut_short,
    flip_a_byte,
    make_lines,
    make_document,
    spoil_a_document,
)


# Each must have been met, or the generator makes something else than it says.
REASONS = {
    "broken_line",
    "nul_byte",
    "undecodable_bytes",
    "direction_missing",
    "originated_at_not_a_time",
    "originated_at_skipped_by_the_clock",
    "talk_s_looks_like_milliseconds",
}
MARKS = {"utf-8": b"\xef\xbb\xbf", "utf-32": b"\xff\xfe\0\0", "utf-16": b"\xff\xfe"}


@dataclass(slots=True)
class Seen:
    """What came of all files: by kind, rows by fate, rows by reason, encodings, sizes."""

    kinds: Counter = field(default_factory=Counter)
    rows: Counter = field(default_factory=Counter)
    reasons: Counter = field(default_factory=Counter)
    encodings: Counter = field(default_factory=Counter)
    largest: int = 0

    def add(self, kind, body, became, outcomes):
        self.kinds[kind, became] += 1
        for one in outcomes:
            self.rows.update(
                read=one.read,
                landed=one.landed,
                duplicate=one.duplicate,
                quarantined=one.quarantined,
            )
            self.reasons.update(one.by_reason)
        code = next((name for name, mark in MARKS.items() if body.startswith(mark)), None)
        self.encodings["gb18030" if kind == "speak_chinese" else code or "other"] += 1
        self.largest = max(self.largest, len(body))

    def show(self):
        """Return all counts as text, with the peak of this process's memory."""
        lines = [
            f"{kind:20} {became:13} {count}" for (kind, became), count in sorted(self.kinds.items())
        ]
        lines += [f"{reason:45} {count}" for reason, count in self.reasons.most_common()]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        stopped = sum(count for (_, became), count in self.kinds.items() if became == "stopped")
        lines += [
            f"files {sum(self.kinds.values())}, stopped as a whole {stopped}",
            f"rows {dict(self.rows)}, encodings {dict(self.encodings)}",
            f"largest file {self.largest / 1e6:.1f} MB, peak memory {peak} MiB",
        ]
        return "\n".join(lines) + "\n"


def write_maps(folder):
    """Write the shipped map for JSON and for a zone with summer time too; return them by ending."""
    shipped = PROJECT_ROOT / "config" / "maps" / "generic_cn_cdr.yml"
    text = shipped.read_text(encoding="utf-8")
    own = {
        f".{name}": text.replace("{format: csv}", f"{{format: {reads}}}")
        for name, reads in (("jsonl", "jsonl"), ("json", "json, records: data.items"))
    }
    # Without formats: ISO 8601, with or without an offset.
    plain = re.sub(r", format: \[.*?\]", "", text)
    own[".berlin.csv"] = plain.replace("Asia/Shanghai", "Europe/Berlin")
    for ending, content in own.items():
        (folder / f"map{ending}.yml").write_text(content, encoding="utf-8")
    return {ending: str(folder / f"map{ending}.yml") for ending in own}


def choose_map(maps, path):
    return next((found for end, found in maps.items() if path.name.endswith(end)), "generic_cn_cdr")


def list_data(home):
    return {path for top in (home.landing, home.quarantine) for path in top.rglob("*.parquet")}


def try_file(settings, maps, path, wanted):
    """Import a file, hold what became of it against what is wanted, return it in a word."""
    before = list_data(settings.home)
    outcomes, message = [], None
    try:
        outcomes = import_files(settings, [path], choose_map(maps, path), load_date="2026-01-06")
    except (IngestError, UsageError) as error:
        message = str(error)
    if message is not None:
        assert path.name in message, message
        assert wanted in (STOPS, EITHER), message
        if not zipfile.is_zipfile(path) or path.suffix != ".zip":
            assert list_data(settings.home) == before
        return "stopped", []
    assert wanted is not STOPS
    for one in outcomes:
        assert one.read == one.landed + one.duplicate + one.quarantined
        assert sum(one.by_reason.values()) == one.quarantined
    if wanted is not EITHER:
        assert sum(one.read for one in outcomes) == wanted
    new = list_data(settings.home) - before
    rows = {
        top: sum(pq.read_table(file).num_rows for file in new if file.is_relative_to(top))
        for top in (settings.home.landing, settings.home.quarantine)
    }
    assert rows[settings.home.landing] == sum(one.landed for one in outcomes)
    assert rows[settings.home.quarantine] <= sum(one.quarantined for one in outcomes)
    return "landed" if not any(one.quarantined for one in outcomes) else "some refused", outcomes


def try_files(folder, seeds):
    maps = write_maps(folder)
    seen = Seen()
    for seed in seeds:
        if seed % 200 == 0:
            environment = {
                "LEADLOOP_HOME": str(folder / f"home{seed}"),
                "LEADLOOP_PHONE_HASH_KEY": "key of the tests",
            }
            settings = load_settings(environment)
        kind = KINDS[seed % len(KINDS)]
        name, body, wanted = kind(random.Random(seed))
        path = folder / f"{seed}-{name}"
        path.write_bytes(body)
        try:
            seen.add(kind.__name__, body, *try_file(settings, maps, path, wanted))
        except Exception as error:
            error.add_note(f"seed {seed}: {kind.__name__}, wanted {wanted}")
            raise
        path.unlink()
    sys.stdout.write(seen.show())
    return seen


def check_all_came(seen, files):
    assert sum(seen.kinds.values()) == files
    assert {kind for kind, _ in seen.kinds} == {kind.__name__ for kind in KINDS}
    assert {became for _, became in seen.kinds} == {"landed", "some refused", "stopped"}
    assert not REASONS - set(seen.reasons)
    assert set(seen.encodings) == {"utf-8", "utf-16", "utf-32", "gb18030", "other"}
    assert seen.largest > 10_000_000
    assert seen.kinds["mix_zones", "landed"] == sum(
        count for (kind, _), count in seen.kinds.items() if kind == "mix_zones"
    )
    rows = seen.rows
    assert rows["read"] == rows["landed"] + rows["duplicate"] + rows["quarantined"] > files


def test_no_file_of_two_hundred_is_lost_or_ends_in_a_traceback(tmp_path):
    check_all_came(try_files(tmp_path, range(200)), 200)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("first", [200, 1200])
def test_no_file_of_two_thousand_is_lost_or_ends_in_a_traceback(tmp_path, first):
    check_all_came(try_files(tmp_path, range(first, first + 1000)), 1000)


MEASURE = """
import resource, sys
from pathlib import Path
from leadloop.errors import LeadloopError
from leadloop.ingest.load import import_files
from leadloop.settings import load_settings
settings = load_settings()
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
import_files(settings, [Path(sys.argv[1])], sys.argv[3], load_date="2026-01-06")
before = peak()
try:
    import_files(settings, [Path(sys.argv[2])], sys.argv[3], load_date="2026-01-06")
except LeadloopError as error:
    print(error, file=sys.stderr)
print(peak() - before)
"""
ROW = b"c%d,outbound,,13812345678,a1,2026-01-05 09:00:00,,,0,BUSY\n"


def write_many_rows(path):
    with path.open("wb") as file:
        file.write(NAMES.encode() + b"\n")
        file.writelines(ROW % number for number in range(800_000))


def write_a_line_without_end(path):
    with path.open("wb") as file:
        file.write(NAMES.encode() + b"\n")
        for _ in range(300):
            file.write(b"x" * 1_000_000)


def write_a_gz_bomb(path):
    with gzip.open(path, "wb", 1) as file:
        for _ in range(500):
            file.write(bytes(1_000_000))


def write_open_quotes(path):
    with path.open("wb") as file:
        file.write(NAMES.encode() + b"\n")
        for number in range(100_000):
            file.write(ROW % number if number % 1000 else b'c,"outbound\n')


def write_short_lines(path):
    path.write_bytes(NAMES.encode() + b"\n" + b"x\n" * 3_000_000)


def write_wide_rows(path):
    with path.open("wb") as file:
        file.write(",".join([*COLUMNS, *(f"x{place}" for place in range(4990))]).encode() + b"\n")
        for number in range(5_000):
            file.write(ROW[:-1] % number + b",12345" * 4990 + b"\n")


BIG_FILES = [
    pytest.param(write_many_rows, 250, id="800,000 rows"),
    pytest.param(write_a_line_without_end, 250, id="a line of 300 MB"),
    pytest.param(write_a_gz_bomb, 250, id="500 MB of zeros in a gz"),
    pytest.param(write_open_quotes, 250, id="a hundred open quotes"),
    pytest.param(write_short_lines, 250, id="3 million lines that are no rows"),
    pytest.param(write_wide_rows, 400, id="5,000 columns, 150 MB"),
]


@pytest.mark.long
@pytest.mark.parametrize(("write", "most"), BIG_FILES)
def test_memory_is_bounded_whatever_the_file(tmp_path, home, write, most):
    small, big = tmp_path / "small.csv", tmp_path / "big.csv"
    small.write_bytes(NAMES.encode() + b"\n" + b"".join(ROW % n for n in range(1000)))
    write(big)
    command = [sys.executable, "-c", MEASURE, str(small), str(big), "generic_cn_cdr"]
    seen = subprocess.run(command, check=True, capture_output=True, text=True)
    sys.stdout.write(f"{write.__name__}: {seen.stdout} MiB more {seen.stderr}")
    assert int(seen.stdout) < most


@pytest.mark.parametrize(
    "kind", [cut_short, be_anything, spoil_a_document], ids=lambda kind: kind.__name__
)
def test_the_command_tells_of_a_broken_file_in_words(tmp_path, home, kind):
    name, body, _ = kind(random.Random(5))
    path = tmp_path / name
    path.write_bytes(body)
    map_name = choose_map(write_maps(tmp_path), path)
    command = [str(Path(sys.executable).with_name("leadloop")), "import", str(path)]
    seen = subprocess.run([*command, "--map", map_name], capture_output=True, text=True)
    assert seen.returncode != 0
    assert "Traceback" not in seen.stdout + seen.stderr
    assert path.name in (seen.stdout + seen.stderr).replace("\n", "")
