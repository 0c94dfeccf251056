"""An API in all its moods, played by a real server: paging, trouble, limits, signatures."""

from __future__ import annotations

import gzip
import json
import socket
from datetime import UTC, datetime

import httpx
import pytest

from leadloop.ingest import IngestError
from leadloop.ingest.requests import read_retry_after

ITEMS = [{"id": f"o{number}"} for number in range(1, 6)]
NEXT = {"paging": {"by": "cursor", "parameter": "after", "path": "next"}}


@pytest.fixture
def source(api, write_source):
    """A source that asks the server, some settings changed."""

    def make(**changes):
        content = {"kind": "api", "url": f"{api.url}/orders", "records": "items", **changes}
        return write_source(**{key: item for key, item in content.items() if item is not None})

    return make


def test_the_day_is_asked_for_in_the_company_s_time(api, source, pull, pulled):
    query = {"day": "{date}", "from": "{since}", "to": "{until}", "limit": 50}
    api.answer = lambda _seen: {"items": ITEMS}
    pull(source(url=f"{api.url}/{{date}}/orders", query=query))
    assert api.seen[0].address.path == "/2026-01-05/orders"
    assert api.seen[0].query == {
        "day": "2026-01-05",
        "from": "2026-01-04T16:00:00Z",
        "to": "2026-01-05T16:00:00Z",
        "limit": "50",
    }
    assert pulled() == ITEMS


@pytest.mark.parametrize(
    ("time_format", "zone", "written"),
    [
        ("%Y-%m-%d %H:%M", "Asia/Shanghai", "2026-01-05 00:00"),
        ("epoch", None, "1767542400"),
        ("epoch_ms", None, "1767542400000"),
    ],
)
def test_times_are_written_as_the_api_wants_them(api, source, pull, time_format, zone, written):
    pull(source(query={"from": "{since}"}, time_format=time_format, zone=zone))
    assert api.seen[0].query == {"from": written}


def give_pages(key, size=2):
    """Answer as an API that pages by number or by offset, and caps a page at `size`."""

    def answer(seen):
        start = int(seen.query[key])
        start = (start - 1) * size if key == "page" else start
        rest = ITEMS[start + size :]
        return {"items": ITEMS[start : start + size], "total": len(ITEMS), "more": bool(rest)}

    return answer


@pytest.mark.parametrize(
    ("paging", "asked"),
    [
        pytest.param({"by": "page", "parameter": "page"}, "1 2 3 4", id="until one is empty"),
        pytest.param({"by": "page", "parameter": "page", "total": "total"}, "1 2 3", id="total"),
        pytest.param({"by": "page", "parameter": "page", "more": "more"}, "1 2 3", id="more"),
        pytest.param({"by": "offset", "parameter": "start"}, "0 2 4 5", id="offset"),
        pytest.param(
            {"by": "offset", "parameter": "start", "size": 100, "size_parameter": "n"},
            "0 2 4 5",
            id="a size that the server caps",
        ),
    ],
)
def test_every_page_is_read_once(api, source, pull, pulled, paging, asked):
    api.answer = give_pages(paging["parameter"])
    pull(source(paging=paging))
    assert [seen.query[paging["parameter"]] for seen in api.seen] == asked.split()
    assert {seen.query.get("n") for seen in api.seen} == {"100" if "size" in paging else None}
    assert pulled() == ITEMS


@pytest.mark.parametrize("place", ["path", "header"])
def test_a_cursor_is_followed_until_there_is_none(api, source, pull, pulled, place):
    def answer(seen):
        number = int(seen.query.get("after", "a0")[1:])
        following = f"a{number + 1}" if number < 4 else ""
        return 200, {"X-Next": following}, {"items": [ITEMS[number]], "next": following}

    api.answer = answer
    where = {"path": "next"} if place == "path" else {"header": "X-Next"}
    pull(source(paging={"by": "cursor", "parameter": "after", **where}, query={"q": "x"}))
    assert [seen.query.get("after") for seen in api.seen] == [None, "a1", "a2", "a3", "a4"]
    assert {seen.query["q"] for seen in api.seen} == {"x"}
    assert pulled() == ITEMS


@pytest.mark.parametrize("place", ["path", "header"])
def test_a_link_is_followed_as_it_stands(api, source, pull, pulled, place):
    def answer(seen):
        number = int(seen.query.get("n", 0))
        link = f"/orders?n={number + 1}" if number < 4 else None
        headers = {"Link": f'<{api.url}{link}>; rel="next"'} if link else {}
        return 200, headers, {"items": [ITEMS[number]], "next": link}

    api.answer = answer
    where = {"path": "next"} if place == "path" else {"header": "Link"}
    pull(source(paging={"by": "link", **where}, query={"q": "x"}))
    assert [seen.query for seen in api.seen] == [{"q": "x"}, *({"n": f"{n}"} for n in range(1, 5))]
    assert pulled() == ITEMS


def answer_in_turn(*answers):
    """Answer each request with the next; the last one for ever."""
    left = list(answers)
    return lambda _seen: left.pop(0) if len(left) > 1 else left[0]


def test_a_server_that_fails_is_asked_again_ever_more_slowly(api, source, pull, pulled, passed):
    broken = (500, {}, b"oops")
    api.answer = answer_in_turn(broken, broken, (503, {}, b""), {"items": ITEMS})
    pull(source())
    # 1, 2 and 4 seconds, of which the fake chance leaves three quarters.
    assert passed.slept == [0.75, 1.5, 3.0]
    assert pulled() == ITEMS


