"""What a gate that found something leaves behind: the colour of its step, and its outputs."""

from dataclasses import field

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.workflow.gates.gate import Gate
from iact_guard.analyze.workflow.gates.switched import switch_of
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Step
from iact_guard.syntax.expression import Open, Unknown, Value


@dataclass(frozen=True, slots=True)
class Left:
    """What later steps can see of a gate that found something."""

    red: bool
    """Its step's `outcome` is a failure; its `conclusion` is what `continue-on-error` makes."""
    outputs: Open = field(default_factory=Open)
    """The outputs that only a failure writes, as far as they are known."""

    @property
    def seen(self) -> str:
        """What of its step tells a failure, as a choice for a regular expression."""
        return "outcome|outputs" if self.red else "outputs"

    def steps(self, step: Step) -> Open:
        """The context `steps` behind the step."""
        outcome = "failure" if self.red else "success"
        known = {"outcome": outcome, "conclusion": "success", "outputs": self.outputs}
        return Open({step.key.text: Open(known)} if step.key else {})


def is_silent(ctx: Context, gate: Gate) -> bool:
    """Whether a gate's own options, or the script around it, leave its step green."""
    switch = switch_of(ctx, gate)
    if switch.state == "known" and switch.known.state in ("off", "advisory"):
        return True
    failure = failure_of(ctx, gate.command) if gate.command else None
    return bool(failure and failure.state == "known" and failure.known.verdict == "swallowed")


def left_by(ctx: Context, gate: Gate, *, red: bool) -> Left:
    """What is left where a gate found something, and its step turned red or stayed green."""
    found: dict[str, list[Value]] = {}
    failure = failure_of(ctx, gate.command) if gate.command else None
    for target, words in failure.known.said if failure and failure.state == "known" else ():
        name, equals, value = (words or "").removeprefix("echo ").partition("=")
        if "GITHUB_OUTPUT" in target and words and words.startswith("echo ") and equals:
            found.setdefault(name.strip(), []).append(value)
    return Left(
        red,
        Open(
            {
                name: values[0] if len(values) == 1 else Unknown(tuple(values))
                for name, values in found.items()
            }
        ),
    )
