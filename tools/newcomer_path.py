"""Takes a stranger's file to a report by the commands that a stranger would type; writes the page.

    tools/newcomer_path.py              docs/newcomer.md, from real runs of all three files
    tools/newcomer_path.py yunhu        what one of them prints

Each file gets an empty home and a configuration as cloned; the tests walk the same path.
"""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
FILES = PROJECT / "examples" / "diallers" / "make_files.py"
PAGE = PROJECT / "docs" / "newcomer.md"
DAY = "2026-01-06"
# What a stranger answers to the draft's questions: a line of the map, and what it becomes.
ANSWERS = {
    "yunhu": {r" *# 转语音信箱: .*": "      转语音信箱: machine"},
    "ringo": {r" *# LVM: .*": "      LVM: machine"},
    "semicolon": {
        r" *# 'OFF': .*": "      'OFF': power_off",
        r" *# DC: .*": "      DC: invalid_number",
    },
}
INTRODUCTIONS = {
    "yunhu": "Chinese names in GB18030, days without leading zeros, talk as a watch shows it, "
    "dials and inbound calls in one file.",
    "ringo": "English names, times in UTC, and a duration in milliseconds that holds the ringing.",
    "semicolon": "Semicolons, day and time in two columns, short codes, no direction and no end.",
}


@dataclass
class Walk:
    """What a walk has shown: commands with what they printed, lines of YAML that were changed."""

    commands: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    truth: dict[str, int] = field(default_factory=dict)
    head: str = ""


def walk(name: str, folder: Path, *, to_report: bool = True) -> Walk:
    """Return what a stranger sees with one of the made files, in a folder of their own."""
    make_files(folder)
    shutil.copytree(PROJECT / "config", folder / "config")
    found = Walk(truth=json.loads((folder / "truth.json").read_text())[f"{name}.csv"])
    raw = (folder / f"{name}.csv").read_bytes()
    text = raw.decode("gb18030" if name == "yunhu" else "utf-8")
    found.head = "\n".join(text.splitlines()[:3])
    run(found, folder, f"map draft {name}.csv")
    answer(found, name, folder / "config" / "maps" / f"{name}.yml")
    run(found, folder, f"map check {name} --file {name}.csv")
    run(found, folder, f"import {name}.csv --map {name}")
    if to_report:
        run(found, folder, f"run daily --date {DAY}")
        run(found, folder, "report")
        found.counts = count_published(folder)
    return found


def make_files(folder: Path) -> None:
    """Write the three files and their truth."""
    before = sys.argv
    sys.argv = [str(FILES), str(folder)]
    try:
        runpy.run_path(str(FILES), run_name="__main__")
    finally:
        sys.argv = before


def run(found: Walk, folder: Path, command: str) -> None:
    """Run a leadloop command as typed, and keep what it printed; it must end well."""
    environment = {
        **os.environ,
        "LEADLOOP_HOME": str(folder / "var"),
        "LEADLOOP_CONFIG": str(folder / "config"),
    }
    leadloop = "import sys; from leadloop.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", leadloop, *command.split()],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    printed = (done.stdout + done.stderr).replace(f"{folder}/", "")
    if done.returncode:
        message = f"leadloop {command} left with {done.returncode}:\n{printed}"
        raise SystemExit(message)
    printed = "\n".join(line.rstrip() for line in printed.strip().splitlines())
    found.commands.append((f"leadloop {command}", printed))


def answer(found: Walk, name: str, path: Path) -> None:
    """Change the lines of the map that the draft asked about, and keep them."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for pattern, line in ANSWERS[name].items():
        place = next(place for place, old in enumerate(lines) if re.fullmatch(pattern, old))
        found.changed.append((lines[place], line))
        lines[place] = line
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def count_published(folder: Path) -> dict[str, int]:
    """Return the counts of the published marts that the file's truth has."""
    import duckdb

    query = """
        select
            count(*) as rows, count(*) filter (where is_dial) as dials,
            count(*) filter (where is_connected) as answered,
            count(*) filter (where is_dial and is_won) as won,
            coalesce(sum(talk_seconds) filter (where is_connected), 0)::int as talk_seconds
        from fct_dials
    """
    with duckdb.connect(str(folder / "var" / "marts" / "current.duckdb"), read_only=True) as marts:
        cursor = marts.execute(query)
        return dict(
            zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True)
        )


def write_page(walks: dict[str, Walk]) -> str:
    """Return the page: each file, its commands with their output, the lines changed, the counts."""
    lines = [
        "# From a file to a report",
        "",
        "Three made diallers, none of which a shipped map knows, from their CSV to a report.",
        "Written by `tools/newcomer_path.py`, which runs each command in an empty home; the tests",
        "walk the same paths. `make setup` comes first; `leadloop` is `.venv/bin/leadloop`. The",
        "files come from `python examples/diallers/make_files.py .`, with the truth that their",
        "counts are held against.",
        "",
        "| file | commands | lines of YAML changed | dials, answered, won, talk in s | truth |",
        "|---|---|---|---|---|",
    ]
    names = ("dials", "answered", "won", "talk_seconds")
    for name, found in walks.items():
        seen, true = (
            ", ".join(f"{d[key]:,}" for key in names) for d in (found.counts, found.truth)
        )
        lines.append(
            f"| [{name}](#{name}) | {len(found.commands)} | {len(found.changed)} | {seen} "
            f"| {true} |"
        )
    for name, found in walks.items():
        lines += ["", f"## {name}", "", INTRODUCTIONS[name], "", "```", found.head, "```"]
        for command, printed in found.commands:
            lines += ["", "```", f"$ {command}", printed, "```"]
            if command.startswith("leadloop map draft"):
                lines += ["", f"The answers, in `config/maps/{name}.yml`:", "", "```diff"]
                for old, new in found.changed:
                    lines += [f"-{old}", f"+{new}"]
                lines.append("```")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page, or print one walk."""
    wanted = sys.argv[1:]
    walks = {}
    for name in wanted or ANSWERS:
        with tempfile.TemporaryDirectory() as folder:
            walks[name] = walk(name, Path(folder))
    if wanted:
        sys.stdout.write(write_page(walks))
    else:
        PAGE.write_text(write_page(walks), encoding="utf-8")


if __name__ == "__main__":
    main()
