"""Scopes of the workflow's token that a job certainly writes with."""

import re
from collections.abc import Iterator
from typing import Any

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.matching import runs
from iact_guard.analyze.shell.scripts import commands_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import Performed, called_workflow, work_of
from iact_guard.analyze.workflow.rights.token import permissions_in_force
from iact_guard.data.tables import table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Step

_OWN = regex(r"\$\{\{\s*(github\.token|secrets\.github_token)\s*\}\}", re.IGNORECASE)
_CALL = regex(r"^(?!\s*//).*?\bgithub(?:\.rest)?\.(\w+\.\w+)\s*\(", re.MULTILINE)
_OTHER_REPOSITORIES = ("git clone", "gh repo clone", "pushd ", "cd ", "git -C", "worktree")
_OTHER_CREDENTIALS = (
    "set-url", "extraheader", "ssh-add", "credential.", "insteadOf", "GIT_ASKPASS", "gh auth",
)  # fmt: skip
_HOSTED = regex(r"(ubuntu|windows|macos)-[\w.-]+")


@dataclass(frozen=True, slots=True)
class Need:
    """Something that cannot do without a scope."""

    scopes: tuple[str, ...]
    """Scopes of which one has to be `write`."""
    what: str
    location: Location
    via: tuple[Evidence, ...] = ()
    called: bool = False
    """A called workflow asks for it: GitHub refuses the run where its caller has less."""


@fact("job.needed_scopes")
def needed_scopes_of(ctx: Context, job: Job) -> Fact[tuple[Need, ...]]:
    """What a job needs of the permissions in force for it, in order."""
    found: list[Need] = []
    for performed in work_of(ctx, job).known.steps:
        inner = performed.job
        if inner.id == job.id or permissions_in_force(ctx, inner) is None:
            found += _of_step(ctx, job, performed)
    return known((*found, *_of_call(ctx, job)))


def _of_call(ctx: Context, job: Job) -> Iterator[Need]:
    """What the jobs of a called workflow ask for: they cannot get more than their caller has."""
    called = called_workflow(ctx, job)
    started = called and any(t.event == "workflow_call" for t in called.triggers)
    for inner in called.jobs if called and started else ():
        asked = permissions_in_force(ctx, inner)
        for scope in asked.scopes if asked else ():
            if scope.access == "write" and job.uses:
                place = Evidence(scope.location, f"{inner.key} asks for `{scope.name}: write`")
                what = f"{inner.key} of {called.path if called else ''}"
                yield Need((scope.name,), what, job.uses.location, (place,), called=True)


def _of_step(ctx: Context, job: Job, performed: Performed) -> Iterator[Need]:
    step = performed.step
    own = performed.step.path == job.path
    if step.uses:
        name = parse_use(step.uses).name.lower()
        row = table("needed_scopes")["actions"].get(name)
        if row and _applies(ctx, performed, row):
            place = step.uses.location
            yield from (_need(s, name, place, performed) for s in row["scopes"])
        elif name == "actions/github-script":
            yield from _script(performed)
        elif name == "docker/build-push-action" and _pushes_image(performed):
            yield _need("packages", name, step.uses.location, performed)
    elif step.run and own:
        for command in commands_of(ctx, step.id):
            yield from _command(ctx, performed, command)


def _need(scopes: str, what: str, place: Location, performed: Performed) -> Need:
    return Need(tuple(scopes.split("|")), f"`{what}`", place, performed.via)


def _applies(ctx: Context, performed: Performed, row: dict[str, Any]) -> bool:
    step = performed.step
    given = {pair.key.text.lower(): pair.value for pair in step.with_ if pair.value.text.strip()}
    if any(name not in given for name in row.get("asks", ())):
        return False
    if any(name in given for name in row.get("without", ())):
        return False
    for name, values in row.get("equals", {}).items():
        if name not in given or given[name].text.lower() not in values:
            return False
    if any(name in given and not _is_own(given[name]) for name in row.get("token", ())):
        return False
    variable = row.get("variable")
    if variable and not any(name in given for name in row.get("token", ())):
        value = _variable(ctx, performed, variable)
        if value is None or not _is_own(value):
            return False
    others = (_variable(ctx, performed, name) for name in row.get("environment", ()))
    if any(value and not _is_own(value) for value in others):
        return False
    if row.get("hosted") and not _is_hosted(performed.job):
        return False
    if row.get("first") and _used_before(performed):
        return False
    return not row.get("pushes") or _stored_token_is_own(performed.job)


