"""Tests of what was deployed: whether they can fail, and whether their failure counts."""

from collections.abc import Iterator
from itertools import groupby, pairwise

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.failure import failure_of
from iact_guard.analyze.shell.followed import (
    followed_of,
    is_followed,
    links_to,
    origin_of,
    script_with,
    way_to,
)
from iact_guard.analyze.shell.matching import matching
from iact_guard.analyze.shell.scripts import paths_of, script_of
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.after_failure import only_after_failure
from iact_guard.analyze.workflow.around import Moment, later_jobs, moments_of
from iact_guard.analyze.workflow.deploy.addresses import asks_others
from iact_guard.analyze.workflow.deploy.hooks import is_hook
from iact_guard.analyze.workflow.performed import Performed, work_of
from iact_guard.data.tables import Row, rows, table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job
from iact_guard.syntax import shell

_WORD = regex(r"[a-z]+[0-9]*[a-z]*")
_QUESTIONS = frozenset({"[", "test", "grep", "egrep", "jq", "diff", "cmp"})
_TESTERS = frozenset({"pytest", "bats", "jest", "vitest", "mocha", "rspec"})
_SPEAKS = frozenset({"echo", "printf", "sleep", "true", ":", "date", "cat", "export", "cd"})
_SENDS = frozenset({
    "-d", "--data", "--data-raw", "--data-binary", "--data-urlencode", "--json", "-F", "--form",
    "--post-data", "-X", "--request",
})  # fmt: skip
_STORES = frozenset({"-o", "--output", "-O", "--output-document", "-P", "--directory-prefix"})
_READERS = frozenset({"bash", "sh", "tar", "gpg", "sudo", "apt-key", "unzip"})


@dataclass(frozen=True, slots=True)
class Probe:
    """Something after a deployment that tests what runs, or may do so."""

    what: str
    location: Location
    job: Job
    """The one of the chain that performs it."""
    counts: bool | None
    """Whether it can fail, and its failure is the run's; None where that cannot be told."""
    reason: str = ""
    """Why not, or what cannot be told."""
    moment: Moment | None = None
    row: Row | None = None
    evidence: tuple[Evidence, ...] = ()

    @property
    def shows_broken(self) -> bool:
        """Whether its failure says that the application does not work, and not how well it does."""
        return not (self.row and self.row.get("load"))


def probes_after(ctx: Context, job: Job, index: int) -> Iterator[Probe]:
    """What tests production's application behind a moment of a job, in order."""
    yield from probes_among(ctx, moments_of(ctx, job).known[index + 1 :])
    for each in later_jobs(ctx, job).known:
        if _is_elsewhere(ctx, each):
            continue
        found = list(probes_among(ctx, moments_of(ctx, each).known))
        yield from found
        said = f"{each.key} {each.name.text if each.name else ''}"
        if found:
            continue
        if (work := work_of(ctx, each).known).opaque and words_in(said) & _promises(hints=True):
            place, reason = work.opaque[0].location, work.opaque[0].message
            yield Probe(each.key, place, each, None, f"what {each.key} does is not known: {reason}")
        elif words_in(said) & _promises() and not _only_speaks(moments_of(ctx, each).known):
            reason = f"whether {each.key} tests what was deployed is not known"
            yield Probe(each.key, each.location, each, None, reason)


def _is_elsewhere(ctx: Context, job: Job) -> bool:
    """Whether a job is named for another place: it follows where a caller deploys there."""
    place = job.environment.name.text if job.environment else ""
    file = ctx.project.workflow_of(job).path.rpartition("/")[2]
    for text in (f"{job.key} {job.name.text if job.name else ''} {place}", file):
        words = words_in(text)
        if any(word.startswith("prod") for word in words):
            return False
        if words & frozenset(table("probes")["elsewhere"]) - {"test", "testing", "integration"}:
            return True
    return False


def words_in(text: str) -> frozenset[str]:
    """The words of a name, in lower case."""
    lower = text.lower()
    found = frozenset(_WORD.findall(lower))
    return found | {"e2e"} if "end-to-end" in lower or "end to end" in lower else found


def _promises(*, hints: bool = False) -> frozenset[str]:
    names = table("probes")["names"]
    return frozenset((*names, *table("probes")["hints"]) if hints else names)


def probes_among(ctx: Context, moments: tuple[Moment, ...]) -> Iterator[Probe]:
    """What tests the application among moments of a job."""
    for _, group in groupby(moments, key=lambda each: id(each.performed)):
        of_step = tuple(group)
        first = of_step[0]
        conditions = first.performed.conditions
        own = first.job.condition if not any(first.job.condition is c for c in conditions) else None
        if only_after_failure((*conditions, *((own,) if own else ()))):
            continue
        found = [probe for each in of_step if (probe := _of_command(ctx, each))]
        yield from found
        if not found and (probe := _of_step(ctx, first, of_step)):
            yield probe


