"""Keys: one for each purpose, made once, never the demo's public one outside the demo."""

from __future__ import annotations

import multiprocessing
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from leadloop.errors import UsageError
from leadloop.keys import DEMO_KEY, VARIABLES, install_demo_keys, load_key
from leadloop.settings import Settings, load_settings


def rename(settings: Settings, tenant_id: str) -> Settings:
    return replace(settings, company=settings.company.model_copy(update={"tenant_id": tenant_id}))


@pytest.mark.parametrize("purpose", VARIABLES)
def test_a_key_is_made_once_and_is_readable_by_its_owner_only(settings: Settings, purpose):
    key = load_key(settings, purpose, {})
    assert len(key) == 64
    assert load_key(settings, purpose, {}) == key
    mode = (settings.home.secrets / f"{purpose}.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_every_purpose_has_a_key_of_its_own(settings: Settings):
    keys = {load_key(settings, purpose, {}) for purpose in VARIABLES}
    assert len(keys) == len(VARIABLES) == 4


@pytest.mark.parametrize(("purpose", "names"), VARIABLES.items(), ids=VARIABLES)
def test_the_environment_or_a_file_it_names_comes_before_the_home(
    settings: Settings, tmp_path: Path, purpose, names
):
    file = tmp_path / "key"
    file.write_text("from a file\n", encoding="ascii")
    assert load_key(settings, purpose, {names[0]: "given"}) == b"given"
    assert load_key(settings, purpose, {names[1]: str(file)}) == b"from a file"
    assert not settings.home.secrets.exists()


def test_a_file_that_cannot_be_read_is_named(settings: Settings):
    with pytest.raises(
        UsageError, match="LEADLOOP_SIGNING_KEY_FILE is '/nowhere/key', which cannot be read"
    ):
        load_key(settings, "signing", {"LEADLOOP_SIGNING_KEY_FILE": "/nowhere/key"})


def test_an_empty_key_file_is_no_key(settings: Settings, tmp_path: Path):
    (tmp_path / "key").touch()
    with pytest.raises(UsageError, match="which is empty; wanted the secret in it"):
        load_key(settings, "assignment", {"LEADLOOP_ASSIGNMENT_KEY_FILE": str(tmp_path / "key")})
    settings.home.secrets.mkdir(parents=True)
    (settings.home.secrets / "assignment.key").touch()
    with pytest.raises(UsageError, match="assignment key is empty"):
        load_key(settings, "assignment", {})


def test_the_demo_s_key_is_accepted_for_the_demo_alone(settings: Settings):
    install_demo_keys(settings)
    assert {load_key(settings, purpose, {}) for purpose in VARIABLES} == {DEMO_KEY}
    for purpose in VARIABLES:
        with pytest.raises(UsageError, match="'acme' is the demo's, which everybody knows"):
            load_key(rename(settings, "acme"), purpose, {})


def test_the_demo_s_key_is_refused_from_the_environment_too(settings: Settings):
    given = {"LEADLOOP_PHONE_HASH_KEY": DEMO_KEY.decode()}
    assert load_key(settings, "phone_hash", given) == DEMO_KEY
    with pytest.raises(UsageError, match="everybody knows"):
        load_key(rename(settings, "acme"), "phone_hash", given)


def test_another_company_cannot_be_given_the_demo_s_keys(settings: Settings):
    with pytest.raises(UsageError, match="only tenant_id demo"):
        install_demo_keys(rename(settings, "acme"))
    assert not settings.home.secrets.exists()


def test_keys_that_are_there_are_not_replaced_by_the_demo_s(settings: Settings):
    key = load_key(settings, "phone_hash", {})
    install_demo_keys(settings)
    assert load_key(settings, "phone_hash", {}) == key


def _load_key(root: str) -> bytes:
    return load_key(load_settings({"LEADLOOP_HOME": root}), "phone_hash", {})


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = pool.map(_load_key, [str(tmp_path)] * 16)
    assert len(set(keys)) == 1
