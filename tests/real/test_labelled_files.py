"""`leadloop evaluate` on public sets: the figures of docs/evaluate.md, with room for versions."""

from __future__ import annotations

import json
import sys

import pytest

# Command, set below the data folder (train, test), options, and what is held: name, metric, floor,
# ceiling. Floors and ceilings are a little outside the interval that was measured.
SCORED = {
    "ten intents of shoppers, noisy labels": (
        ["intents", "--text", "sentence", "--label", "label_des"],
        ("zh_intent/cic_train.jsonl.gz", "zh_intent/cic_dev.jsonl.gz"),
        [("intents, cic_to_sales10", "accuracy", 0.67, 0.75)],
    ),
    "a bank's contacts in order of time, without their length": (
        ["lead", "--label", "y", "--order", "seq", "--drop", "duration"],
        ("conversion/bank_marketing.csv.gz",),
        [("lead score (logistic)", "auc", 0.59, 0.65), ("lead score (boosted)", "auc", 0.54, 0.60)],
    ),
    "customers of a telecom": (
        ["churn", "--label", "Churn", "--drop", "row"],
        ("churn/iranian_telecom_churn.csv.gz",),
        [("churn model (logistic)", "auc", 0.90, 0.98),
         ("churn model (boosted)", "auc", 0.93, 0.99)],
    ),
    "buyers of a music shop": (
        ["repurchase", "--until", "1997-09-30"],
        ("churn/cdnow_sample.csv.gz",),
        [("repurchase", "r", 0.2420, 0.2432), ("repurchase", "auc", 0.74, 0.81),
         ("repurchase", "mean_error", 0.74, 0.90)],
    ),
    "lines of a wholesaler, dirty": (
        ["repurchase", "--customer", "CustomerID", "--date", "InvoiceDate"],
        ("churn/online_retail_lines.parquet",),
        [("repurchase", "auc", 0.60, 0.90)],
    ),
    "a trial of an insurer": (
        ["uplift", "--treatment", "TREATMENT", "--outcome", "PURCHASE"],
        ("conversion/insurance_uplift_train.csv.gz",),
        [("uplift", "qini", -0.002, 0.012), ("uplift", "average_effect", -0.01, 0.07)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCORED)
def test_a_public_set_scores_as_the_page_says(evaluation_data, run_leadloop, tmp_path, name):
    words, files, held = SCORED[name]
    options = [word for kind, file in zip(("--train", "--test"), files, strict=False)
               for word in (kind, str(evaluation_data / file))]  # fmt: skip
    if words[0] == "intents":
        options += ["--coarse", str(evaluation_data / "zh_intent" / "cic_to_sales10.csv")]
    out = tmp_path / "board.json"
    told = run_leadloop("evaluate", *words, *options, "--out", str(out), "--json", "-")
    rows = {(row["name"], row["metric"]): row for row in json.loads(told)}
    for row_name, metric, low, high in held:
        row = rows[row_name, metric]
        sys.stdout.write(f"{name}: {row_name} {metric} {row['value']:.4f} n {row['n']}\n")
        assert low <= row["value"] <= high, (row_name, metric, row["value"])
    assert {row["name"] for row in json.loads(out.read_text(encoding="utf-8"))["rows"]} == {
        key[0] for key in rows
    }