def _used_before(performed: Performed) -> bool:
    """Whether a step before it uses the same action: it may take on what that one got."""
    name = parse_use(performed.step.uses).name if performed.step.uses else ""
    steps = performed.job.steps[: performed.outer.index] if performed.outer else ()
    return any(step.uses and parse_use(step.uses).name == name for step in steps)


def _is_own(value: Authored) -> bool:
    return bool(_OWN.fullmatch(value.text.strip()))


def _is_hosted(job: Job) -> bool:
    return len(job.runs_on) == 1 and bool(_HOSTED.fullmatch(job.runs_on[0].text.strip()))


def _variable(ctx: Context, performed: Performed, name: str) -> Authored | None:
    """The innermost `env` of that name."""
    workflow = ctx.project.workflow_of(performed.job)
    for pairs in (performed.step.env, performed.job.env, workflow.env):
        found = next((pair.value for pair in pairs if pair.key.text == name), None)
        if found:
            return found
    return None


def _script(performed: Performed) -> Iterator[Need]:
    script, token = performed.step.input("script"), performed.step.input("github-token")
    if script is None or (token and not _is_own(token)) or "getOctokit" in script.text:
        return
    calls = table("needed_scopes")["calls"]
    for match in _CALL.finditer(script.text):
        for scopes in calls.get(match[1], ()):
            yield _need(
                scopes, match[1], script.first_line(match.start(1), match.end(1)), performed
            )


def _command(ctx: Context, performed: Performed, command: Command) -> Iterator[Need]:
    if command.embedded or not performed.step.run:
        return
    if command.tool == "git" and "push" in command.words:
        if _pushes_with_own(performed, command):
            yield _need("contents", "git push", command.location, performed)
        return
    if command.tool != "gh" or {"-R", "--repo", "--dry-run", "--help"} & set(command.words):
        return
    token = _variable(ctx, performed, "GH_TOKEN") or _variable(ctx, performed, "GITHUB_TOKEN")
    own = token is not None and _is_own(token) and "TOKEN=" not in performed.step.run.text
    for row in table("needed_scopes")["gh"] if own else ():
        if runs(command, f"gh {row['words']}"):
            what = f"gh {row['words']}"
            yield from (_need(s, what, command.location, performed) for s in row["scopes"])
            return


def _pushes_with_own(performed: Performed, command: Command) -> bool:
    """Whether a push goes to this repository with what checkout stored."""
    if {"--dry-run", "-n"} & set(command.words) or not _stored_token_is_own(performed.job):
        return False
    words = [word for word in command.argv[1:] if word != "push" and (word or "-")[0] != "-"]
    if words and words[0] != "origin":
        return False
    job = performed.job
    if performed.step.working_directory or job.working_directory:
        return False  # another repository may lie there
    texts = [step.run.text for step in job.steps if step.run]
    return not any(word in text for text in texts for word in _OTHER_REPOSITORIES)


def _stored_token_is_own(job: Job) -> bool:
    """Whether the only credentials that checkout left are the workflow's token."""
    steps = [step for step in job.steps if step.uses]
    checkouts = [s for s in steps if s.uses and parse_use(s.uses).name == "actions/checkout"]
    if len(checkouts) != 1:
        return False
    (step,) = checkouts
    token, keeps = step.input("token"), step.input("persist-credentials")
    if step.input("repository") or step.input("ssh-key") or (token and not _is_own(token)):
        return False
    if keeps and keeps.text != "true":
        return False
    texts = [each.run.text for each in job.steps if each.run]
    return not any(word in text for text in texts for word in _OTHER_CREDENTIALS)


def _pushes_image(performed: Performed) -> bool:
    """Whether an image is pushed to the registry of GitHub, with the workflow's token."""
    push, tags = performed.step.input("push"), performed.step.input("tags")
    logins = [each for each in performed.job.steps if _is_login(each)]
    if push is None or push.text != "true" or len(logins) != 1:
        return False
    registry, password = logins[0].input("registry"), logins[0].input("password")
    ours = registry is not None and registry.text.strip() == "ghcr.io"
    elsewhere = tags is not None and "${{" not in tags.text and "ghcr.io" not in tags.text
    return ours and not elsewhere and password is not None and _is_own(password)


def _is_login(step: Step) -> bool:
    return step.uses is not None and parse_use(step.uses).name == "docker/login-action"
