"""The hook's lines, put into a configuration of pre-commit that people wrote."""

import textwrap

from iact_guard.model.errors import UnreadableError
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text


def with_hook(existing: str, lines: str) -> str | None:
    """The text with the lines as the last item of `repos`; None where that cannot be done safely.

    What was written is not laid out anew, so that comments and spaces stay; that nothing but the
    new item has changed is proven by reading the result.
    """
    before = _read(existing)
    if before is None or not isinstance(repos := before.get("repos"), yaml.Sequence):
        return None
    if not repos.items:
        return None
    first = existing.splitlines()[repos.items[0].location.line - 1]
    dash = first.lstrip(" ")
    if not dash.startswith("-"):
        return None
    item = textwrap.indent(lines, " " * (len(first) - len(dash)))
    candidates = (_inserted(existing, end, item) for end in _ends(before, existing))
    return next((new for new in candidates if _grew_by_one(before, _read(new))), None)


def _inserted(text: str, end: int, item: str) -> str:
    rows = text.splitlines(keepends=True)
    if not rows[end - 1].endswith("\n"):
        rows[end - 1] += "\n"
    return "".join((*rows[:end], item, *rows[end:]))


def _read(text: str) -> yaml.Mapping | None:
    try:
        documents = yaml.parse(Text("", text))
    except UnreadableError:
        return None
    root = documents[0].root if len(documents) == 1 else None
    return root if isinstance(root, yaml.Mapping) else None


def _ends(root: yaml.Mapping, text: str) -> tuple[int, int]:
    """How many lines `repos` takes, without and with the comments that end it or belong to it."""
    rows = text.splitlines()
    keys = [entry.key for entry in root.entries]
    at = next(number for number, key in enumerate(keys) if key.text == "repos")
    whole = end = keys[at + 1].location.line - 1 if at + 1 < len(keys) else len(rows)
    while not rows[end - 1].strip() or rows[end - 1].lstrip().startswith(("#", "...")):
        end -= 1
    return end, whole


def _grew_by_one(before: yaml.Mapping, after: yaml.Mapping | None) -> bool:
    if after is None:
        return False
    old, new = yaml.plain(before), yaml.plain(after)
    return [*old["repos"], new["repos"][-1]] == new["repos"] and {**old, "repos": 0} == {
        **new,
        "repos": 0,
    }
