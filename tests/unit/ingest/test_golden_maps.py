"""A vendor's file, made from its documented fields, lands as worked out by hand."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from leadloop.contract import TABLES, TECHNICAL
from leadloop.ingest.maps import load_map
from leadloop.keys import load_key

FOLDERS = sorted((Path(__file__).parent / "fixtures").glob("*"))
# Columns of the door that a source can say something of.
SAID = {"extracted_at", "is_deleted"}


@pytest.fixture(params=FOLDERS, ids=lambda folder: folder.name)
def golden(request, settings, take_in, landed):
    """What a fixture's import gave, what landed, and what was worked out by hand."""
    folder = request.param
    (export,) = folder.glob("export.*")
    outcome = take_in(export, folder.name)
    table = load_map(settings, folder.name).table
    wanted = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    return outcome, TABLES[table], landed(table), wanted


def test_a_vendors_file_lands_as_worked_out_by_hand(golden, settings):
    _, table, rows, wanted = golden
    assert [show(row, table, wanted) for row in rows] == [
        expect(row, table, wanted, load_key(settings, "phone_hash")) for row in wanted["landed"]
    ]


def test_what_a_vendors_file_does_not_tell_is_counted_or_refused(golden):
    outcome, _, rows, wanted = golden
    assert outcome.unknown_codes == wanted["unknown_codes"]
    assert outcome.by_reason == wanted["refused"]
    assert outcome.read == len(rows) + sum(wanted["refused"].values())


def show(row, table, wanted):
    """Return what a landed row says, empty columns left out."""
    ours = {column.name for column in TECHNICAL}
    named = {name for line in wanted["landed"] for name in line}
    names = [column.name for column in table.columns]
    names += sorted((ours & SAID) & named)
    return {name: tell(name, row[name]) for name in names if row[name] is not None}


def tell(name, value):
    if name == "custom":
        return json.loads(value)
    return value.isoformat() if isinstance(value, date) else value


def expect(row, table, wanted, key):
    """Return a row of the golden file with its times in one form and its number hashed."""
    row = dict(row)
    number = row.pop("phone", None)
    if number:
        e164 = f"+86{number.removeprefix('0')}".encode()
        row["phone_hash"] = hmac.new(key, e164, hashlib.sha256).hexdigest()
    for name in ("tells_won", "tells_human"):
        if name in wanted:
            row[name] = wanted[name]
    for name, value in row.items():
        if table.get(name).kind == "timestamp":
            row[name] = datetime.fromisoformat(value).astimezone(UTC).isoformat()
    return row


def test_every_map_of_a_vendor_has_a_golden_file():
    assert {folder.name for folder in FOLDERS} >= {
        "aliyun_ccc",
        "amazon_connect",
        "cloud_funnel_event",
        "cloud_inquiry_event",
        "generic_agent_states",
        "generic_agents",
        "generic_campaign_costs",
        "generic_calendar",
        "generic_campaigns",
        "generic_channels",
        "generic_cn_cdr",
        "generic_cn_customers",
        "generic_cn_lead_tags",
        "generic_cn_leads",
        "generic_consents",
        "generic_dnc",
        "generic_funnel_events",
        "generic_inquiries",
        "generic_number_checks",
        "generic_order_lines",
        "generic_orders",
        "generic_payments",
        "generic_products",
        "generic_refunds",
        "generic_roster",
        "generic_subscriptions",
        "generic_surveys",
        "generic_teams",
        "generic_tickets",
        "generic_touches",
        "generic_transcript",
        "generic_transcript_metadata",
        "hubspot",
        "salesforce",
        "salesforce_leads",
        "tencent_ccc",
        "twilio",
        "vicidial",
        "volcengine",
    }
