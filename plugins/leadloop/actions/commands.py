"""`leadloop actions`: what is proposed, what the gate says of it, and the decision."""

from __future__ import annotations

import getpass
from typing import Annotated, Any

import sqlalchemy as sa
import typer

from leadloop import opstore
from leadloop.action_types import TYPES
from leadloop.actions import act, approvals
from leadloop.actions.outbox import resend
from leadloop.console import Json, say, show_table, write_json
from leadloop.ledger import actions, effects, outbox
from leadloop.settings import load_settings

app = typer.Typer(help="Actions: list, show, approve, reject, send.")

ActionId = Annotated[str, typer.Argument(help="Id of an action, or its first letters.")]
Person = Annotated[str | None, typer.Option("--as", help="Who decides; the login name by default.")]


@app.command("list")
def list_actions(
    state: Annotated[str | None, typer.Option(help="Only these, such as proposed.")] = None,
    json_file: Json = None,
) -> None:
    """List actions, the newest first."""
    query = sa.select(actions).order_by(actions.c.proposed_at.desc(), actions.c.action_id)
    if state:
        query = query.where(actions.c.state == state)
    rows = opstore.read(load_settings(), query)
    if json_file != "-":
        headers = ("action", "what", "about", "state", "gate", "decided by")
        show_table("Actions", headers, [_line(row) for row in rows])
    write_json(json_file, rows)


@app.command("show")
def show_action(action_id: ActionId, json_file: Json = None) -> None:
    """Show one action: payload, preview of the gate, delivery, effect."""
    settings = load_settings()
    row = approvals.find_action(settings, action_id)
    sent = opstore.read(settings, sa.select(outbox).where(outbox.c.action_id == row["action_id"]))
    names = [row["action_id"], row["payload"].get("experiment") or row["action_id"]]
    seen = opstore.read(settings, sa.select(effects).where(effects.c.effect_id.in_(names)))
    if json_file != "-":
        _show(row, sent, seen)
    write_json(json_file, {"action": row, "outbox": sent, "effects": seen})


@app.command("approve")
def approve_action(action_id: ActionId, person: Person = None) -> None:
    """Approve a proposal and send it; the first decision holds."""
    settings = load_settings()
    row = approvals.find_action(settings, action_id)
    if row["state"] == "proposed" and not row["gate"]:
        act.plan_action(settings, row)
        _show(approvals.find_action(settings, row["action_id"]), [], [])
        say("It has passed the gate only now: look at it, then approve it again.")
        raise typer.Exit(1)
    outcome = approvals.decide(settings, row["action_id"], "approved", _decider(person))
    say(outcome.describe())
    if outcome.is_first:
        approvals.close_in_airflow(settings)
        say(f"Now it is {act.carry_out(settings, row['action_id'])['state']}.")


@app.command("reject")
def reject_action(action_id: ActionId, person: Person = None) -> None:
    """Reject a proposal; the first decision holds."""
    settings = load_settings()
    outcome = approvals.decide(settings, action_id, "rejected", _decider(person))
    say(outcome.describe())
    if outcome.is_first:
        approvals.close_in_airflow(settings)


@app.command("send")
def send_waiting(json_file: Json = None) -> None:
    """Send what is due in the outbox: what failed is tried again at its time."""
    settings = load_settings()
    counts = act.send(settings, act.last_known_day(settings))
    if json_file != "-":
        words = ", ".join(f"{count} {state}" for state, count in counts.items())
        say(words or "Nothing is due.")
    write_json(json_file, counts)


@app.command("resend")
def resend_dead(
    beginning: Annotated[
        str, typer.Argument(help="Message or action, or the first letters; all if empty.")
    ] = "",
) -> None:
    """Try again what was given up; each message keeps its key, so nothing happens twice."""
    from rich.markup import escape

    settings = load_settings()
    lost = resend(settings, beginning)
    for row in lost:
        say(f"{row['message_id'][:12]} to {row['target']}: was {escape(str(row['last_answer']))}")
    if not lost:
        say("Nothing of that name was given up." if beginning else "Nothing was given up.")
        return
    counts = act.send(settings, act.last_known_day(settings))
    say(", ".join(f"{count} {state}" for state, count in counts.items()))


def _decider(person: str | None) -> tuple[str, approvals.Via]:
    return person or getpass.getuser(), "cli"


def _line(row: dict[str, Any]) -> tuple[object, ...]:
    kind = TYPES.get(row["type"])
    about = f"{row['target_type']} {row['target_id']}"
    words = row["gate"].get("sentence") or row["gate"].get("error") or "not gated yet"
    what = kind.zh if kind else row["type"]
    return row["action_id"][:12], what, about, row["state"], words, row["decided_by"]


def _show(row: dict[str, Any], sent: list[dict[str, Any]], seen: list[dict[str, Any]]) -> None:
    from rich.markup import escape

    subject, text = approvals.describe_proposal(row)
    say(f"[bold]{escape(subject)}[/]")
    say(escape(text))
    say(f"state: {row['state']}   decided by: {escape(str(row['decided_by'] or '-'))}")
    for message in sent:
        answer = escape(str(message["last_answer"]))
        say(f"{message['target']}: {message['state']} after {message['attempts']}: {answer}")
    for effect in seen:
        say(f"effect on {effect['metric']}: {effect['verdict']} ({escape(effect['reason'])})")
