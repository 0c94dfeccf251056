"""Every dependency is listed with a licence that an Apache-2.0 product may depend on."""

from __future__ import annotations

import re

from leadloop.settings import PROJECT_ROOT

# Artistic: text-unidecode offers it beside the GPL. Weak copyleft (MPL) is used unchanged.
ALLOWED = re.compile(
    r"apache|mit\b|bsd|isc\b|psf|python software foundation|mozilla|mpl|unlicense|zlib|artistic",
    re.IGNORECASE,
)
# LGPL libraries, imported unchanged and replaceable by the user, which the licence allows. None
# other comes in unseen: psycopg2 is the driver of every PostgreSQL URL here, psycopg comes along
# with Airflow's PostgreSQL provider.
LESSER = {"psycopg2-binary", "psycopg", "psycopg-binary"}


def read_page() -> dict[str, str]:
    page = (PROJECT_ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z0-9-]+) \| (.*?) ?\|$", page, re.MULTILINE)
    return {name: licence for name, licence in rows if licence != "licence it states"}


def test_every_locked_package_states_a_licence_we_may_depend_on():
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {
        re.sub(r"[-_.]+", "-", name).lower()
        for name in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", lock, re.MULTILINE)
    }
    page = read_page()
    assert set(page) == locked, "run `make docs`"
    bad = {
        name: licence
        for name, licence in page.items()
        if not ALLOWED.search(licence) and not (name in LESSER and "LGPL" in licence)
    }
    assert not bad, f"no licence stated, or one we may not depend on: {bad}"


def test_vendored_assets_come_with_their_licence():
    folders = [
        folder
        for static in (PROJECT_ROOT / "plugins" / "leadloop").rglob("static")
        for folder in static.iterdir()
        if folder.is_dir()
    ]
    assert [folder for folder in folders if not (folder / "LICENSE").is_file()] == []
