"""Uploads to code scanning: what they upload, whether they may, and what keeps them from it."""

import posixpath
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.gates.gate import Gate, gates_of
from iact_guard.analyze.workflow.gates.standing import tolerance_of
from iact_guard.analyze.workflow.gates.switched import contexts_at, switch_of
from iact_guard.analyze.workflow.performed import Performed, callers_of, work_of
from iact_guard.analyze.workflow.rights.token import permissions_in_force
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Permissions, Step

SCOPE = "security-events"
_SCANS = frozenset({"sast", "iac", "container", "dependencies", "secrets", "lint"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A step that sends SARIF to code scanning."""

    performed: Performed
    name: str
    """`github/codeql-action/upload-sarif`."""
    location: Location
    file: Authored | None
    """What it uploads, where that was made by another step."""
    own_token: bool
    """It is given another token than the job's."""


@fact("job.sarif_uploads")
def uploads_of(ctx: Context, job: Job) -> Fact[tuple[Upload, ...]]:
    """The uploads of a job, those of its composite actions included."""
    return known(tuple(_uploads(work_of(ctx, job).known.steps)))


def _uploads(steps: tuple[Performed, ...]) -> Iterator[Upload]:
    known_actions = table("sarif")
    for performed in steps:
        step = performed.step
        name = parse_use(step.uses).name.lower() if step.uses else ""
        row = known_actions.get(name)
        if row is None or step.uses is None or _is_off(step, row.get("unless", {})):
            continue
        token = step.input(row.get("token", ""))
        own = bool(token) and "github.token" not in str(token and token.text).lower() and (
            "secrets.github_token" not in str(token and token.text).lower()
        )  # fmt: skip
        file = step.input(row["file"]) if "file" in row else None
        yield Upload(performed, name, step.uses.location, file, own)


def _is_off(step: Step, unless: dict[str, list[str]]) -> bool:
    given = ((step.input(key), values) for key, values in unless.items())
    return any(text and text.text.strip().lower() in values for text, values in given)


def denied_by(ctx: Context, job: Job) -> Permissions | None:
    """The `permissions` that keep a job from uploading; None where nothing declared does.

    A called workflow has at most what its caller has.
    """
    own = permissions_in_force(ctx, job)
    if own is not None and own.access(SCOPE) != "write":
        return own
    for caller in callers_of(ctx, ctx.project.workflow_of(job)):
        given = permissions_in_force(ctx, caller)
        if given is not None and given.access(SCOPE) != "write":
            return given
    return None


def scans_before(ctx: Context, job: Job, upload: Upload) -> Iterator[Gate]:
    """The gates of the same job, before an upload, that write what it uploads."""
    owner, step = upload.performed.step.parent, upload.performed.step
    for performed in work_of(ctx, job).known.steps:
        if performed.step.id == step.id:
            return
        if performed.step.parent == owner and _writes(performed.step, upload):
            yield from (g for g in gates_of(ctx, performed.step).known if g.kind in _SCANS)


def _writes(step: Step, upload: Upload) -> bool:
    """Whether a step names the file that is uploaded, or SARIF where a folder is uploaded."""
    texts = [text.text for text in (step.run, *(pair.value for pair in step.with_)) if text]
    file = upload.file.text.strip() if upload.file else ""
    if step.key and f"steps.{step.key.text}." in file:
        return True
    name = posixpath.basename(file.rstrip("/"))
    if "." in name.strip("."):
        return any(name in text for text in texts)
    return any("sarif" in text.lower() for text in texts)


def fails_its_step(ctx: Context, gate: Gate) -> bool | None:
    """Whether what a gate finds ends its job then and there; None where that cannot be told."""
    if tolerance_of(ctx, gate.step.continue_on_error, contexts_at(ctx, gate.step)) is not False:
        return False
    switch = switch_of(ctx, gate)
    if switch.state == "known" and switch.known.state in ("off", "advisory"):
        return False
    failure = failure_of(ctx, gate.command) if gate.command else None
    if failure and failure.state == "known" and failure.known.verdict == "swallowed":
        return False
    if switch.state != "known" or switch.known.state == "conditional":
        return None
    if failure and (failure.state != "known" or failure.known.verdict == "conditional"):
        return None
    return True
