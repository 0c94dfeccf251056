"""`leadloop evaluate intents`, `sentiment`, `lead` and so on: scores on a user's own labels."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from leadloop.console import Json

if TYPE_CHECKING:
    from leadloop.evaluate.scoreboard import Row

app = typer.Typer()
Files = list[Path]
Train = Annotated[Files, typer.Option("--train", help="Labelled file to learn from; repeat it.")]
Test = Annotated[Files | None, typer.Option("--test", help="Labelled file to judge; repeat it.")]
Out = Annotated[Path | None, typer.Option(help="The scoreboard; else the home's.")]
Drop = Annotated[list[str] | None, typer.Option(help="Column that is not known beforehand.")]
Order = Annotated[str | None, typer.Option(help="Column of time; else the order of the file.")]


@app.command()
def intents(
    train: Train,
    test: Test = None,
    text: Annotated[str, typer.Option(help="Column of the words.")] = "text",
    label: Annotated[str, typer.Option(help="Column of the intent.")] = "label",
    coarse: Annotated[
        Path | None, typer.Option(help="CSV of two columns: label, and the coarser one.")
    ] = None,
    out: Out = None,
    json_file: Json = None,
) -> None:
    """Score the classifier of intents on labelled sentences, beside a plain pipeline."""
    from leadloop.evaluate.labelled.files import make_coarse, split_by_text
    from leadloop.evaluate.labelled.texts import score_texts

    started = time.monotonic()
    split = split_by_text(train, test or [], (text, label))
    name = "intents"
    if coarse is not None:
        split, name = make_coarse(split, label, coarse), f"intents, {coarse.stem}"
    _keep(score_texts(name, split, (text, label)), started, out, json_file)


@app.command()
def sentiment(
    train: Train,
    test: Test = None,
    text: Annotated[str, typer.Option(help="Column of the words.")] = "text",
    label: Annotated[str, typer.Option(help="Column of the feeling.")] = "label",
    positive: Annotated[str, typer.Option(help="The label of a good feeling.")] = "1",
    leave_out: Annotated[
        str | None, typer.Option(help="Column of a domain: each is judged by the others.")
    ] = None,
    out: Out = None,
    json_file: Json = None,
) -> None:
    """Score the classifier and the words of feeling on labelled sentences."""
    from leadloop.evaluate.labelled.files import leave_each_out, split_by_text
    from leadloop.evaluate.labelled.texts import score_lexicon, score_texts

    started = time.monotonic()
    columns = (text, label)
    split = split_by_text(train, test or [], columns)
    parts = leave_each_out(split, leave_out) if leave_out else [split]
    rows = [row for part in parts for row in score_texts("sentiment", part, columns)]
    rows += [score_lexicon(part, columns, positive) for part in parts]
    _keep(rows, started, out, json_file)


@app.command()
def lead(
    train: Train,
    label: Annotated[str, typer.Option(help="Column of the outcome: 1 or yes is a deal.")],
    test: Test = None,
    order: Order = None,
    drop: Drop = None,
    out: Out = None,
    json_file: Json = None,
) -> None:
    """Score who becomes a customer: logistic regression beside boosted trees, split in time."""
    _score_outcome(("lead score", label), (train, test, order, drop), out, json_file)


@app.command()
def churn(
    train: Train,
    label: Annotated[str, typer.Option(help="Column of the outcome: 1 or yes has left.")],
    test: Test = None,
    order: Order = None,
    drop: Drop = None,
    out: Out = None,
    json_file: Json = None,
) -> None:
    """Score who leaves: logistic regression beside boosted trees, split in time."""
    _score_outcome(("churn model", label), (train, test, order, drop), out, json_file)


@app.command()
def repurchase(
    train: Train,
    customer: Annotated[str, typer.Option(help="Column of the customer.")] = "customer_id",
    date: Annotated[str, typer.Option(help="Column of the day of the order.")] = "date",
    until: Annotated[
        str | None, typer.Option(help="Last day to learn from; else half of the time.")
    ] = None,
    out: Out = None,
    json_file: Json = None,
) -> None:
    """Score who orders again: a BG/NBD, judged on the orders after the day it was fitted on."""
    from leadloop.evaluate.labelled.files import name_set, read_rows
    from leadloop.evaluate.labelled.repurchase import score_repurchase

    started = time.monotonic()
    rows = read_rows(train, [customer, date])
    found = score_repurchase(rows, (customer, date), until, name_set(train))
    _keep(found, started, out, json_file)


@app.command()
def uplift(
    train: Train,
    test: Test = None,
    treatment: Annotated[str, typer.Option(help="Column: 1 was treated.")] = "treatment",
    outcome: Annotated[str, typer.Option(help="Column: 1 is what was wanted.")] = "outcome",
    drop: Drop = None,
    out: Out = None,
    json_file: Json = None,
) -> None:
    """Score whom an action moves, on a random trial: Qini, effect by tenths."""
    from leadloop.evaluate.labelled.files import split_by_order
    from leadloop.evaluate.labelled.uplift import score_uplift

    started = time.monotonic()
    split = split_by_order(train, test or [], None, [treatment, outcome])
    _keep(score_uplift(split, (treatment, outcome), drop or []), started, out, json_file)


@app.command()
def privacy(
    test: Annotated[Files, typer.Option("--test", help="JSON lines of text and spans.")],
    out: Out = None,
    json_file: Json = None,
) -> None:
    """Score the masking on lines whose personal parts are labelled."""
    from leadloop.evaluate.labelled.files import name_set, read_rows
    from leadloop.evaluate.labelled.privacy import score_privacy

    started = time.monotonic()
    found = score_privacy(read_rows(test, ["text", "spans"]), name_set(test))
    _keep(found, started, out, json_file)


def _score_outcome(
    what: tuple[str, str],
    asked: tuple[Files, Files | None, str | None, list[str] | None],
    out: Path | None,
    json_file: str | None,
) -> None:
    from leadloop.evaluate.labelled.files import split_by_order
    from leadloop.evaluate.labelled.outcome import score_outcome

    started = time.monotonic()
    (name, label), (train, test, order, drop) = what, asked
    dropped = [*(drop or []), *([order] if order else [])]
    split = split_by_order(train, test or [], order, [label, *dropped])
    _keep(score_outcome(name, split, label, dropped), started, out, json_file)


def _keep(rows: list[Row], started: float, out: Path | None, json_file: str | None) -> None:
    from leadloop.evaluate.keeping import keep_rows

    seconds = round(time.monotonic() - started, 1)
    keep_rows([replace(row, seconds=seconds) for row in rows], out, json_file)
