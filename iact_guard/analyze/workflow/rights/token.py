"""Which scopes of the workflow's token a job writes with."""

from collections.abc import Iterator
from dataclasses import field

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import is_followed
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import Performed, called_workflow, commands_in, work_of
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Job, Permissions
from iact_guard.syntax.expression import (
    ExpressionError,
    Index,
    Literal,
    Name,
    Node,
    inner_nodes,
    parse,
    parts,
)

ANY = "*"
_SENDING = frozenset({"publish", "push", "release", "deploy", "sign", "run", "run-script"})
_GIT_WRITES = frozenset({"push", "lfs", "subtree"})


@dataclass(slots=True)
class TokenUse:
    """What a job may write with its token."""

    scopes: dict[str, Evidence] = field(default_factory=dict)
    """Scopes that something in it is known to write with, and the first that does."""
    opaque: dict[str, Evidence] = field(default_factory=dict)
    """Scopes that something may write with which we cannot see through; `*` for all of them."""

    def may_use(self, scope: str) -> Evidence | None:
        """What may write with a scope, and cannot be told."""
        return self.opaque.get(scope) or self.opaque.get(ANY)


@fact("job.token_use")
def token_use_of(ctx: Context, job: Job) -> Fact[TokenUse]:
    """The scopes that a job's steps write with, and what cannot be seen through."""
    use = TokenUse()
    work = work_of(ctx, job).known
    for evidence in work.opaque:
        use.opaque.setdefault(ANY, evidence)
    for performed in work.steps:
        step = performed.step
        if step.uses and parse_use(step.uses).kind != "local":
            _action(performed, step.uses, use)
        script = script_of(ctx, step.id)
        if script and (script.tree is None or script.tree.unparsed):
            reason = "this script cannot be understood"
            use.opaque.setdefault(ANY, Evidence(script.location, reason))
    given = {each.step.id: _has_token(ctx, each) for each in work.steps}
    for performed, command in commands_in(ctx, job):
        if not is_followed(ctx, command):
            _command(command, given[performed.step.id], use)
    called = called_workflow(ctx, job)
    for inner in called.jobs if called else ():
        permissions = permissions_in_force(ctx, inner)
        for scope in permissions.scopes if permissions else ():
            if scope.access == "write":
                asked = Evidence(scope.location, "the called workflow asks for it")
                use.scopes.setdefault(scope.name, asked)
    return known(use)


def permissions_in_force(ctx: Context, job: Job) -> Permissions | None:
    """The job's own `permissions`, else the workflow's; None where neither has any."""
    if job.permissions is not None:
        return job.permissions
    return ctx.project.workflow_of(job).permissions


def _action(performed: Performed, uses: Authored, use: TokenUse) -> None:
    known_actions: dict[str, list[str]] = table("token")["actions"]
    scopes = known_actions.get(parse_use(uses).name.lower())
    if scopes is None:
        use.opaque.setdefault(ANY, Evidence(uses.location, "what this action does is not known"))
        return
    for scope in scopes:
        use.scopes.setdefault(scope, Evidence(uses.location, f"this action can write {scope}"))


def _command(command: Command, given: bool, use: TokenUse) -> None:
    place = command.location
    if command.tool == "git" and _GIT_WRITES & set(command.words):
        use.scopes.setdefault("contents", Evidence(place, "git writes here"))
        return
    if command.tool == "gh":
        for scope in _gh(command):
            found = use.opaque if scope == ANY else use.scopes
            found.setdefault(scope, Evidence(place, "gh writes here"))
        return
    evidence = Evidence(place, f"what {command.tool or 'this command'} does is not known")
    if given:
        if command.tool not in _programs("mute"):
            use.opaque.setdefault(ANY, evidence)
    elif command.tool not in _programs("inert") or _SENDING & set(command.words):
        use.opaque.setdefault("id-token", evidence)
        stored = f"{evidence.message}, and checkout stores credentials that it can push with"
        use.opaque.setdefault("contents", Evidence(place, stored))


def _gh(command: Command) -> Iterator[str]:
    rows: dict[str, list[str]] = table("token")["gh"]
    first = next((word for word in command.words if word and not word.startswith("-")), "")
    yield from rows.get(first, [ANY] if first in ("", "api") else [])


def _programs(name: str) -> frozenset[str]:
    tables = table("token")["programs"]
    return frozenset(tables["mute"].split()) | frozenset(tables[name].split())


def _has_token(ctx: Context, performed: Performed) -> bool:
    """Whether the token is in a step's environment or in its script."""
    job, step = performed.job, performed.step
    workflow = ctx.project.workflow_of(job)
    values = [pair.value.text for pairs in (workflow.env, job.env) for pair in pairs]
    own = [*(pair.value.text for pair in step.env), step.run.text if step.run else ""]
    inputs = _inputs_with_token(ctx, performed)
    return any(map(_speaks_of_token, values)) or any(_speaks_of_token(text, inputs) for text in own)


def _inputs_with_token(ctx: Context, performed: Performed) -> frozenset[str]:
    """Inputs that bring the token into the action that a step stands in."""
    action = next((a for a in ctx.project.actions if a.id == performed.step.parent), None)
    if action is None:
        return frozenset()
    outer = performed.outer
    direct = outer is not None and len(performed.via) == 1
    found = set()
    for each in action.inputs:
        given = outer.input(each.name) if outer and direct else None
        value = given or each.default
        # What an action between them hands on is not followed: by its name it may be the token.
        handed_on = not direct and "token" in each.name.lower()
        if handed_on or (value and _speaks_of_token(value.text)):
            found.add(each.name.lower())
    return frozenset(found)


def _speaks_of_token(text: str, inputs: frozenset[str] = frozenset()) -> bool:
    if "${{" not in text:
        return False
    return any(_is_token(part.text, inputs) for part in parts(text) if part.is_expression)


def _is_token(expression: str, inputs: frozenset[str]) -> bool:
    try:
        return _reads_token(parse(expression), inputs)
    except ExpressionError:
        return True


def _reads_token(node: Node, inputs: frozenset[str]) -> bool:
    """Whether a value is made of the token, of such an input, or of a context that holds it."""
    match node:
        case Index(Name("github" | "secrets" as context), Literal(str(key))):
            return (context, key.lower()) in (("github", "token"), ("secrets", "github_token"))
        case Index(Name("inputs"), Literal(str(key))):
            return key.lower() in inputs
        case Name(name):
            return name in ("github", "secrets")
    return any(_reads_token(inner, inputs) for inner in inner_nodes(node))
