"""The configuration that a made world brings along: which files come from which system."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from leadloop.settings import PROJECT_ROOT, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

DAILY = ("dialler", "transcripts", "orders")
# Name, files, map; but for those above they come when there is something to tell.
FEEDS = (
    ("dialler", "dialler/calls_{date}*.csv*", "generic_cn_cdr"),
    ("transcripts", "transcripts/transcripts_{date}*.jsonl*", "generic_transcript"),
    ("orders", "orders/orders_{date}*.csv*", "generic_orders"),
    ("service", "service/calls_{date}*.jsonl*", "aliyun_ccc"),
    ("leads", "crm/leads_{date}*.csv*", "generic_cn_leads"),
    ("lead_tags", "crm/tags_{date}*.csv*", "generic_cn_lead_tags"),
    ("stages", "crm/stages_{date}*.csv*", "generic_funnel_events"),
    ("customers", "crm/customers_{date}*.csv*", "generic_cn_customers"),
    ("consents", "crm/consents_{date}*.csv*", "generic_consents"),
    ("refusals", "crm/dnc_{date}*.csv*", "generic_dnc"),
    ("agents", "desk/agents_{date}*.csv*", "generic_agents"),
    ("teams", "desk/teams_{date}*.csv*", "generic_teams"),
    ("roster", "desk/roster_{date}*.csv*", "generic_roster"),
    ("agent_states", "desk/states_{date}*.csv*", "generic_agent_states"),
    ("order_lines", "shop/lines_{date}*.csv*", "generic_order_lines"),
    ("payments", "shop/payments_{date}*.csv*", "generic_payments"),
    ("refunds", "shop/refunds_{date}*.csv*", "generic_refunds"),
    ("subscriptions", "shop/subscriptions_{date}*.csv*", "generic_subscriptions"),
    ("products", "shop/products_{date}*.csv*", "generic_products"),
    ("tickets", "service/tickets_{date}*.csv*", "generic_tickets"),
    ("surveys", "service/surveys_{date}*.csv*", "generic_surveys"),
    ("inquiries", "site/inquiries_{date}*.csv*", "generic_inquiries"),
    ("channels", "ads/channels_{date}*.csv*", "generic_channels"),
    ("campaigns", "ads/campaigns_{date}*.csv*", "generic_campaigns"),
    ("costs", "ads/costs_{date}*.csv*", "generic_campaign_costs"),
    ("number_checks", "numbers/checks_{date}*.csv*", "generic_number_checks"),
    ("touches", "touches/touches_{date}*.csv*", "generic_touches"),
)


def write_config(folder: Path) -> None:
    """Write company.yml: the project's own, with the sources of the made company's systems."""
    company = read_yaml(PROJECT_ROOT / "config" / "company.yml")
    company["sources"] = [
        {
            "name": name,
            "path": path,
            "map": map_name,
            "required": name == "dialler",
            "daily": name in DAILY,
        }
        for name, path, map_name in FEEDS
    ]
    folder.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(company, allow_unicode=True, sort_keys=False)
    (folder / "company.yml").write_text(
        f"# Made by `leadloop simulate`: set LEADLOOP_CONFIG to this folder.\n{text}",
        encoding="utf-8",
    )
