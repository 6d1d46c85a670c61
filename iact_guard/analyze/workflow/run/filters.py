"""Branch and tag filters of triggers, as GitHub matches them."""

import re

from iact_guard.analyze.workflow.triggers.filters import selects
from iact_guard.model.workflow import Trigger


def lets_through(trigger: Trigger, ref: str) -> bool:
    """Whether a push of a ref, or a pull request into a branch, passes the filters for it."""
    tag = ref.startswith("refs/tags/")
    name = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    only = trigger.tags if tag else trigger.branches
    others = trigger.branches if tag else trigger.tags
    ignored = trigger.tags_ignore if tag else trigger.branches_ignore
    others_ignored = trigger.branches_ignore if tag else trigger.tags_ignore
    if only is not None:
        return selects([each.text for each in only], name)
    if ignored is not None:
        return not selects([each.text for each in ignored], name)
    return others is None and others_ignored is None


def example_of(pattern: str) -> str:
    """A name that a pattern matches; the pattern itself where it is none."""
    text = pattern.replace("**", "any").replace("*", "any")
    text = re.sub(r"\[0-9\]\+?|\[\d-\d\]\+?", "1", text)
    text = re.sub(r"\[([^\]])[^\]]*\]\+?", r"\1", text)
    return text.replace("+", "").replace("?", "") if text != pattern else pattern
