"""The Dockerfile: it copies what is there and what is needed, and ends as nobody of importance."""

from __future__ import annotations

import re

from leadloop.settings import PROJECT_ROOT


def list_copied(dockerfile):
    """Sources that are copied from the project, with their target."""
    for word, rest in dockerfile:
        if word == "COPY" and not rest.startswith("--from"):
            *sources, target = rest.split()
            yield from ((source, target) for source in sources)


def test_what_is_copied_is_there_and_passes_the_ignore_file(dockerfile):
    ignore = (PROJECT_ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignore
    passed = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    for source, _ in list_copied(dockerfile):
        assert (PROJECT_ROOT / source).exists(), source
        assert source.split("/")[0] in passed, f"{source} is ignored"


def test_no_secret_and_no_data_can_get_into_the_image(dockerfile):
    copied = {source.split("/")[0] for source, _ in list_copied(dockerfile)}
    assert not copied & {".", ".env", ".git", "secrets", "tests", "var"}
    assert not [rest for word, rest in dockerfile if word == "ADD"]
    assert not [rest for word, rest in dockerfile if word in ("ARG", "ENV") and "KEY" in rest]


def test_every_folder_that_the_code_reads_is_in_the_image(dockerfile):
    needed = {"plugins", "dags", "dbt_project", "expectations", "config"}
    copied = {source for source, _ in list_copied(dockerfile)}
    assert needed <= copied
    named = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"tools/\w+", named.partition("\nname:")[2])) <= copied


def test_the_image_ends_as_a_user_who_is_not_root_and_whom_compose_names(dockerfile, compose):
    users = [rest for word, rest in dockerfile if word == "USER"]
    assert users == ["10001:10001"]
    assert {item["user"] for item in compose.ours.values()} == set(users)
    created = " ".join(rest for word, rest in dockerfile if word == "RUN")
    assert "useradd --uid 10001 " in created


def test_the_python_of_the_image_is_one_that_the_project_supports(dockerfile):
    bases = {rest.split(" AS ")[0] for word, rest in dockerfile if word == "FROM"}
    assert bases == {"python:3.11-slim-bookworm"}
    assert 'requires-python = ">=3.11,<3.14"' in (PROJECT_ROOT / "pyproject.toml").read_text()


def test_the_image_installs_the_team_s_packages_in_the_locked_versions_without_those_of_tests(
    dockerfile,
):
    installs = [rest for word, rest in dockerfile if word == "RUN" and "--requirements" in rest]
    assert len(installs) == 1
    assert "--constraints requirements.lock" in installs[0]
    assert re.findall(r"--extra (\w+)", installs[0]) == ["team"]
    lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.search(r"^celery\[redis\]==5\.[0-6]\.", lock, re.MULTILINE)
    assert re.search(r"^apache-airflow-providers-celery==", lock, re.MULTILINE)


def test_back_ups_are_made_by_a_client_as_new_as_the_server(dockerfile, compose):
    text = " ".join(rest for word, rest in dockerfile if word == "RUN")
    (client,) = re.findall(r"postgresql-client-(\d+)", text)
    assert compose.services["postgres"]["image"] == f"postgres:{client}-bookworm"


def test_paths_in_the_image_are_those_that_compose_uses(dockerfile, compose):
    (values,) = [rest for word, rest in dockerfile if word == "ENV"]
    paths = dict(part.split("=", 1) for part in values.split())
    workdirs = {rest for word, rest in dockerfile if word == "WORKDIR"}
    assert workdirs == {"/opt/leadloop"}
    assert paths["PATH"].startswith("/opt/leadloop/.venv/bin:")
    home = paths["LEADLOOP_HOME"]
    environment = compose.services["scheduler"]["environment"]
    assert environment["AIRFLOW__CORE__DAGS_FOLDER"] == "/opt/leadloop/dags"
    assert environment["AIRFLOW__LOGGING__BASE_LOG_FOLDER"].startswith(home)
    assert f"home:{home}" in compose.services["scheduler"]["volumes"]
