"""What starts a run, and what its expressions can tell from it."""

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Input
from iact_guard.syntax.expression import EITHER, Open, Unknown, Value

PULL_REQUESTS = frozenset({
    "pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment",
})  # fmt: skip
# Parts of the payload that only some events have: absent in all others.
_PAYLOAD = {
    "pull_request": PULL_REQUESTS,
    "issue": {"issues", "issue_comment"},
    "comment": {"issue_comment", "pull_request_review_comment", "commit_comment",
                "discussion_comment"},
    "review": {"pull_request_review"},
    "release": {"release"},
    "workflow_run": {"workflow_run"},
    "head_commit": {"push"},
    "inputs": {"workflow_dispatch"},
    "schedule": {"schedule"},
    "merge_group": {"merge_group"},
    "client_payload": {"repository_dispatch"},
    "deployment_status": {"deployment_status"},
    "discussion": {"discussion", "discussion_comment"},
    "check_suite": {"check_suite"},
    "check_run": {"check_run"},
}  # fmt: skip
_WITHOUT_ACTIVITY = frozenset({"push", "schedule", "workflow_dispatch"})
_OF_OPEN = frozenset({
    "opened", "synchronize", "reopened", "ready_for_review", "converted_to_draft",
    "auto_merge_enabled", "auto_merge_disabled", "enqueued", "dequeued",
})  # fmt: skip
"""Activities of pull requests that are not merged yet; a label may come later."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event with everything about it that decides which jobs run."""

    name: str
    """`push`, `pull_request`, ...; empty where a caller that we do not know decides."""
    location: Location
    """Of the trigger."""
    ref: str = ""
    """`refs/heads/main`, `refs/tags/v1`; empty where it can be any."""
    base: str = ""
    """The branch that a pull request or a merge group goes into; empty where it can be any."""
    action: str = ""
    """The activity type; empty without any."""
    fork: bool | None = None
    """Of a pull request: from a fork; None where it makes no difference yet."""
    inputs: tuple[Input, ...] = ()
    """Of a dispatch."""
    cron: str = ""

    def __str__(self) -> str:
        """`push to main`."""
        name = self.name or "a call from elsewhere"
        if self.base:
            name = f"{name} into {self.base}"
        elif self.ref.startswith("refs/tags/"):
            name = f"{name} of the tag {self.ref_name}"
        elif self.ref:
            name = (
                f"{name} to {self.ref_name}"
                if self.name == "push"
                else f"{name} on {self.ref_name}"
            )
        action = f" ({self.action})" if self.action and self.action != "opened" else ""
        return f"{name}{action}{' from a fork' if self.fork else ''}"

    @property
    def ref_name(self) -> str:
        """The branch or tag."""
        return self.ref.removeprefix("refs/heads/").removeprefix("refs/tags/")


def github_of(event: Event) -> Value:
    """The `github` context: what is not in it may be anything."""
    if not event.name:
        return Open()
    pull = event.name in PULL_REQUESTS
    known: dict[str, Value] = {
        "event_name": event.name,
        "event": _payload(event),
        "base_ref": (event.base or Unknown()) if pull else "",
    }
    if not pull:
        known["head_ref"] = ""
    if event.name in ("pull_request", "pull_request_review", "pull_request_review_comment"):
        if event.action == "closed":
            known |= {"ref": Unknown(), "ref_name": Unknown()}
        else:
            known |= {"ref": "refs/pull/1/merge", "ref_name": "1/merge", "ref_type": "branch"}
    elif event.ref:
        tag = event.ref.startswith("refs/tags/")
        kind = "tag" if tag else "branch"
        known |= {"ref": event.ref, "ref_name": event.ref_name, "ref_type": kind}
    return Open(known)


def _payload(event: Event) -> Value:
    known: dict[str, Value] = {
        name: None for name, events in _PAYLOAD.items() if event.name not in events
    }
    if event.name in _WITHOUT_ACTIVITY:
        known["action"] = None
    if event.action:
        known["action"] = event.action
        if event.name in PULL_REQUESTS and event.action != "synchronize":
            known |= {"before": None, "after": None}
        if event.action not in ("labeled", "unlabeled"):
            known["label"] = None
    if event.name in PULL_REQUESTS:
        known["pull_request"] = _pull_request(event)
    if event.name == "workflow_dispatch":
        known["inputs"] = Open({each.name: _as_text(each) for each in event.inputs})
    if event.name == "push":
        known["ref"] = event.ref or Unknown()
    if event.cron:
        known["schedule"] = event.cron
    return Open(known)


def _pull_request(event: Event) -> Value:
    known: dict[str, Value] = {"base": Open({"ref": event.base or Unknown()})}
    if event.fork is not None:
        known["head"] = Open({"repo": Open({"fork": event.fork})})
    if event.action == "closed":
        known |= {"merged": EITHER, "state": "closed"}
    elif event.action in _OF_OPEN:
        known |= {"merged": False, "state": "open"}
    return Open(known)


def _as_text(given: Input) -> Value:
    """In the payload every input is a text."""
    return Unknown(("false", "true")) if given.type == "boolean" else dispatched(given)


def dispatched(given: Input) -> Value:
    """What a person can give for an input, its default first."""
    default = given.default.text if given.default else ""
    if given.type == "boolean":
        return Unknown((True, False)) if default == "true" else EITHER
    if given.type == "choice" and given.options:
        others = (option for option in given.options if option != default)
        first = (default,) if default in given.options else ()
        options = (*first, *others)
        return Unknown(options) if len(options) > 1 else options[0]
    return Unknown()
