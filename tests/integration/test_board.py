"""The board inside a real Airflow: in its menu, behind its login, by its roles."""

import re
import time
import urllib.error
import urllib.request

import jwt
import pytest

from leadloop import ledger, opstore
from leadloop.web.app import create_app
from leadloop.web.pages import FILES

ROUTE = re.compile(r"\{[^}]*\}")


@pytest.fixture(scope="module")
def board(stack):
    """The address of the board in the stack, and an action that waits there."""
    now = opstore.now()
    action = {
        "action_id": "waiting",
        "type": "reschedule_dials",
        "payload": {},
        "target_type": "channel",
        "target_id": "referral",
        "mode": "approve",
        "state": "proposed",
        "proposed_at": now,
        "gate": {"allowed": 1},
        "idempotency_key": "waiting",
    }
    opstore.insert_new(stack.settings, ledger.actions, action)
    yield f"http://127.0.0.1:{stack.settings.airflow_port}"
    # It is no action that could be carried out: the cycles of other tests must not meet it.
    with opstore.transaction(stack.settings) as connection:
        table = ledger.actions
        connection.execute(table.delete().where(table.c.action_id == "waiting"))


def ask(address, method="GET", **headers):
    request = urllib.request.Request(address, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def sign_in_as(stack, role):
    """A session of somebody with that role, as Airflow's own login would sign it."""
    claims = jwt.decode(stack.token, options={"verify_signature": False})
    header = jwt.get_unverified_header(stack.token)
    secret = (stack.settings.home.secrets / "airflow_jwt.key").read_text().strip()
    claims |= {"sub": role, "role": role, "exp": int(time.time()) + 600}
    return jwt.encode(claims, secret, algorithm=header["alg"], headers=header)


def test_no_route_of_the_board_answers_without_a_login(stack, board):
    app = create_app(stack.settings, lambda: None)
    asked = 0
    for route in app.routes:
        for name in FILES if "{name}" in route.path else [""]:
            path = ROUTE.sub("x", route.path.replace("{name}", name))
            for method in route.methods:
                assert ask(f"{board}/leadloop{path}", method)[0] == 401, f"{method} {path}"
                asked += 1
    assert asked > 25


def test_a_broken_session_is_no_login(board):
    assert ask(f"{board}/leadloop/", Cookie="_token=x.y.z")[0] in (401, 403)


def test_the_board_is_in_the_menu_and_answers_who_is_logged_in(stack, board):
    (plugin,) = (
        item
        for item in stack.call("GET", "/api/v2/plugins?limit=100")["plugins"]
        if item["name"] == "leadloop"
    )
    (view,) = plugin["external_views"]
    assert view["href"] == "/leadloop/"
    assert view["nav_top_level"] is True
    code, page = ask(f"{board}/leadloop/", Cookie=f"_token={stack.token}")
    assert code == 200
    assert "static/board.js" in page
    assert ask(f"{board}/leadloop/static/board.js", Cookie=f"_token={stack.token}")[0] == 200


def test_in_airflow_too_a_browser_may_ask_this_host_alone(stack, board):
    for path in ("/", "/api/alerts", "/static/board.js"):
        session = {"Cookie": f"_token={stack.token}"}
        request = urllib.request.Request(f"{board}/leadloop{path}", headers=session)
        with urllib.request.urlopen(request, timeout=60) as answer:
            policy = answer.headers["content-security-policy"]
            page = answer.read().decode()
        assert "default-src 'none'" in policy
        for rule in policy.split(";"):
            assert set(rule.split()[1:]) <= {"'none'", "'self'", "data:"}, rule
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page


@pytest.mark.parametrize(("role", "code"), [("viewer", 403), ("user", 403), ("op", 200)])
def test_only_operators_and_admins_decide(stack, board, role, code):
    session = {"Cookie": f"_token={sign_in_as(stack, role)}"}
    assert ask(f"{board}/leadloop/api/actions", **session)[0] == 200
    address = f"{board}/leadloop/api/actions/waiting/approve"
    assert ask(address, "POST", **session)[0] == 403
    assert ask(address, "POST", Origin="http://evil.test", **session)[0] == 403
    assert ask(address, "POST", Origin=board, **session)[0] == code
    row = opstore.find(stack.settings, ledger.actions, "waiting")
    # What is approved is carried out at once, as far as it can be.
    assert (row["state"] == "proposed") is (code == 403)
    assert row["decided_by"] == ("op" if code == 200 else None)


def test_a_decision_with_a_token_needs_no_origin(stack, board):
    address = f"{board}/leadloop/api/actions/waiting/reject"
    code, answer = ask(address, "POST", Authorization=f"Bearer {stack.token}")
    assert code == 409
    assert "decided before by op" in answer
