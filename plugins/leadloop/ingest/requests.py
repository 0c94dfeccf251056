"""One request to an API: its pace, its signature, its repeats, its limits.

`api` asks page by page through a `Client`; which answers count as failures is decided here.
"""

from __future__ import annotations

import base64
import email.utils
import hashlib
import hmac
import json
import random
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest import IngestError
from leadloop.privacy.mask import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from leadloop.ingest.sources import ApiSource, Hmac

_RETRIED: Final = (408, 425, 429, 500, 502, 503, 504)
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0


@dataclass(frozen=True, slots=True)
class Clock:
    """Time and chance, so that tests need not wait."""

    tick: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent: an address with its parameters, and a body for POST."""

    url: str
    query: dict[str, str]
    body: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: decoded JSON, and the answer itself for its headers and links."""

    content: Any
    response: httpx.Response


class _Retry(Exception):  # noqa: N818
    """An attempt failed in a way that may pass; `wait` is what the server asked for."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


@dataclass(slots=True)
class Client:
    """Sends calls one after the other, no faster than the source allows, and counts them."""

    source: ApiSource
    secret: str | None
    http: httpx.Client
    clock: Clock = field(default_factory=Clock)
    requests: int = 0
    repeats: int = 0
    received: int = 0
    next_at: float = 0.0

    def ask(self, call: Call) -> Answer:
        """Return the answer of a call, repeated where that may help; IngestError where not."""
        for attempt in range(self.source.retries + 1):
            try:
                return self._try(call)
            except _Retry as failure:
                if attempt == self.source.retries:
                    message = (
                        f"{self._name(call)} failed {attempt + 1} times, last: {failure}. Nothing "
                        "of this pull was kept; run it again when the API is well, or raise "
                        "`retries`."
                    )
                    raise IngestError(message) from failure
                self._wait(call, attempt, failure)
        raise AssertionError

    def _try(self, call: Call) -> Answer:
        import httpx

        self._keep_pace()
        self.requests += 1
        request = self._build(call)
        try:
            response = self.http.send(request, stream=True)
            try:
                text = self._read(call, response)
            finally:
                response.close()
        except (httpx.TransportError, httpx.DecodingError) as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise _Retry(reason) from error
        return self._judge(call, response, text)

    def _build(self, call: Call) -> httpx.Request:
        body = None
        headers = {"Accept": "application/json", **self.source.headers}
        if call.body is not None:
            body = json.dumps(call.body, ensure_ascii=False, separators=(",", ":")).encode()
            headers["Content-Type"] = "application/json"
        request = self.http.build_request(
            self.source.method, call.url, params=call.query or None, content=body, headers=headers
        )
        self._sign(request)
        return request

    def _sign(self, request: httpx.Request) -> None:
        auth, secret = self.source.auth, self.secret or ""
        if auth is None:
            return
        if auth.kind == "bearer":
            request.headers["Authorization"] = f"Bearer {secret}"
        elif auth.kind == "basic":
            login = base64.b64encode(f"{auth.user}:{secret}".encode()).decode()
            request.headers["Authorization"] = f"Basic {login}"
        elif auth.kind == "header":
            request.headers[auth.name] = auth.prefix + secret
        else:
            stamp = str(int(datetime.now(UTC).timestamp()))
            request.headers[auth.timestamp_header] = stamp
            request.headers[auth.header] = auth.prefix + sign(auth, secret, stamp, request)

    def _read(self, call: Call, response: httpx.Response) -> bytes:
        limit = self.source.max_megabytes * 1e6
        parts = []
        for part in response.iter_bytes():
            self.received += len(part)
            parts.append(part)
            if self.received > limit:
                message = (
                    f"{self._name(call)} has sent more than {self.source.max_megabytes} MB. "
                    "Nothing was kept: ask for less (a shorter span), or raise `max_megabytes`."
                )
                raise IngestError(message)
        return b"".join(parts)

    def _judge(self, call: Call, response: httpx.Response, text: bytes) -> Answer:
        code, said = response.status_code, _quote(text)
        if code in _RETRIED:
            raise _Retry(f"status {code}{said}", read_retry_after(response))
        if code != 200:
            message = (
                f"{self._name(call)} answered {code}{said}. Nothing was kept. Wanted "
                "200: check url, query and auth of the source."
            )
            raise IngestError(message)
        try:
            content = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise _Retry(f"an answer that is no JSON{said}") from error
        self._check_verdict(call, content)
        return Answer(content, response)

    def _check_verdict(self, call: Call, content: Any) -> None:
        verdict = self.source.ok
        if verdict is None:
            return
        said = str(reach(content, verdict.path))
        if said in verdict.values:
            return
        shown = mask_text(json.dumps(content, ensure_ascii=False))[:200]
        if said in verdict.retry:
            raise _Retry(f"{verdict.path} {said}: {shown}")
        message = (
            f"{self._name(call)} answered 200 with {verdict.path} {said}: {shown}. Wanted one of "
            f"{', '.join(verdict.values)}. Nothing was kept."
        )
        raise IngestError(message)

    def _keep_pace(self) -> None:
        if (wait := self.next_at - self.clock.tick()) > 0:
            self.clock.sleep(wait)
        if self.source.requests_per_minute:
            self.next_at = self.clock.tick() + 60 / self.source.requests_per_minute

    def _wait(self, call: Call, attempt: int, failure: _Retry) -> None:
        self.repeats += 1
        if failure.wait is not None and failure.wait > self.source.max_wait_seconds:
            message = (
                f"{self._name(call)}: {failure}; it asks to wait {failure.wait:.0f} s, more than "
                f"max_wait_seconds {self.source.max_wait_seconds:.0f}. Nothing was kept; run the "
                "pull again later."
            )
            raise IngestError(message)
        # Half of the wait is chance, so that many clients do not come back together.
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2**attempt) * (0.5 + self.clock.chance() / 2)
        self.clock.sleep(wait if failure.wait is None else failure.wait)

    def _name(self, call: Call) -> str:
        # Parameters stay out of messages: a cursor or a phone number may be among them.
        return f"Source {self.source.name}: {self.source.method} {call.url.split('?')[0]}"


def sign(auth: Hmac, secret: str, stamp: str, request: httpx.Request) -> str:
    """Return the signature of a request as its source's file says."""
    text = auth.message
    parts = {
        "timestamp": stamp,
        "method": request.method,
        "path": request.url.path,
        "query": request.url.query.decode(),
        "body": request.content.decode(),
    }
    # The body comes last: what looks like a placeholder in it is none.
    for name, value in parts.items():
        text = text.replace("{" + name + "}", value)
    digest = hmac.new(secret.encode(), text.encode(), getattr(hashlib, auth.algorithm))
    if auth.encoding == "hex":
        return digest.hexdigest()
    return base64.b64encode(digest.digest()).decode()


def read_retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that an answer asks to wait, given as a number or as a time."""
    text = response.headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return float(max(0.0, (when - datetime.now(UTC)).total_seconds()))


def reach(content: Any, path: str) -> Any:
    """Return what lies at a path of names and places joined with dots; None where nothing does.

    >>> reach({"data": {"list": [{"id": 7}]}}, "data.list.0.id")
    7
    """
    for part in filter(None, path.split(".")):
        if isinstance(content, dict):
            content = content.get(part)
        elif isinstance(content, list) and part.isdigit() and int(part) < len(content):
            content = content[int(part)]
        else:
            return None
    return content


def _quote(answer: bytes) -> str:
    text = mask_text(answer[:1200].decode("utf-8", "replace").strip()[:300])[:200]
    return f" ({text})" if text else ""
