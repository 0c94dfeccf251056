"""Pulls an HTTP API page by page; `requests` sends, `pull` keeps what comes."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from leadloop.ingest import IngestError
from leadloop.ingest.requests import Call, Client, Clock, reach

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.ingest.requests import Answer
    from leadloop.ingest.sources import ApiSource, Paging
    from leadloop.ingest.spans import Span

# An API that does not know the parameter answers the same page for ever.
_SAME_PAGES: Final = 3


@dataclass(slots=True)
class Traffic:
    """What a pull cost; filled while it runs."""

    pages: int = 0
    requests: int = 0
    repeats: int = 0
    received: int = 0


@dataclass(slots=True)
class _Walk:
    """Where a pull stands among the pages of an API."""

    call: Call
    number: int
    taken: int = 0
    states: set[str] = field(default_factory=set)
    pages: Counter[bytes] = field(default_factory=Counter)


def fetch_records(
    source: ApiSource, secret: str | None, span: Span, traffic: Traffic, clock: Clock | None = None
) -> Iterator[dict[str, Any]]:
    """Give the records of a span, page by page; a page is in memory, never the whole."""
    import httpx

    walk = _begin(source, span)
    timeout = httpx.Timeout(source.timeout_seconds)
    # A redirect could carry the secret elsewhere: it is an answer that is not 200.
    with httpx.Client(timeout=timeout, follow_redirects=False) as http:
        client = Client(source, secret, http, clock or Clock())
        while True:
            answer = client.ask(walk.call)
            traffic.pages += 1
            traffic.requests, traffic.repeats = client.requests, client.repeats
            traffic.received = client.received
            records = _list_records(source, answer)
            _check_same_page(source, walk, records)
            yield from records
            walk.taken += len(records)
            if not _turn(source, walk, answer, len(records)):
                return
            if traffic.pages >= source.max_pages:
                message = (
                    f"Source {source.name} has more than {source.max_pages} pages. Nothing was "
                    "kept: ask for a shorter span, or raise `max_pages`."
                )
                raise IngestError(message)


def _begin(source: ApiSource, span: Span) -> _Walk:
    values = span.write(source.time_format, source.zone)
    query = {name: str(item) for name, item in _fill(source.query, values).items()}
    body = None if source.body is None else _fill(source.body, values)
    walk = _Walk(Call(source.url, query, body), 0)
    if paging := source.paging:
        walk.number = paging.first if paging.by == "page" else 0
        if paging.size and paging.size_parameter:
            walk.call = _set(walk.call, paging, paging.size_parameter, paging.size)
        if paging.by in ("page", "offset"):
            walk.call = _set(walk.call, paging, str(paging.parameter), walk.number)
    return walk


def _fill(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _fill(item, values) for key, item in value.items()}
    if isinstance(value, list):
        return [_fill(item, values) for item in value]
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace("{" + name + "}", text)
    return value


def _set(call: Call, paging: Paging, name: str, value: Any) -> Call:
    if paging.place == "body":
        return replace(call, body={**(call.body or {}), name: value})
    return replace(call, query={**call.query, name: str(value)})


def _list_records(source: ApiSource, answer: Answer) -> list[dict[str, Any]]:
    found = reach(answer.content, source.records)
    if found is None and source.records:
        parent, _, last = source.records.rpartition(".")
        outer = reach(answer.content, parent)
        # `"list": null` is how many an API writes an empty list; a path that is not there is not.
        if isinstance(outer, dict) and last in outer:
            return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        names = ", ".join(answer.content) if isinstance(answer.content, dict) else "a list"
        message = (
            f"Source {source.name}: no list of records at {source.records or '(the top)'!r}; the "
            f"answer has: {names}. Nothing was kept: correct `records` in the source's file."
        )
        raise IngestError(message)
    return found


def _check_same_page(source: ApiSource, walk: _Walk, records: list[dict[str, Any]]) -> None:
    if not records:
        return
    text = json.dumps(records, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    walk.pages[digest] += 1
    if walk.pages[digest] >= _SAME_PAGES:
        message = (
            f"Source {source.name} has answered the same page {_SAME_PAGES} times: it does not "
            "heed `paging.parameter`, or it repeats its last page (give `total` or `more`). "
            "Nothing was kept."
        )
        raise IngestError(message)


def _turn(source: ApiSource, walk: _Walk, answer: Answer, count: int) -> bool:
    """Turn to the next page; return whether there is one."""
    paging = source.paging
    if paging is None or (paging.more and not _is_yes(reach(answer.content, paging.more))):
        return False
    if paging.by in ("cursor", "link"):
        return _follow(source, paging, walk, answer)
    if not count:
        return False
    if paging.total:
        total = reach(answer.content, paging.total)
        if total is not None and walk.taken >= int(total):
            return False
    elif not paging.more and paging.size and count < paging.size:
        return False
    # By what was given, not by what was asked for: a server may cap the size.
    walk.number = walk.number + 1 if paging.by == "page" else walk.taken
    walk.call = _set(walk.call, paging, str(paging.parameter), walk.number)
    return True


def _follow(source: ApiSource, paging: Paging, walk: _Walk, answer: Answer) -> bool:
    if paging.header and paging.header.lower() == "link":
        found: Any = answer.response.links.get("next", {}).get("url")
    elif paging.header:
        found = answer.response.headers.get(paging.header)
    else:
        found = reach(answer.content, str(paging.path))
    if found in (None, "", False):
        return False
    if str(found) in walk.states:
        message = (
            f"Source {source.name} goes in a circle: its {paging.by} of page "
            f"{len(walk.states) + 1} has led there before. Nothing was kept; tell the API's owner."
        )
        raise IngestError(message)
    walk.states.add(str(found))
    if paging.by == "cursor":
        walk.call = _set(walk.call, paging, str(paging.parameter), found)
        return True
    link = urljoin(walk.call.url, str(found))
    here, there = urlsplit(source.url), urlsplit(link)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        message = (
            f"Source {source.name} links on to {there.scheme}://{there.netloc}; only "
            f"{here.scheme}://{here.netloc} gets the secret. Nothing was kept."
        )
        raise IngestError(message)
    walk.call = replace(walk.call, url=link, query={})
    return True


def _is_yes(value: Any) -> bool:
    return str(value).lower() in ("true", "1", "yes", "y")
