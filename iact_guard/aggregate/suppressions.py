"""Waivers and comments that do nothing, have no reason or have expired, as findings (IG004)."""

import datetime
from collections.abc import Callable, Iterator, Sequence

from iact_guard.aggregate.allow import Allow
from iact_guard.aggregate.waive import Waived
from iact_guard.evaluate.policies import apply
from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.settings import Config, Waiver

ID = "IG004"
Asked = Callable[[str], bool]
"""Whether a rule was asked of everything, so that silence means that there is nothing."""
UnknownRule = Callable[[str], str | None]
"""What is wrong with a rule's id; None where nothing is known to be."""


@dataclass(frozen=True, slots=True)
class Suppressions:
    """All that was said of findings, and on which line each waiver stands."""

    waivers: Sequence[tuple[Waiver, Location]]
    allows: Sequence[Allow]
    waived: Waived
    today: datetime.date


def idle_suppressions(
    said: Suppressions, policy: Policy, config: Config, asked: Asked, unknown_rule: UnknownRule
) -> list[Finding]:
    """The findings of IG004 (`policy`), as the configuration wants them."""
    found = []
    items = (*_waivers(said, asked), *_allows(said, asked, unknown_rule))
    for place, message, anchor in items:
        effective = apply(policy, config.setting(ID, place.path))
        if effective.enabled:
            found.append(_finding(effective, place, message, anchor))
    return found


Item = tuple[Location, str, str]


def _waivers(said: Suppressions, asked: Asked) -> Iterator[Item]:
    for waiver, place in said.waivers:
        uses = said.waived.of_waivers[waiver]
        what = f"the waiver of {waiver.rule} for {', '.join(waiver.paths)}"
        anchor = f"waiver:{waiver.rule}:{','.join(waiver.paths)}"
        if waiver.expires < said.today:
            yield place, f"{what} expired on {waiver.expires}{_still(uses)}", f"{anchor}:expired"
        elif not uses and asked(waiver.rule):
            yield place, f"{what} suppresses nothing", f"{anchor}:unused"


def _allows(said: Suppressions, asked: Asked, unknown_rule: UnknownRule) -> Iterator[Item]:
    for allow in said.allows:
        anchor = f"allow:{','.join(allow.rules)}:{allow.reason}"
        if allow.mistake:
            how = "`iact-guard: allow ID because REASON`, with `until DATE` before `because`"
            yield allow.location, f"this comment does not count: {allow.mistake}; {how}", anchor
            continue
        for rule in allow.rules:
            uses = said.waived.of_allows[allow, rule]
            if wrong := unknown_rule(rule):
                yield allow.location, f"this comment allows {rule}, and {wrong}", f"{anchor}:{rule}"
            elif allow.until and allow.until < said.today:
                message = f"what this comment allows expired on {allow.until}{_still(uses)}"
                yield allow.location, message, f"{anchor}:expired"
                break
            elif not uses and asked(rule):
                message = f"this comment allows {rule}, and there is no such finding on line"
                yield allow.location, f"{message} {allow.line}", f"{anchor}:{rule}"


def _still(uses: int) -> str:
    if not uses:
        return ", and nothing needs it any more"
    return f": {uses} finding{'s are' if uses > 1 else ' is'} open again"


def _finding(policy: Policy, place: Location, message: str, anchor: str) -> Finding:
    return Finding(
        tool="iact-guard",
        rule=policy.id,
        name=policy.name,
        outcome="fail",
        severity=policy.severity,
        precision=policy.precision,
        message=message,
        location=place,
        remedy=" ".join(policy.remedy.split("\n\n", 1)[0].split()),
        guide=policy.guide[0],
        anchor=anchor,
        security=policy.security,
    )
