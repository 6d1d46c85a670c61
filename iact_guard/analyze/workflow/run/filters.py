"""Branch and tag filters of triggers, as GitHub matches them."""

import re
from functools import lru_cache

from iact_guard.model.workflow import Trigger

_MAX_LENGTH = 500


def lets_through(trigger: Trigger, ref: str) -> bool:
    """Whether a push of a ref, or a pull request into a branch, passes the filters for it."""
    tag = ref.startswith("refs/tags/")
    name = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    only = trigger.tags if tag else trigger.branches
    others = trigger.branches if tag else trigger.tags
    ignored = trigger.tags_ignore if tag else trigger.branches_ignore
    others_ignored = trigger.branches_ignore if tag else trigger.tags_ignore
    if only is not None:
        return any_matches([each.text for each in only], name)
    if ignored is not None:
        return not any_matches([each.text for each in ignored], name)
    return others is None and others_ignored is None


def any_matches(patterns: list[str], name: str) -> bool:
    """The last pattern that fits decides; `!` takes out again."""
    decided = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if _compiled(pattern.removeprefix("!")).fullmatch(name):
            decided = not negated
    return decided


@lru_cache(1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    """`*` stays within a `/`, `**` does not; `?`, `+` and `[]` mean the character before."""
    if len(pattern) > _MAX_LENGTH:
        return re.compile(r"(?!)")
    pieces: list[str] = []
    position = 0
    while position < len(pattern):
        found = _PIECE.match(pattern, position)
        if found is None:
            pieces.append(re.escape(pattern[position]))
            position += 1
            continue
        text = found.group()
        pieces.append({"**": ".*", "*": "[^/]*"}.get(text, text))
        position = found.end()
    try:
        return re.compile("".join(pieces))
    except re.error:
        return re.compile(re.escape(pattern))


_PIECE = re.compile(r"\*\*|\*|(?<=.)[?+]|\[[^\]\s]+\]")


def example_of(pattern: str) -> str:
    """A name that a pattern matches; the pattern itself where it is none."""
    text = pattern.replace("**", "any").replace("*", "any")
    text = re.sub(r"\[0-9\]\+?|\[\d-\d\]\+?", "1", text)
    text = re.sub(r"\[([^\]])[^\]]*\]\+?", r"\1", text)
    return text.replace("+", "").replace("?", "") if text != pattern else pattern
