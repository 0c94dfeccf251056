"""Versions of definitions: a digest of all that can change what a metric's number is.

That is its own YAML (parts, measures, kind), the SQL of its mart, of every model and seed which
that reads, and of the macros they call; neither comments nor the shape of the text. Neighbours:
`metric_catalog`, `publish.points` (keeps the version beside each number).
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from leadloop.metric_catalog import Catalog

DIGITS = 16
# A comment of SQL or of Jinja; a line of SQL that holds `--` in a text is not worth a parser.
_COMMENT = re.compile(r"\{#.*?#\}|--[^\n]*", re.DOTALL)


def hash_text(text: str) -> str:
    """Return the digest of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


class Lineage:
    """The code of the models, as dbt's manifest has it."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        """Take a parsed manifest.json."""
        self._nodes = manifest["nodes"]
        self._macros = manifest["macros"]
        self._marts = {
            node["name"]: name
            for name, node in self._nodes.items()
            if node["resource_type"] == "model"
        }
        self._project = manifest["metadata"]["project_name"]

    @classmethod
    def read(cls, target: Path) -> Lineage:
        """Return the lineage of the manifest in dbt's target folder."""
        return cls(json.loads((target / "manifest.json").read_text(encoding="utf-8")))

    def hash_all(self) -> str:
        """Return the digest of the code of all models."""
        return self._hash(self._nodes)

    def hash_mart(self, name: str) -> str:
        """Return the digest of a mart's code and of all that it is built from."""
        return self._hash([self._marts[name]]) if name in self._marts else ""

    def _hash(self, starts: Iterable[str]) -> str:
        seen: dict[str, str] = {}
        left = list(starts)
        while left:
            name = left.pop()
            node = self._nodes.get(name) or self._macros.get(name)
            if name in seen or node is None or node.get("resource_type") == "test":
                continue
            if node.get("package_name") != self._project:
                continue  # dbt's own macros change with the lock, not with a definition
            seen[name] = _normalise(node)
            for links in (node.get("depends_on") or {}).values():
                left += links
        return hash_text(json.dumps(seen, sort_keys=True))


def _normalise(node: dict[str, Any]) -> str:
    """Return the code of a node; of a seed, which has none, the digest of its file."""
    code = node.get("raw_code") or node.get("macro_sql") or ""
    return " ".join(_COMMENT.sub(" ", code).split()) or str(
        node.get("checksum", {}).get("checksum")
    )


def find_versions(catalog: Catalog, lineage: Lineage) -> dict[str, str]:
    """Return the version of every metric's definition."""
    marts: dict[str, str] = {}
    versions = {}
    for name in catalog.names:
        definition = catalog.definition(name)
        sources = [catalog.part_source(part) for part in definition.parts]
        said: list[Any] = [definition.kind, definition.parts]
        for source in sources:
            if source is not None:
                if source.mart not in marts:
                    marts[source.mart] = lineage.hash_mart(source.mart)
                measure = {**source.measure, "description": ""}
                said.append([source.mart, source.time, measure, marts[source.mart]])
        versions[name] = hash_text(json.dumps(said, sort_keys=True))
    return versions
