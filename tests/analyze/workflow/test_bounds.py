"""What is too large to be followed is said to be unknown, and costs a bounded amount of work."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.database import (
    MAX_BACKUPS,
    backups_before,
    production_migrations_of,
)
from iact_guard.analyze.workflow.gates.gate import gates_of
from iact_guard.analyze.workflow.gates.reenforced import MAX_LATER, reenforced_of
from iact_guard.analyze.workflow.gates.standing import MAX_CALLS, standing_of
from iact_guard.analyze.workflow.order import MAX_NEEDED, jobs_after, needed_by, waits_for
from iact_guard.analyze.workflow.performed import MAX_FOLLOWED, MAX_STEPS, work_of
from iact_guard.model.workflow import Job
from iact_guard.project import Project
from iact_guard.tree import DictTree

_CALLED = "on: {workflow_call: }\njobs:\n"


def load(files: dict[str, str]) -> tuple[Context, dict[str, Job]]:
    project = Project(DictTree({f".github/workflows/{name}.yml": t for name, t in files.items()}))
    return Context(project), {job.id.partition("workflows/")[2]: job for job in _jobs(project)}


def _jobs(project: Project) -> tuple[Job, ...]:
    jobs: tuple[Job, ...] = project.entities("job")
    return jobs


def chain(length: int, steps: str = "{run: 'true'}") -> str:
    return "on: push\njobs:\n" + "".join(
        f"  j{i}:\n    runs-on: x\n    environment: production\n"
        f"    needs: [{f'j{i - 1}' if i else ''}]\n    steps: [{steps}]\n"
        for i in range(length)
    )


def calls(name: str, count: int) -> str:
    return "".join(f"  a{i}:\n    uses: ./.github/workflows/{name}.yml\n" for i in range(count))


def test_workflows_that_call_many_others_are_followed_up_to_a_bound() -> None:
    files = {f"w{i}": _CALLED + calls(f"w{i + 1}", 30) for i in range(6)}
    files["w6"] = f"{_CALLED}  a:\n    runs-on: x\n    steps: [{{run: pytest}}]\n"
    context, jobs = load(files)
    work = work_of(context, jobs["w0.yml#a0"]).known
    assert 0 < len(work.steps) + len(work.opaque) <= MAX_STEPS + 1
    assert "too much" in work.opaque[-1].message
    every = [work_of(context, job).known for job in jobs.values()]
    assert sum(len(each.steps) + len(each.opaque) for each in every) <= MAX_FOLLOWED + 2 * len(
        every
    )


def test_a_called_workflow_with_jobs_that_do_nothing_costs_as_much_as_others() -> None:
    files = {f"w{i}": _CALLED + calls(f"w{i + 1}", 30) for i in range(5)}
    files["w5"] = _CALLED + "".join(f"  a{i}:\n    runs-on: x\n    steps: []\n" for i in range(900))
    context, jobs = load(files)
    assert "too much" in work_of(context, jobs["w0.yml#a0"]).known.opaque[-1].message


def test_all_of_a_job_that_fits_exactly_is_followed() -> None:
    steps = ", ".join(["{run: x}"] * MAX_STEPS)
    context, jobs = load({"w": f"on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{steps}]\n"})
    work = work_of(context, jobs["w.yml#a"]).known
    assert len(work.steps) == MAX_STEPS
    assert work.opaque == ()


def test_more_calls_of_one_tool_than_are_compared_are_unknown() -> None:
    for count, state in ((MAX_CALLS, "known"), (MAX_CALLS + 1, "unknown")):
        steps = ", ".join(f"{{run: pytest t{n} || true}}" for n in range(count))
        context, jobs = load(
            {"w": f"on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{steps}]\n"}
        )
        (first,) = gates_of(context, jobs["w.yml#a"].steps[0]).known
        standing = standing_of(context, first)
        assert standing.state == state
        assert (f"more than {MAX_CALLS} times" in standing.reason) is (state == "unknown")


def test_a_gate_with_more_steps_behind_it_than_are_asked_is_unknown() -> None:
    steps = ", ".join(["{run: pytest || true}", *["{run: 'true'}"] * (MAX_LATER + 1)])
    context, jobs = load({"w": f"on: push\njobs:\n  a:\n    runs-on: x\n    steps: [{steps}]\n"})
    (gate,) = gates_of(context, jobs["w.yml#a"].steps[0]).known
    found = reenforced_of(context, gate)
    assert found.state == "unknown"
    assert f"{MAX_LATER} steps" in found.reason


def test_a_job_that_waits_for_very_many_is_unknown() -> None:
    context, jobs = load({"w": chain(MAX_NEEDED + 2)})
    assert len(needed_by(context, jobs[f"w.yml#j{MAX_NEEDED}"]).known) == MAX_NEEDED
    last = needed_by(context, jobs[f"w.yml#j{MAX_NEEDED + 1}"])
    assert last.state == "unknown"
    assert str(MAX_NEEDED) in last.reason
    assert len(jobs_after(context, jobs["w.yml#j0"])) == MAX_NEEDED + 1


def test_the_order_of_jobs_reads_both_ways() -> None:
    context, jobs = load({"w": chain(4)})
    first, last = jobs["w.yml#j0"], jobs["w.yml#j3"]
    assert [job.key for job in jobs_after(context, first)] == ["j1", "j2", "j3"]
    assert waits_for(context, last, first)
    assert not waits_for(context, first, last)


def test_of_many_backups_some_are_looked_at_and_the_rest_is_unknown() -> None:
    dump = "{run: pg_dump prod > x || true}"
    steps = ", ".join([dump] * (MAX_BACKUPS + 1)) + ", {run: python manage.py migrate}"
    context, jobs = load({"w": chain(2, steps)})
    for job in jobs.values():
        (migration,) = production_migrations_of(context, job).known
        holds = [backup.holds for backup in backups_before(context, job, migration)]
        assert holds == [False] * MAX_BACKUPS + [None]


def test_backups_behind_the_migration_count_in_another_job_only() -> None:
    steps = "{run: python manage.py migrate}, {run: pg_dump prod > x}"
    context, jobs = load({"w": chain(2, steps)})
    (first,) = production_migrations_of(context, jobs["w.yml#j0"]).known
    assert backups_before(context, jobs["w.yml#j0"], first) == ()
    (second,) = production_migrations_of(context, jobs["w.yml#j1"]).known
    (backup,) = backups_before(context, jobs["w.yml#j1"], second)
    assert backup.holds is True


def test_a_wait_behind_the_migration_comes_too_late() -> None:
    backup = "{run: aws rds create-db-snapshot --x y}"
    wait = "{run: aws rds wait db-snapshot-available}"
    migrate = "{run: python manage.py migrate}"
    for steps, holds in (
        (f"{backup}, {migrate}, {wait}", False),
        (f"{backup}, {wait}, {migrate}", True),
        (f"{backup}, {migrate}", False),
    ):
        context, jobs = load({"w": chain(1, steps)})
        job = jobs["w.yml#j0"]
        (migration,) = production_migrations_of(context, job).known
        assert backups_before(context, job, migration)[0].holds is holds