def _of_step(ctx: Context, moment: Moment, whole: tuple[Moment, ...]) -> Probe | None:
    """A step that tests, or may do so, as a whole: by its action, or by its name."""
    step = moment.performed.step
    said = words_in(step.name.text) if step.name else _said(moment.performed)
    if step.uses:
        use = parse_use(step.uses)
        row = table("probes")["actions"].get(use.name.lower())
        speaks_only = use.name.startswith("actions/") and use.name != "actions/github-script"
        if use.kind == "local" or (row is None and speaks_only):
            return None
        if row is not None or words_in(use.name) & _promises():
            counts, reason, evidence = _of_action(moment, row)
            return Probe(use.name, step.uses.location, moment.job, counts, reason, moment,
                         row, evidence)  # fmt: skip
        hints = use.name == "actions/github-script"
        if said & _promises(hints=hints) and not any(each.command for each in whole):
            reason = f"what {use.name} tests is not known"
            return Probe(use.name, step.uses.location, moment.job, None, reason, moment)
    script = script_of(ctx, step.id)
    if script is None or _only_speaks(whole):
        return None
    unclear = not script.reader.understood or followed_of(ctx, step).known.opaque
    if not unclear and _only_watches(ctx, whole):
        return None
    hints = bool(unclear) or any(_exits(each.command) for each in whole if each.command)
    if said & _promises(hints=hints) or _asks_in_another_language(script.source.text):
        place = (step.name or step.run or script.source).location
        title = step.name.text if step.name else "this step"
        first = Location(place.path, place.line, place.column, place.line, place.column + 1)
        one_line = place if place.line == place.end_line else first
        reason = f"whether `{title}` tests what was deployed is not known"
        return Probe(title, one_line, moment.job, None, reason, moment)
    return None


def _of_action(moment: Moment, row: Row | None) -> "_Judgement":
    """Whether the failure of an action counts: it may only report, by its inputs."""
    for name in row.get("fails_with", ()) if row else ():
        given = moment.performed.step.input(name)
        if given is None or given.text.strip().lower() == "false":
            return False, f"it only reports without `{name}: true`", ()
    return tolerated(moment)


def _exits(command: Command) -> bool:
    return command.tool == "exit" and command.words[:1] not in ((), ("0",))


def _asks_in_another_language(text: str) -> bool:
    return any(word in text for word in ("Invoke-WebRequest", "Invoke-RestMethod", "requests.get("))


def _said(performed: Performed) -> frozenset[str]:
    steps = (performed.step, performed.outer)
    names = [text.text for each in steps if each for text in (each.name, each.key) if text]
    return words_in(" ".join(names))


def _only_speaks(moments: tuple[Moment, ...]) -> bool:
    commands = [each.command for each in moments if each.command]
    uses = any(each.performed.step.uses for each in moments)
    unread = any(m.performed.step.run for m in moments if m.command is None) and not commands
    speaks = all(each.tool in (*_SPEAKS, "[", "test") for each in commands)
    return not uses and not unread and speaks and not any(_exits(each) for each in commands)


def _only_watches(ctx: Context, moments: tuple[Moment, ...]) -> bool:
    """Whether a step asks the platform alone: that knows what runs, and not whether it works."""
    words = table("probes")["platform"]
    commands = [each.command for each in moments if each.command]
    asked = [each for each in commands if each.tool in words["programs"]]
    if not asked or any(word in words["asks"] for each in asked for word in each.words[:3]):
        return False
    return all(
        each.tool in (*words["programs"], *words["helpers"]) or is_followed(ctx, each)
        for each in commands
    )


def _of_command(ctx: Context, moment: Moment) -> Probe | None:
    command = moment.command
    if command is None:
        return None
    row = matching(command, rows("probes", "probe"))
    if row is None:
        tests = _is_named_script(command)
    elif row.get("named"):
        tests = _is_named(moment, command)
    else:
        tests = not row.get("target") or _looks_at_the_application(ctx, moment, command)
    place = origin_of(ctx, command).location
    if tests and is_followed(ctx, command):
        if not _does_something_else(ctx, command):
            return None
        # A suite that is started by its name is one; a script may only ask the platform.
        reason = f"whether what `{command.tool}` runs looks at it is not known"
        if row is None:
            return Probe(command.tool, place, moment.job, None, reason, moment, row)
    if not tests and row and row.get("named") and _is_test(command):
        reason = f"it is not clear whether `{command.tool}` looks at it"
        return Probe(command.tool, place, moment.job, None, reason, moment, row)
    if not tests:
        return None
    counts, reason, evidence = _judged(ctx, moment, command, row)
    here = Evidence(command.location, f"`{command.tool}` looks at it")
    links = (*moment.performed.via, *links_to(ctx, command))
    return Probe(command.tool, place, moment.job, counts, reason, moment, row,
                 (*links, here, *evidence))  # fmt: skip


