"""What the tree looks like: entries, sizes, shapes."""

from __future__ import annotations

import ast
import re
import subprocess

from leadloop.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "plugins" / "leadloop"


def tracked(*paths: str) -> list[str]:
    result = subprocess.run(
        ["git", "ls-files", "--", *paths],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()


def test_plugins_holds_exactly_three_entries():
    # Airflow executes every top-level .py there under its bare name.
    entries = {name.split("/")[1] for name in tracked("plugins")}
    assert entries == {".airflowignore", "leadloop_airflow.py", "leadloop"}
    assert (PROJECT_ROOT / "plugins" / ".airflowignore").read_text().split() == ["leadloop/"]


def test_dag_files_are_wiring_of_at_most_80_lines():
    for name in tracked("dags/*.py"):
        lines = (PROJECT_ROOT / name).read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 80, f"{name} has {len(lines)} lines: move the work into a module"
        assert not name.startswith("dags/dbt_"), f"{name}: dbt's own loader would shadow it"


def test_no_module_has_a_name_that_says_nothing():
    vague = re.compile(r"(^|_)(utils?|helpers?|common|manager|process|misc)(_|$)")
    bad = [path for path in PACKAGE.rglob("*.py") if vague.search(path.stem)]
    assert not bad, f"{bad}: name the thing it holds"


def test_functions_are_short_and_take_few_parameters():
    bad = []
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            is_command = any("command" in ast.unparse(item) for item in node.decorator_list)
            count = len(node.args.args) + len(node.args.kwonlyargs)
            first = node.body[0]
            has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            start = node.body[1].lineno if has_docstring and len(node.body) > 1 else first.lineno
            length = (node.end_lineno or 0) - start + 1
            if length > 40 and "migrations" not in path.parts:
                bad.append(f"{path}:{node.lineno} {node.name} has {length} lines (at most 40)")
            if count > 6 and not is_command:
                bad.append(f"{path}:{node.lineno} {node.name} takes {count}: use a dataclass")
    assert not bad, "\n".join(bad)


def test_the_lock_names_no_host():
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock, "make lock writes it without an index"
    assert "--hash=sha256:" in lock


def test_every_make_target_is_documented_and_unbuilt_ones_fail():
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    wanted = {"demo", "test", "test-long", "lint", "bench", "scoreboard", "up", "down", "bi"}
    assert wanted | {"clean", "help"} <= targets
    result = subprocess.run(["make", "-s", "bi"], cwd=PROJECT_ROOT, capture_output=True, text=True)
    assert result.returncode != 0
    assert "not built yet" in result.stderr


def test_no_file_carries_a_machine_path_or_registry_host():
    # Split, so that this file does not name what it forbids.
    forbidden = re.compile(r"/(wo" + r"rk|ro" + r"ot)/\w|(py" + r"pi|npm" + r"js)\.(org|net)")
    bad = []
    for name in tracked():
        path = PROJECT_ROOT / name
        if (
            not path.is_file()
            or path.suffix in {".png", ".gz", ".parquet"}
            or "static" in path.parts
        ):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if forbidden.search(line):
                bad.append(f"{name}:{number}: {line.strip()[:80]}")
    assert not bad, "\n".join(bad)
