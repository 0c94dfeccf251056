"""The report: one HTML file that opens from disk and asks no host for anything.

`report_content` gathers the numbers (through `metrics`) and `report_health` the gates and loads;
the page of `templates/` only arranges and draws them. Scripts, styles, charts and data are inside
the file; its own policy lets the browser run those scripts and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadloop.pointer import write_whole
from leadloop.publish.report_content import gather_content

if TYPE_CHECKING:
    from leadloop.settings import Settings

TEMPLATES = Path(__file__).parent / "templates"
CHARTS = Path(__file__).parent / "static" / "echarts" / "echarts.min.js"
# In the order of loading: what is drawn, what pages are made of, this page.
SCRIPTS = ("charts.js", "pieces.js", "loop.js", "report.js")
STYLES = ("report.css", "loop.css")


def write_report(settings: Settings, day: str, *, path: Path | None = None) -> Path:
    """Return the file of the report on a day, `out/report.html` by default.

    A day that was stopped, or a home without marts, gets a report too: it says why.
    """
    target = path or settings.home.out / "report.html"
    write_whole(target, render_report(gather_content(settings, day)))
    return target


def report_day(settings: Settings, day: str) -> dict[str, Any]:
    """Write the report of a day as a step of its cycle; return where it is."""
    return {"path": str(write_report(settings, day))}


def render_report(content: dict[str, Any]) -> str:
    """Return the page for some content; whatever it holds stays text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    scripts = [CHARTS.read_text(encoding="utf-8"), *(_read(name) for name in SCRIPTS)]
    return environment.get_template("report.html").render(
        language=content["company"]["language"],
        title=f"{content['company']['name']} · {content['day']}",
        policy=_policy(scripts),
        style="".join(_read(name) for name in STYLES),
        scripts=scripts,
        data=encode_data(content),
    )


def encode_data(content: dict[str, Any]) -> str:
    r"""Return JSON that is safe between script tags: no text in it can end them.

    >>> encode_data({"name": "</script><script>"})
    '{"name":"\\u003c/script\\u003e\\u003cscript\\u003e"}'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _policy(scripts: list[str]) -> str:
    """Return a content security policy that names the page's own scripts by their hashes."""
    hashes = [hashlib.sha256(f"\n{script}\n".encode()).digest() for script in scripts]
    allowed = " ".join(f"'sha256-{base64.b64encode(item).decode()}'" for item in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _read(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
