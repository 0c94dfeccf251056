"""The team's set-up as data: docker-compose.yml with its variables filled in, the Dockerfile."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from leadloop.settings import PROJECT_ROOT

VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


@dataclass(frozen=True)
class Compose:
    """The compose file as it stands, and as it is with every variable at its default."""

    text: str
    content: dict[str, Any]

    @property
    def services(self) -> dict[str, dict[str, Any]]:
        return self.content["services"]

    @property
    def ours(self) -> dict[str, dict[str, Any]]:
        """The services that run our image."""
        return {name: item for name, item in self.services.items() if "build" in item}

    def commands(self, *start: str) -> dict[str, list[str]]:
        """Commands that begin so, by service."""
        found = {name: item.get("command", []) for name, item in self.services.items()}
        return {name: words for name, words in found.items() if tuple(words[: len(start)]) == start}


@pytest.fixture(scope="session")
def compose() -> Compose:
    text = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    return Compose(text, yaml.safe_load(VARIABLE.sub(lambda found: found[2], text)))


@pytest.fixture(scope="session")
def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile with their arguments, continued lines joined."""
    text = (PROJECT_ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    return [
        (word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines if line)
    ]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    """A folder of secrets as a team makes it."""
    folder = tmp_path / "secrets"
    make_secrets(folder)
    return folder


def make_secrets(folder: Path) -> str:
    command = [PROJECT_ROOT / "tools" / "make_secrets", folder]
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout + done.stderr


@pytest.fixture
def run_make_secrets():
    return make_secrets