def _is_named_script(command: Command) -> bool:
    program = command.argv[0] or ""
    script = "/" in program or program.endswith((".sh", ".py", ".bash", ".js"))
    return script and bool(words_in(program.rpartition("/")[2]) & _promises())


def _is_named(moment: Moment, command: Command) -> bool:
    words = words_in(" ".join((command.tool, *command.words)))
    if words & _promises():
        return True
    job = words_in(f"{moment.job.key} {moment.job.name.text if moment.job.name else ''}")
    return _is_test(command) and bool((_said(moment.performed) | job) & _promises())


def _is_test(command: Command) -> bool:
    return command.tool in _TESTERS or "test" in words_in(" ".join(command.words))


def _does_something_else(ctx: Context, command: Command) -> bool:
    """Whether what it runs is more than words, and nothing of it is a test that is known."""
    everything = followed_of(ctx, ctx.project.by_id[command.step]).known.commands
    inner = [c for c in everything if (way := way_to(ctx, c)) and way.caller.id == command.id]
    known = any(matching(each, rows("probes", "probe")) for each in inner)
    return not known and any(each.tool not in _SPEAKS for each in inner)


def _looks_at_the_application(ctx: Context, moment: Moment, command: Command) -> bool:
    """Not a download, and no message to somebody else."""
    text = command.text.lower()
    named = bool(_said(moment.performed) & _promises())
    if is_hook(moment.performed, command):
        return False
    if "webhook" in text or asks_others(ctx, moment.performed, command):
        return False
    words = command.words
    if not named and any(word in _SENDS for word in words):
        read = words[words.index("-X") + 1 :][:1] if "-X" in words else ()
        if read not in (("GET",), ("HEAD",)):
            return False
    stored = {after for word, after in pairwise(words) if word in _STORES}
    if stored - {"/dev/null", "-", ""} and "-w" not in words and not named:
        return False
    return not _feeds_a_shell(ctx, command)


def _feeds_a_shell(ctx: Context, command: Command) -> bool:
    path = _path(ctx, command)
    pipelines = [node for node in path if isinstance(node, shell.Pipeline)]
    last = pipelines[-1].commands[-1] if pipelines else None
    return isinstance(last, shell.Command) and (last.argv[:1] or ("",))[0] in _READERS


def _path(ctx: Context, command: Command) -> tuple[shell.Node, ...]:
    script = script_with(ctx, command)
    if script is None or script.tree is None:
        return ()
    return paths_of(ctx, script).known.commands.get(command.start, ())


_Judgement = tuple[bool | None, str, tuple[Evidence, ...]]


def _judged(ctx: Context, moment: Moment, command: Command, row: Row | None) -> _Judgement:
    tolerance = tolerated(moment)
    if tolerance[0] is False:
        return tolerance
    own: _Judgement = True, "", ()
    if row and (wanted := row.get("any")) and not _has_option(command, wanted):
        own = False, f"`{command.tool}` without `{wanted[0]}` succeeds on an error page", ()
    else:
        fact = failure_of(ctx, command)
        if fact.state != "known" and _is_waited_for(ctx, command):
            own = True, "", ()
        elif fact.state != "known":
            own = None, f"it cannot be told what its failure does: {fact.reason}", fact.evidence
        elif fact.known.verdict == "swallowed":
            own = False, "its failure does not fail the step", fact.evidence
    if own[0] is not True and (own[0] is None or _output_is_kept(ctx, command)):
        checked = _output_is_checked(ctx, command)
        own = own if checked is False else (checked, "it is not clear what is checked", ())
    if own[0] is False and _goes_back_then(ctx, command):
        return True, "", ()  # its failure is answered, by the version before
    return own if own[0] is not True else tolerance


def _goes_back_then(ctx: Context, command: Command) -> bool:
    """Whether the script that asks brings the version before back where the answer is bad."""
    for each in _all(ctx, command):
        said = words_in(" ".join((each.argv[0] or "", *each.words[:3])))
        if each.tool not in _SPEAKS and {"rollback", "undo"} & said:
            return True
    return False


def _has_option(command: Command, wanted: list[str]) -> bool:
    for word in command.words:
        if word in wanted:
            return True
        short = word[:1] == "-" and word[:2] != "--"
        if short and any(len(each) == 2 and each[1] in word[1:] for each in wanted):
            return True
    return any(word is None for word in command.argv[1:2]) and not command.beginnings[1:2][0]


