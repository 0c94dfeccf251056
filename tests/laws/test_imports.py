"""Who may import whom, and who may import which library."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from leadloop.settings import PROJECT_ROOT

PACKAGE = PROJECT_ROOT / "plugins" / "leadloop"
STEPS = (
    "ingest",
    "quality",
    "language",
    "scoring",
    "insight",
    "rules",
    "actions",
    "effects",
    "publish",
)
TOP = (
    "acting",
    "cli",
    "web",
    "live",
    "evaluate",
    "cycles",
    "demo",
    "demo_story",
    "doctor",
    "launcher",
    "maintenance",
)
# Library -> the modules that may import it, as paths below the package (a folder ends in /).
OWNERS = {
    "airflow": ("cycles.py",),
    "great_expectations": ("quality/",),
    "dbt": ("transform.py",),
    "metricflow": ("metric_catalog.py",),
    "metricflow_semantics": ("metric_catalog.py",),
    "duckdb": ("warehouse.py",),
}
HEAVY = {"airflow", "numpy", "pandas", "pyarrow", "sklearn", *OWNERS}


def list_modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def list_imports(path: Path) -> set[tuple[str, int]]:
    """Return every imported module with its line, those inside functions included."""
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {id(child) for block in _type_checking_blocks(tree) for child in ast.walk(block)}
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            found |= {(alias.name, node.lineno) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add((node.module, node.lineno))
            if node.module == "leadloop":
                found |= {(f"leadloop.{alias.name}", node.lineno) for alias in node.names}
    return found


def _type_checking_blocks(tree: ast.Module) -> list[ast.If]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If)
        and isinstance(node.test, ast.Name)
        and node.test.id == "TYPE_CHECKING"
    ]


def room_of(path: Path) -> str:
    """Return the first folder or module name below the package."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_steps_never_import_each_other():
    broken = []
    for path in list_modules():
        room = room_of(path)
        if room not in STEPS:
            continue
        for name, line in list_imports(path):
            parts = name.split(".")
            if parts[0] == "leadloop" and len(parts) > 1 and parts[1] in {*STEPS, *TOP} - {room}:
                broken.append(f"{path}:{line} imports {name}: steps meet in tables, not in code")
    assert not broken, "\n".join(broken)


def test_the_kernel_imports_no_step_and_no_top():
    broken = []
    for path in list_modules():
        if room_of(path) in {*STEPS, *TOP, "simulate", "__init__"}:
            continue
        for name, line in list_imports(path):
            parts = name.split(".")
            if parts[0] == "leadloop" and len(parts) > 1 and parts[1] in {*STEPS, *TOP, "simulate"}:
                broken.append(f"{path}:{line} imports {name}: the kernel knows no step; move it up")
    assert not broken, "\n".join(broken)


def test_only_the_top_imports_the_simulator():
    broken = [
        f"{path}:{line} imports {name}: a pipeline must never see the simulator"
        for path in list_modules()
        if room_of(path) not in {"simulate", "evaluate", "cli", "demo"}
        for name, line in list_imports(path)
        if name.startswith("leadloop.simulate")
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_imported_by_its_owner_alone(library: str):
    broken = []
    for path in list_modules():
        below = str(path.relative_to(PACKAGE))
        if any(below == owner or below.startswith(owner) for owner in OWNERS[library]):
            continue
        broken += [
            f"{path}:{line} imports {name}: only {', '.join(OWNERS[library])} may; call that module"
            for name, line in list_imports(path)
            if name.split(".")[0] == library
        ]
    assert not broken, "\n".join(broken)


def test_importing_the_package_loads_no_heavy_library():
    # One process imports every module: what is loaded afterwards was imported at module level.
    names = [
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        for path in list_modules()
        if not {"migrations", "simulate"} & set(path.parts) and path.name != "cycles.py"
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name.removesuffix('.__init__'))\n"
        f"heavy = {HEAVY!r}\n"
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or 0)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.returncode == 0, f"loaded at import: {result.stderr}; import inside functions"
