"""A running `leadloop live`: a process of its own, as a company runs it."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from leadloop.live.intake import sign_body
from leadloop.settings import Settings

SECRET = "shared with the shop"
SITE = "https://shop.example"
SOURCES = {
    "shop": {"kind": "events", "name": "shop"},
    "site": {
        "kind": "events", "name": "site", "types": ["funnel_event"], "public_keys": ["pk_site"],
        "origins": [SITE, "http://127.0.0.1"], "max_kilobytes": 4,
    },
    "hasty": {
        "kind": "events", "name": "hasty", "requests_per_minute": 6, "public_keys": ["pk_hasty"],
        "origins": [SITE],
    },
}  # fmt: skip


@dataclass
class Live:
    """A service that takes events in, and how to send to it."""

    settings: Settings
    url: str
    process: subprocess.Popen[str]

    def send(self, body: Any, query: str = "", headers: dict[str, str] | None = None) -> tuple:
        """Return status, content and headers of an answer."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.url}{query}", raw, {"Content-Type": "application/cloudevents+json",
                                        **(headers or {})},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read()), answer.headers
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read()), error.headers

    def sign(self, body: Any, source: str = "shop", *, at: float | None = None) -> tuple:
        """Send as a server that holds the secret."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = str(int(time.time() if at is None else at))
        return self.send(raw, f"?source={source}", {
            "X-Leadloop-Timestamp": stamp, "X-Leadloop-Signature": sign_body(SECRET, stamp, raw),
        })  # fmt: skip

    def read_log(self, source: str, table: str = "funnel_event") -> list[dict[str, Any]]:
        """Return the events that are on the disk."""
        folder = self.settings.home.inbox / "events" / source / table
        files = sorted([*folder.glob("*.jsonl"), *folder.glob(".*.open")])
        return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def make_event(key: str, **changes: Any) -> dict[str, Any]:
    """One CloudEvent: a lead was quoted a price, a minute ago."""
    data = {"entity_type": "lead", "entity_id": "L1", "stage": "quoted"}
    moment = datetime.now(UTC).isoformat()
    return {
        "specversion": "1.0", "id": key, "source": "crm", "type": "leadloop.funnel_event",
        "time": moment, "data": data, **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
def start_live(run_live, tmp_path_factory):
    """Start services of these sources, in a home of their own or in one that is there."""

    def start(root=None) -> Live:
        return Live(*run_live(root or tmp_path_factory.mktemp("live"), SOURCES, SECRET))

    return start


@pytest.fixture(scope="module")
def live(start_live) -> Live:
    """One service for the tests of a file."""
    return start_live()


@pytest.fixture
def event():
    """Return `make_event`, which tests cannot import."""
    return make_event
