"""One home for all state, and a company file whose mistakes are all named at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadloop.errors import UsageError
from leadloop.settings import PROJECT_ROOT, Home, load_company, load_settings

MINIMAL = "tenant_id: t\nname: T\n"


def write_company(folder: Path, text: str) -> Path:
    path = folder / "company.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_home_is_var_in_the_project_unless_told_otherwise(tmp_path: Path):
    assert load_settings({}).home.root == PROJECT_ROOT / "var"
    assert load_settings({"LEADLOOP_HOME": str(tmp_path)}).home.root == tmp_path


def test_every_folder_of_the_home_lies_under_its_root(tmp_path: Path):
    home = Home(tmp_path)
    folders = [
        getattr(home, name) for name in dir(Home) if isinstance(getattr(Home, name), property)
    ]
    assert len(folders) >= 15
    assert all(folder.is_relative_to(tmp_path) for folder in folders)


def test_the_operations_store_is_sqlite_under_the_home_unless_a_url_is_given(tmp_path: Path):
    own = load_settings({"LEADLOOP_HOME": str(tmp_path)})
    assert own.operations_url == f"sqlite:///{tmp_path}/operations.db"
    team = load_settings({"LEADLOOP_OPERATIONS_URL": "postgresql+psycopg2://db/ops"})
    assert team.operations_url == "postgresql+psycopg2://db/ops"


def test_the_address_of_the_store_may_come_in_a_file_which_the_variable_itself_overrules(tmp_path):
    file = tmp_path / "url"
    file.write_text("postgresql+psycopg2://me:secret@db/ops\n", encoding="utf-8")
    environ = {"LEADLOOP_OPERATIONS_URL_FILE": str(file)}
    assert load_settings(environ).operations_url == "postgresql+psycopg2://me:secret@db/ops"
    environ["LEADLOOP_OPERATIONS_URL"] = "sqlite:///mine.db"
    assert load_settings(environ).operations_url == "sqlite:///mine.db"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(None, "cannot be read", id="no such file"),
        pytest.param("\n", "is empty", id="an empty file"),
    ],
)
def test_a_secret_file_without_a_secret_is_named(tmp_path, content, said):
    file = tmp_path / "url"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=f"LEADLOOP_OPERATIONS_URL_FILE.*{said}") as error:
        load_settings({"LEADLOOP_OPERATIONS_URL_FILE": str(file)})
    assert str(file) in str(error.value)


def test_a_port_that_is_no_number_is_refused_by_name():
    with pytest.raises(UsageError, match="LEADLOOP_PORT is 'web'"):
        load_settings({"LEADLOOP_PORT": "web"})


def test_a_configuration_folder_of_ones_own_falls_back_to_the_project_file_by_file(tmp_path: Path):
    write_company(tmp_path, MINIMAL + "timezone: Asia/Jerusalem\nweek_start: sunday\n")
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "mine.yml").touch()
    settings = load_settings({"LEADLOOP_CONFIG": str(tmp_path)})
    assert settings.company.timezone == "Asia/Jerusalem"
    assert settings.company.week_start == "sunday"
    assert settings.config_file("maps", "mine.yml") == tmp_path / "maps" / "mine.yml"
    shipped = PROJECT_ROOT / "config" / "maps" / "anonbank.yml"
    assert settings.config_file("maps", "anonbank.yml") == shipped


def test_the_shipped_company_file_is_valid():
    assert load_company(PROJECT_ROOT / "config" / "company.yml").tenant_id == "demo"


def test_all_mistakes_of_a_company_file_are_named_at_once(tmp_path: Path):
    path = write_company(
        tmp_path, MINIMAL + "timezone: Asia/Peking\nshort_talk_seconds: -1\nwekk_start: monday\n"
    )
    with pytest.raises(UsageError) as error:
        load_company(path)
    message = str(error.value)
    assert "3 mistake(s)" in message
    for seen in ("Asia/Peking", "short_talk_seconds", "wekk_start", str(path)):
        assert seen in message


def test_a_company_file_that_is_no_yaml_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match=r"company\.yml cannot be read"):
        load_company(write_company(tmp_path, "tenant_id: [\n"))


def test_opening_hours_become_seconds_of_each_kind_of_day(tmp_path: Path):
    hours = 'opening_hours: {workday: ["09:00-12:00", "13:00-18:00"], holiday: ["10:00-24:00"]}\n'
    company = load_company(write_company(tmp_path, MINIMAL + hours))
    assert company.opening_hours.ranges == [
        ("workday", 32_400, 43_200),
        ("workday", 46_800, 64_800),
        ("holiday", 36_000, 86_400),
    ]


@pytest.mark.parametrize(
    ("ranges", "said"),
    [
        pytest.param('["9-18"]', "no range of a day", id="no clock times"),
        pytest.param('["18:00-09:00"]', "a night is two ranges", id="through the night"),
        pytest.param('["09:00-12:00", "11:00-18:00"]', "after the range before it", id="overlap"),
        pytest.param('["09:00-24:30"]', "must end after", id="after midnight"),
    ],
)
def test_opening_hours_that_no_day_can_have_are_refused(tmp_path: Path, ranges, said):
    path = write_company(tmp_path, f"{MINIMAL}opening_hours: {{workday: {ranges}}}\n")
    with pytest.raises(UsageError, match=said):
        load_company(path)
