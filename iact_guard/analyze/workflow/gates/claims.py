"""What the name of a step claims that it does."""

import re
from functools import cache

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.idle import Spoken, told_by
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.analyze.workflow.deploy.deployments import deployments_of
from iact_guard.analyze.workflow.gates.gate import gates_of
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Action, Job, Step

_WORD = regex(r"[^\W\d_]\w*")
_COMPOUND = regex(r"\b(roll|back|health|dry) (back|up|checks?|run)\b")
_GATE = regex(r"^\W*gate on\b")
_PLACEHOLDER = regex(r"\$\{\{.*?\}\}", re.DOTALL)
_OCCASION = regex(r"\b(on|after|of) (success|failure|completion|error|failed)\b")
_GATES = ("test", "check", "verification")
_SHIPPED = ("deployment", "build")
_PLAIN = str.maketrans("áéíóúñ", "aeioun")
_SPEAKS_OF_OTHERS = regex(r"\b(needs|steps)\s*[.\[]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A name that says what is done."""

    kind: str
    """As in `data/claims.toml`."""
    name: str
    location: Location
    """Of the name, on one line."""
    nothing: str
    """What does not happen where the step does nothing."""

    @property
    def judges(self) -> bool:
        """Whether it promises to find something out."""
        return self.kind in _GATES


@fact("step.hollow")
def hollow_claim_of(ctx: Context, step: Step) -> Fact[tuple[Claim, Spoken]]:
    """What a step claims to do although it only speaks."""
    claim = _claim_of(ctx, step) or _verification(step)
    if claim is None or step.run is None:
        return not_applicable("nothing names work that the step would have to do")
    spoken = told_by(ctx, step).known
    if spoken is None or (claim.kind == "verification" and not spoken.asks):
        return not_applicable("it does something, or promises nothing")
    if _says("honest", spoken.text) or _left_to_others(claim, spoken.text):
        return not_applicable("it says that there is nothing to do")
    if claim.kind in _GATES and _SPEAKS_OF_OTHERS.search(step.run.text):
        return not_applicable("it tells what others found")
    if claim.kind != "verification" and step.index < _last_doing(ctx, step, claim.kind):
        return not_applicable("a step behind it does what it announces")
    if spoken.reads and not spoken.asks and _was_waited_for(ctx, step):
        return not_applicable("it lists what a step before it waited for")
    return known((claim, spoken))


def _left_to_others(claim: Claim, text: str) -> bool:
    """Whether a step says that somebody else ships it, and not that it is done."""
    return claim.kind in _SHIPPED and _says("elsewhere", text) and not _says("boasting", text)


def _was_waited_for(ctx: Context, step: Step) -> bool:
    """Whether a step before it fails where a deployment does not come to its end."""
    owner = ctx.project.by_id[step.parent]
    before = owner.steps[: step.index] if isinstance(owner, Job | Action) else ()
    return any(
        command.tool and _said("waiting") & set(command.words)
        for each in before
        for command in commands_of(ctx, each.id)
    )


def _verification(step: Step) -> Claim | None:
    """`Verify the configuration`: a promise where the script asks, and only says what it heard."""
    words = _words(step.name.text) if step.name else []
    if not words or words[0] not in _said("asking") or set(words) & _said("telling"):
        return None
    place = step.name.first_line(0, len(step.name.text)) if step.name else step.location
    name = " ".join(step.name.text.split()) if step.name else ""
    return Claim("verification", name, place, "nothing is verified")


def _claim_of(ctx: Context, step: Step) -> Claim | None:
    """By the step's name; without one by its job's, where the job does nothing else."""
    if step.name:
        return claim_in(step.name)
    job = ctx.project.by_id[step.parent]
    if not isinstance(job, Job) or step.run is None or not _says("claiming", step.run.text):
        return None
    if any(other.run and other.id != step.id for other in job.steps):
        return None
    if any(other.uses and not _prepares(other.uses.text) for other in job.steps):
        return None
    return claim_in(job.name or Authored(job.key, job.location), job.location)


def claim_in(name: Authored, place: Location | None = None) -> Claim | None:
    """What a name claims, by the table; it stands at `place`, else where it was written."""
    words = _words(name.text)
    row = _row(words) if words else None
    if row is None:
        return None
    place = place or name.first_line(0, len(name.text))
    return Claim(row["kind"], " ".join(name.text.split()), place, row["nothing"])


def promises_a_verdict(name: Authored) -> bool:
    """Whether something of that name is meant to find out whether all is well."""
    words = _words(name.text)
    claim = claim_in(name)
    return (claim is not None and claim.judges) or (bool(words) and words[0] in _said("asking"))


def _row(words: list[str]) -> dict[str, str] | None:
    """The row of the table that a name of these words (not none) belongs to."""
    rows = table("claims")["claim"]
    first, silent = words[0], _said("silent") & set(words)
    for row in rows:
        named = first in _split(row["verbs"]) or words[-1] in _split(row.get("closing", ""))
        if named and silent <= _split(row.get("of", "")):
            return dict(row)
    if silent:
        return None
    if first in _said("checking"):
        named = any(word in _split(row["objects"]) for row in rows for word in words[1:])
        return next(dict(row) for row in rows if row["kind"] == "check") if named else None
    rest = words[1:] if first in _said("doing") else words
    for row in rows:
        objects, ends = _split(row["objects"]), _split(row.get("ends", ""))
        usual = objects | _said("qualifiers")
        named = any(word in objects for word in words)
        told = named or (len(words) > 1 and words[-1] in ends)
        plain = usual.issuperset(rest[:-1]) and words[-1] in usual | ends
        if (told and plain) or (named and first in _said("doing")):
            return dict(row)
    return None


def _words(name: str) -> list[str]:
    """Words in lower case, `roll back` and `health-check` as one, expressions gone."""
    text = _PLACEHOLDER.sub(" ", name).lower().translate(_PLAIN)
    text = _GATE.sub("enforce", " ".join(re.split(r"[\s_-]+", text)))
    text = _COMPOUND.sub(r"\1\2", text)
    words = _WORD.findall(_OCCASION.sub("", text.replace("end to end", "e2e")))
    return words[1:] if words[:1] in (["step"], ["stage"], ["paso"]) else words


def _says(name: str, text: str) -> bool:
    return bool(_pattern(name).search(text.lower()))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(table("claims")[name].replace("\n", ""))


@cache
def _said(name: str) -> frozenset[str]:
    return _split(table("claims")[name])


@cache
def _split(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _prepares(uses: str) -> bool:
    words = set(re.split(r"\W", uses.partition("@")[0].rpartition("/")[2].lower()))
    return bool(words & _said("preparing"))


def _last_doing(ctx: Context, step: Step, kind: str) -> int:
    """The index of the last step beside a step that does what a claim of a kind announces."""
    owner = ctx.project.by_id[step.parent]
    return _last_by_kind(ctx, owner).known[kind] if isinstance(owner, Job | Action) else -1


@fact("owner.last_doing")
def _last_by_kind(ctx: Context, owner: Job | Action) -> Fact[dict[str, int]]:
    """By kind of claim the index of the last step that does it, -1 where none does."""
    kinds = [row["kind"] for row in table("claims")["claim"]]
    backwards = owner.steps[::-1]
    return known(
        {
            kind: next((each.index for each in backwards if _does(ctx, kind, each)), -1)
            for kind in dict.fromkeys(kinds)
        }
    )


def _does(ctx: Context, kind: str, other: Step) -> bool:
    """Whether a step does what a claim of a kind announces."""
    row = next(row for row in table("claims")["claim"] if row["kind"] == kind)
    if other.uses:
        words = set(re.split(r"[\W_]", other.uses.text.partition("@")[0].lower()))
        return bool(words & (_split(row["verbs"]) | _split(row["objects"])))
    if other.name and claim_in(other.name) and kind in _GATES:
        return False  # it claims work of its own
    if kind in _GATES:
        return bool(gates_of(ctx, other).known)
    owner = ctx.project.by_id[other.parent]
    if kind != "deployment" or not isinstance(owner, Job):
        return False
    return any(each.performed.outer is other for each in deployments_of(ctx, owner).known)
