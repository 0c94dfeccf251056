"""Rule files: read, checked, and every mistake named with file, line, place and remedy.

`read_rules` gives what is good and what is not, so that one broken file never silences the rest;
`load_rules` is for those who want all or nothing.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError

from leadloop.errors import UsageError
from leadloop.rules.schema import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from leadloop.settings import Settings

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong in a rule file, where, and what to write instead."""

    file: Path
    line: int
    place: str
    seen: str
    remedy: str

    def __str__(self) -> str:
        """Give it in one line, as editors understand it."""
        place = f"{self.place}: " if self.place else ""
        return f"{self.file}:{self.line}: {place}{self.seen}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule, where it was read from, and the lines of its parts."""

    rule: Rule
    path: Path
    node: Any

    def mistake(self, place: Place, seen: str, remedy: str) -> Mistake:
        """Return a mistake at one place of the file."""
        return Mistake(self.path, find_line(self.node, place), _join(place), seen, remedy)


def list_files(settings: Settings) -> list[Path]:
    """Return the rule files by name; a company's own replaces the shipped one of that name."""
    files = {path.name: path for path in (settings.project / "config" / "rules").glob("*.yml")}
    files.update({path.name: path for path in (settings.config / "rules").glob("*.yml")})
    return [files[name] for name in sorted(files)]


def load_rules(files: Sequence[Path]) -> list[RuleFile]:
    """Return the rules of the files; raise UsageError with every mistake in all of them."""
    found, mistakes = read_rules(files)
    if mistakes:
        raise UsageError("\n".join(str(mistake) for mistake in mistakes))
    return found


def read_rules(files: Sequence[Path]) -> tuple[list[RuleFile], list[Mistake]]:
    """Return the rules that can be read, and every mistake in the others."""
    found: list[RuleFile] = []
    mistakes: list[Mistake] = []
    for path in files:
        made = read_rule(path)
        if isinstance(made, RuleFile):
            found.append(made)
        else:
            mistakes += made
    return found, mistakes


def read_rule(path: Path) -> RuleFile | list[Mistake]:
    """Return the rule of a file, or all its mistakes in the order of their lines."""
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        return [Mistake(path, 1, "", f"cannot be read: {error}", "Write it as UTF-8 text")]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark else 1
        return [Mistake(path, line, "", f"is no YAML: {problem}", "Mend the line or the one above")]
    if not isinstance(content, dict):
        return [Mistake(path, 1, "", "holds no rule", "Begin with `id: ...`; see docs/rules.md")]
    mistakes = list(_find_repeated(path, node, ()))
    try:
        rule = Rule.model_validate(content)
    except ValidationError as error:
        mistakes += [_explain(path, node, dict(item)) for item in error.errors()]
    else:
        if rule.id != path.stem:
            seen, remedy = f"{rule.id!r} is not the file's name", f"Write `id: {path.stem}`"
            mistakes.append(Mistake(path, find_line(node, ("id",)), "id", seen, remedy))
        if not mistakes:
            return RuleFile(rule, path, node)
    return sorted(mistakes, key=lambda item: (item.line, item.place))


def find_line(node: Any, place: Place) -> int:
    """Return the line of a place in a file, or of the nearest thing around it that is there."""
    line = node.start_mark.line + 1
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == str(part)), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            if part >= len(node.value):
                break
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return int(line)


def _find_repeated(path: Path, node: Any, place: Place) -> Iterator[Mistake]:
    """Give keys that are written twice: YAML would keep the last one and say nothing."""
    if isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            yield from _find_repeated(path, item, (*place, position))
    if not isinstance(node, yaml.MappingNode):
        return
    seen: set[str] = set()
    for key, value in node.value:
        here = (*place, str(key.value))
        if here[-1] in seen:
            line = key.start_mark.line + 1
            yield Mistake(path, line, _join(here), "is written twice", "Keep one of them")
        seen.add(str(here[-1]))
        yield from _find_repeated(path, value, here)


def _explain(path: Path, node: Any, error: dict[str, Any]) -> Mistake:
    place: Place = tuple(error["loc"])
    schema = _find_schema(place)
    about = str(schema.get("description", "")).rstrip(".")
    if error["type"] == "extra_forbidden":
        known = list(_find_schema(place[:-1]).get("properties", ()))
        close = difflib.get_close_matches(str(place[-1]), known, n=1)
        seen = "is not a key of a rule" if len(place) == 1 else "is not known here"
        remedy = f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(known)}"
    elif error["type"] == "missing":
        seen, remedy = "is missing", f"Add `{place[-1]}: ...`: {about}"
    else:
        wrong = str(error["msg"]).removeprefix("Value error, ")
        seen = f"{wrong[:1].lower()}{wrong[1:]} (seen: {error.get('input')!r})"
        if isinstance(error.get("input"), dict):
            seen = f"{wrong[:1].lower()}{wrong[1:]}"
        remedy = f"Wanted: {about}" if about else "See docs/rules.md"
    return Mistake(path, find_line(node, place), _join(place), seen, remedy)


def _find_schema(place: Place) -> dict[str, Any]:
    """Return what the JSON Schema says of a place: description and keys."""
    root = Rule.model_json_schema()
    here = root
    for part in place:
        inner = here.get("properties", {}).get(part) if isinstance(part, str) else here.get("items")
        if inner is None:
            return {}
        options = [inner, *inner.get("anyOf", ())]
        names = [str(item["$ref"]).rsplit("/", 1)[-1] for item in options if "$ref" in item]
        lists = [item for item in options if "items" in item]
        about = {"description": inner["description"]} if "description" in inner else {}
        here = {**(root["$defs"][names[0]] if names else (lists or options)[0]), **about}
    return dict(here)


def _join(place: Place) -> str:
    return ".".join(str(part) for part in place)
