"""Generated pages say what the code says."""

from __future__ import annotations

import re
import runpy

import pytest

from leadloop.settings import PROJECT_ROOT

WRITER = runpy.run_path(str(PROJECT_ROOT / "tools" / "write_docs.py"), run_name="docs")


@pytest.mark.parametrize("page", sorted(WRITER["PAGES"]))
def test_a_generated_page_is_what_the_code_says_today(page: str):
    written = (PROJECT_ROOT / "docs" / page).read_text(encoding="utf-8")
    assert written == WRITER["PAGES"][page](), "run `make docs` and commit the page"


def test_every_setting_read_from_the_environment_is_documented():
    read = set()
    for path in (PROJECT_ROOT / "plugins").rglob("*.py"):
        read |= set(re.findall(r"\bLEADLOOP_[A-Z_]+\b", path.read_text(encoding="utf-8")))
    page = (PROJECT_ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    missing = sorted(name for name in read if name not in page)
    assert not missing, f"add to .env.example (then `make docs`): {missing}"


def test_every_relative_link_in_the_docs_leads_somewhere():
    broken = []
    for page in [PROJECT_ROOT / "README.md", *PROJECT_ROOT.glob("docs/**/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.relative_to(PROJECT_ROOT)} -> {target}")
    assert not broken, "\n".join(broken)
