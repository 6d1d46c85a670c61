"""Which rules of which tools speak of the same fault."""

from functools import cache

from iact_guard.data.tables import table


def topic(tool: str, rule: str) -> str | None:
    """The topic of a rule; None for one that is merged with nothing."""
    topics = _topics()
    if (tool, rule) in topics:
        return topics[tool, rule]
    starts = (rule[:length] for length in range(len(rule) - 1, 0, -1))
    return next((topics[tool, f"{s}*"] for s in starts if (tool, f"{s}*") in topics), None)


def tools_of(topic: str) -> frozenset[str]:
    """The tools that have a rule of a topic."""
    return frozenset(table("topics")[topic])


@cache
def _topics() -> dict[tuple[str, str], str]:
    return {
        (tool, rule): name
        for name, tools in table("topics").items()
        for tool, rules in tools.items()
        for rule in rules
    }