def _is_waited_for(ctx: Context, command: Command) -> bool:
    """Whether a loop goes on until it succeeds, and is left in no other way."""
    if command.embedded:
        outer = [c for c in _all(ctx, command) if c.id == command.outer]
        return any("until " in c.text and "break" not in c.text for c in outer)
    path = _path(ctx, command)
    for node, child in pairwise(path):
        if isinstance(node, shell.While) and child is node.condition and node.until:
            inner = (each for each in shell.walk(node.body) if isinstance(each, shell.Command))
            return not any(each.argv[:1] in (("break",), ("exit",)) for each in inner)
    return False


def _all(ctx: Context, command: Command) -> list[Command]:
    return followed_of(ctx, ctx.project.by_id[command.step]).known.commands


def _output_is_kept(ctx: Context, command: Command) -> bool:
    """Whether what it says goes somewhere: a variable, a pipeline, a file."""
    path = _path(ctx, command)
    if not path or command.embedded:
        return True
    if any(isinstance(node, shell.Substitution | shell.Pipeline) for node in path):
        return True
    words = command.words
    files = {after for word, after in pairwise(words) if word in (*_STORES, "-D", "--dump-header")}
    if files - {"/dev/null", "-"} or {"-w", "--write-out"} & set(words):
        return True
    node = path[-1]
    redirects = node.redirects if isinstance(node, shell.Command) else ()
    targets = (each.target.static for each in redirects if each.target)
    return any(target is None or not target.startswith("/dev/") for target in targets)


def _output_is_checked(ctx: Context, command: Command) -> bool | None:
    """Whether what it says decides about the step: a comparison or an exit behind it."""
    script = script_with(ctx, command)
    if script is None or script.tree is None:
        return None
    around = {id(node) for node in _path(ctx, command)}
    unclear = False
    for start, path in paths_of(ctx, script).known.commands.items():
        node = path[-1]
        if (start < command.start and id(node) not in around) or not isinstance(
            node, shell.Command
        ):
            continue
        argv = node.argv
        if argv[:1] in (("exit",), ("return",)) and argv[1:2] not in ((), ("0",)):
            return True
        if argv[:1] == ("false",):
            return True
        if argv and argv[0] in _QUESTIONS and id(node) != id(_path(ctx, command)[-1]):
            verdict = _verdict_at(ctx, command, start)
            if verdict and argv[0] == "jq" and not {"-e", "--exit-status"} & set(argv):
                verdict = None  # it fails on what is no JSON, and says nothing about the rest
            if verdict:
                return True
            unclear |= verdict is None
    if _is_compared(script.tree.body, command.start):
        return True
    return None if unclear else False


def _is_compared(body: shell.Block, start: int) -> bool:
    """Whether a `[[ ... ]]` behind it stands for itself, so that `-e` stops there."""
    tested: set[int] = set()
    for node in shell.walk(body):
        if isinstance(node, shell.If):
            tested |= {id(condition) for condition, _ in node.branches}
        elif isinstance(node, shell.While):
            tested.add(id(node.condition))
        elif isinstance(node, shell.Block) and id(node) not in tested:
            statements = (item.statement for item in node.items if item.start >= start)
            if any(isinstance(each, shell.Conditional) for each in statements):
                return True
    return False


def _verdict_at(ctx: Context, command: Command, start: int) -> bool | None:
    """Whether the failure of the command that begins there can fail the step."""
    for each in followed_of(ctx, ctx.project.by_id[command.step]).known.commands:
        if each.start == start and script_with(ctx, each) is script_with(ctx, command):
            fact = failure_of(ctx, each)
            return fact.known.verdict != "swallowed" if fact.state == "known" else None
    return None


def tolerated(moment: Moment) -> _Judgement:
    """Whether the failure of a step is the run's: `continue-on-error` on the way to it."""
    performed = moment.performed
    job = moment.job.continue_on_error
    for text in (*performed.lenient, *((job,) if job else ())):
        said = text.text.strip().lower()
        if said == "false":
            continue
        evidence = (Evidence(text.location, "its failure is tolerated here"),)
        if said != "true" or (text is not job and _outcome_is_read(performed, moment.job)):
            return None, "whether its failure counts hangs on `continue-on-error`", evidence
        return False, "its failure is tolerated: `continue-on-error`", evidence
    return True, "", ()


def _outcome_is_read(performed: Performed, job: Job) -> bool:
    """Whether a later step looks at `steps.ID.outcome`."""
    key = performed.step.key or (performed.outer.key if performed.outer else None)
    texts: list[Authored] = [
        text for step in job.steps for text in (step.condition, step.run) if text
    ]
    return bool(key) and any(f"steps.{key.text}.out" in text.text for text in texts if key)