def fail(pull, source):
    """Return the message of a pull that fails, which leaves nothing behind."""
    with pytest.raises(IngestError) as caught:
        pull(source)
    return str(caught.value)


@pytest.fixture
def is_empty(shop):
    """Tell whether pulls have left no file, not even a draft."""
    folder = shop.home.inbox / "sources" / "shop"
    return lambda: not [path for path in folder.glob("**/*") if path.is_file()]


@pytest.mark.parametrize(
    ("answer", "said", "requests"),
    [
        pytest.param((500, {}, b"oops"), "failed 3 times, last: status 500 (oops)", 3, id="500"),
        pytest.param(b"<html>Sign in</html>", "an answer that is no JSON (<html>", 3, id="html"),
        pytest.param((404, {}, b"no"), "answered 404 (no). Nothing was kept. Wanted 200", 1),
        pytest.param((302, {"Location": "http://127.0.0.1:9/"}, b""), "answered 302", 1),
        pytest.param((204, {}, b""), "answered 204", 1),
        pytest.param({"rows": []}, "no list of records at 'items'; the answer has: rows", 1),
        pytest.param({"items": [1]}, "no list of records at 'items'", 1, id="no objects"),
        pytest.param((429, {"Retry-After": "3600"}, b""), "asks to wait 3600 s, more than", 1),
        pytest.param((200, {"Content-Encoding": "gzip"}, b"torn"), "DecodingError", 3, id="gzip"),
    ],
)
def test_an_answer_that_is_none_stops_the_pull(api, source, pull, is_empty, answer, said, requests):
    api.answer = lambda _seen: answer
    assert said in fail(pull, source(retries=2))
    assert len(api.seen) == requests
    assert is_empty()


def test_an_error_on_a_later_page_keeps_nothing_of_the_earlier_ones(api, source, pull, is_empty):
    api.answer = answer_in_turn({"items": ITEMS, "next": "b"}, (403, {}, b"expired"))
    assert "answered 403 (expired)" in fail(pull, source(**NEXT))
    assert is_empty()


def test_an_error_inside_an_answer_of_200_is_an_error(api, source, pull, is_empty):
    api.answer = lambda _seen: {"code": 40001, "msg": "no right for 13812345678", "items": []}
    message = fail(pull, source(ok={"path": "code", "values": [0]}))
    assert "answered 200 with code 40001" in message
    assert "13812345678" not in message
    assert len(api.seen) == 1
    assert is_empty()


def test_a_cursor_that_goes_in_a_circle_is_noticed(api, source, pull, is_empty):
    def answer(seen):
        here = seen.query.get("after", "a")
        return {"items": [{"id": len(api.seen)}], "next": {"a": "b", "b": "c", "c": "b"}[here]}

    api.answer = answer
    assert "goes in a circle" in fail(pull, source(**NEXT))
    assert len(api.seen) == 3
    assert is_empty()


def test_an_empty_page_before_the_total_is_reached_is_no_end(api, source, pull, is_empty):
    paging = {"by": "page", "parameter": "page", "total": "total"}
    api.answer = answer_in_turn({"items": ITEMS, "total": 9}, {"items": [], "total": 9})
    assert "says total 9, but has given 5 records" in fail(pull, source(paging=paging))
    api.answer = lambda _seen: {"items": ITEMS}
    assert "total is None; wanted the full count" in fail(pull, source(paging=paging))
    assert is_empty()


def test_more_pages_than_allowed_stop_the_pull(api, source, pull, is_empty):
    api.answer = lambda _seen: {"items": [{"id": len(api.seen)}], "next": f"n{len(api.seen)}"}
    assert "has more than 4 pages" in fail(pull, source(max_pages=4, **NEXT))
    assert len(api.seen) == 4
    assert is_empty()


@pytest.mark.parametrize("is_packed", [False, True], ids=["plain", "packed a thousand times"])
def test_more_data_than_allowed_stops_the_pull(api, source, pull, is_empty, is_packed):
    text = json.dumps({"items": [{"id": "x" * 3_000_000}]}).encode()
    packed = (200, {"Content-Encoding": "gzip"}, gzip.compress(text))
    api.answer = lambda _seen: packed if is_packed else text
    assert "has sent more than 1.0 MB" in fail(pull, source(max_megabytes=1))
    assert len(api.seen) == 1
    assert is_empty()


def test_nobody_at_the_address_is_told(source, pull, is_empty):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/orders"
    assert "failed 1 times, last: ConnectError" in fail(pull, source(url=url, retries=0))
    assert is_empty()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "bearer"}, "Authorization", "Bearer s3cret-of-the-shop"),
        ({"kind": "basic", "user": "me"}, "Authorization", "Basic bWU6czNjcmV0LW9mLXRoZS1zaG9w"),
        ({"kind": "header", "name": "X-Key", "prefix": "k "}, "X-Key", "k s3cret-of-the-shop"),
    ],
    ids=["bearer", "basic", "header"],
)
def test_the_secret_is_sent_as_the_source_says(api, source, pull, auth, header, value):
    pull(source(auth=auth))
    assert api.seen[0].headers[header] == value


def test_a_time_to_come_back_is_understood_in_each_form():
    def wait(text):
        return read_retry_after(httpx.Response(429, headers={"Retry-After": text}))

    year = datetime.now(UTC).year + 1
    assert wait("1.5") == 1.5
    assert wait("-3") == 0
    assert wait("Fri, 27 Nov 2020 07:00:00 GMT") == 0
    assert wait(f"Fri, 01 Jan {year} 00:00:00 -0000") > 0
    assert wait("soon") is None
    assert wait("") is None
