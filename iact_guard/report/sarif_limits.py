"""GitHub's limits on a SARIF file: over one of them it rejects the file, or the run in it.

"SARIF support for code scanning" in its documentation.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

MAX_COMPRESSED = 10_000_000
"""Bytes after gzip."""
MAX_RUNS = 20
MAX_RESULTS = 25_000
"""Of a run."""
MAX_RULES = 25_000
MAX_EXTENSIONS = 100
MAX_TAGS = 20
"""Of a rule."""
MAX_LOCATIONS = 1_000
"""Of a result."""
MAX_STEPS = 10_000
"""Locations of the thread flows of a result."""


def refusals(log: Any, compressed: int) -> Iterator[str]:
    """Why GitHub would not take a log of so many compressed bytes; nothing where it would."""
    if compressed > MAX_COMPRESSED:
        yield f"{compressed} bytes after gzip, {MAX_COMPRESSED} are allowed"
    runs = log.get("runs") if isinstance(log, dict) else None
    if not isinstance(runs, list) or not all(isinstance(run, dict) for run in runs):
        yield "it is no SARIF: it has no list of `runs`"
        return
    if log.get("version") != "2.1.0":
        yield f"its version is {str(log.get('version'))[:20]}, GitHub reads 2.1.0"
    if len(runs) > MAX_RUNS:
        yield f"{len(runs)} runs, {MAX_RUNS} are allowed"
    names = Counter((_driver(run).get("name"), _category(run)) for run in runs)
    for (tool, category), count in names.items():
        if count > 1:
            yield f"{count} runs of {tool} with the category {category or 'none'}: one is allowed"
    for number, run in enumerate(runs, start=1):
        where = f"run {number} ({_driver(run).get('name')})"
        yield from (f"{where}: {reason}" for reason in _run(run))


def _run(run: dict[str, Any]) -> Iterator[str]:
    results, rules = _list(run, "results"), _list(_driver(run), "rules")
    yield from _over(len(results), MAX_RESULTS, "results")
    yield from _over(len(rules), MAX_RULES, "rules")
    yield from _over(len(_list(run.get("tool"), "extensions")), MAX_EXTENSIONS, "extensions")
    tags = (len(_list(rule.get("properties"), "tags")) for rule in rules if isinstance(rule, dict))
    yield from _over(max(tags, default=0), MAX_TAGS, "tags of a rule")
    found = [result for result in results if isinstance(result, dict)]
    keys = ("locations", "relatedLocations")
    places = (len(_list(result, key)) for result in found for key in keys)
    yield from _over(max(places, default=0), MAX_LOCATIONS, "locations of a result")
    yield from _over(max(map(_steps, found), default=0), MAX_STEPS, "steps of a result's flows")


def _over(count: int, limit: int, what: str) -> Iterator[str]:
    if count > limit:
        yield f"{count} {what}, {limit} are allowed"


def _steps(result: dict[str, Any]) -> int:
    flows = (flow for code in _list(result, "codeFlows") for flow in _list(code, "threadFlows"))
    return sum(len(_list(flow, "locations")) for flow in flows)


def _driver(run: dict[str, Any]) -> dict[str, Any]:
    tool = run.get("tool")
    driver = tool.get("driver") if isinstance(tool, dict) else None
    return driver if isinstance(driver, dict) else {}


def _category(run: dict[str, Any]) -> str:
    """Everything before the last slash of the id."""
    details = run.get("automationDetails")
    id = details.get("id") if isinstance(details, dict) else None
    return id.rpartition("/")[0] if isinstance(id, str) else ""


def _list(data: Any, key: str) -> list[Any]:
    found = data.get(key) if isinstance(data, dict) else None
    return found if isinstance(found, list) else []
