"""What a `uses:` refers to."""

from typing import Literal

from iact_guard.analyze.context import Context, fact
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository

_COMMIT = regex(r"[0-9a-fA-F]{40}(?:[0-9a-fA-F]{24})?")
UseKind = Literal["action", "workflow", "local", "docker"]


@dataclass(frozen=True, slots=True)
class Use:
    """A parsed `uses:`: `owner/name/path@ref`, `./path`, `docker://image`."""

    kind: UseKind
    text: str
    name: str
    """`owner/name/path` of an action or workflow, the path of a local one, the image."""
    ref: str
    pinned: bool
    """A full commit hash, or a digest; what lies in the repository is pinned by its commit."""
    location: Location


def parse_use(uses: Authored) -> Use:
    """What `uses: TEXT` refers to."""
    text = uses.text.strip()
    if text.startswith(("./", "../", "$/")):
        return Use("local", text, text, "", True, uses.location)
    if text.startswith("docker://"):
        image = text.removeprefix("docker://")
        return Use("docker", text, image, "", "@sha256:" in image, uses.location)
    name, _, ref = text.partition("@")
    kind: UseKind = "workflow" if "/.github/workflows/" in name else "action"
    return Use(kind, text, name, ref, is_commit(ref), uses.location)


def is_commit(ref: str) -> bool:
    """Whether a ref is a full hash (SHA-1 or SHA-256)."""
    return _COMMIT.fullmatch(ref) is not None


@fact("repository.uses")
def uses_of_repository(ctx: Context, repository: Repository) -> Fact[tuple[Use, ...]]:
    """Every `uses:` of every workflow and action, in order."""
    jobs = (job.uses for job in ctx.project.entities("job") if job.uses)
    steps = (step.uses for step in ctx.project.entities("step") if step.uses)
    return known(tuple(parse_use(uses) for uses in (*jobs, *steps)))
