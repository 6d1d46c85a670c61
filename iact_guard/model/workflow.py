"""GitHub workflows and actions, as written. Facts about them live in `analyze/workflow`."""

from typing import Literal

from iact_guard.model.authored import Authored, Pair
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass

Access = Literal["read", "write", "none"]


@dataclass(frozen=True, slots=True)
class Scope:
    """One line of `permissions`."""

    name: str
    access: str
    location: Location


@dataclass(frozen=True, slots=True)
class Permissions:
    """A `permissions` block: `all` is `read-all`, `write-all` or empty; `{}` has no scopes."""

    location: Location
    all: str = ""
    scopes: tuple[Scope, ...] = ()

    def access(self, scope: str) -> str:
        """What the block grants for a scope; what it does not name is `none`."""
        if self.all:
            return self.all.removesuffix("-all")
        return next((s.access for s in self.scopes if s.name == scope), "none")


@dataclass(frozen=True, slots=True)
class Input:
    """An input of a dispatched or called workflow, or of an action."""

    name: str
    type: str
    required: str
    default: Authored | None
    options: tuple[str, ...]
    location: Location


@dataclass(frozen=True, slots=True)
class Trigger:
    """One event of `on`. A filter that was not written is None; an empty one is `()`."""

    event: str
    location: Location
    branches: tuple[Authored, ...] | None = None
    branches_ignore: tuple[Authored, ...] | None = None
    tags: tuple[Authored, ...] | None = None
    tags_ignore: tuple[Authored, ...] | None = None
    paths: tuple[Authored, ...] | None = None
    paths_ignore: tuple[Authored, ...] | None = None
    types: tuple[Authored, ...] | None = None
    workflows: tuple[Authored, ...] | None = None
    crons: tuple[Authored, ...] = ()
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Pair, ...] = ()
    """Of a called workflow, with their values."""
    secrets: tuple[Input, ...] = ()
    """Of a called workflow."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The `environment` of a job."""

    name: Authored
    location: Location
    url: Authored | None = None
    deployment: Authored | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a job or of a composite action."""

    id: str
    """`step:<path>#<job>/<key>`: the key is its id, else name, else action, else `run`."""
    path: str
    parent: str
    """The entity id of the job or action that it belongs to."""
    index: int
    location: Location
    key: Authored | None = None
    """The author's `id:`."""
    name: Authored | None = None
    uses: Authored | None = None
    run: Authored | None = None
    with_: tuple[Pair, ...] = ()
    env: tuple[Pair, ...] = ()
    condition: Authored | None = None
    shell: Authored | None = None
    working_directory: Authored | None = None
    continue_on_error: Authored | None = None
    timeout: Authored | None = None
    extra: tuple[Pair, ...] = ()
    """`background`, `wait`, `wait-all`, `cancel`: the syntax for background steps."""

    def input(self, name: str) -> Authored | None:
        """The value given for an action's input; names are compared without case."""
        wanted = name.lower()
        return next((p.value for p in self.with_ if p.key.text.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a workflow."""

    id: str
    """`job:<path>#<key>`."""
    path: str
    key: str
    workflow: str
    """The entity id of its workflow."""
    location: Location
    """Of its key."""
    name: Authored | None = None
    needs: tuple[Authored, ...] = ()
    condition: Authored | None = None
    environment: Environment | None = None
    permissions: Permissions | None = None
    env: tuple[Pair, ...] = ()
    outputs: tuple[Pair, ...] = ()
    shell: Authored | None = None
    """`defaults.run.shell`."""
    working_directory: Authored | None = None
    runs_on: tuple[Authored, ...] = ()
    uses: Authored | None = None
    """A reusable workflow that it calls."""
    with_: tuple[Pair, ...] = ()
    secrets: tuple[Pair, ...] = ()
    secrets_inherit: Location | None = None
    continue_on_error: Authored | None = None
    timeout: Authored | None = None
    container: Authored | None = None
    """The image."""
    services: tuple[Pair, ...] = ()
    """Name and image."""
    matrix: tuple[Pair, ...] | None = None
    """Scalar axes as `axis: value`, one pair a value; None without a matrix."""
    matrix_dynamic: bool = False
    matrix_keys: tuple[str, ...] | None = None
    """Every key that `matrix` has in some row; None without a matrix, or where it is computed."""
    computed: tuple[Authored, ...] = ()
    """Texts with expressions in its `strategy`, `container` and `services`."""
    matrix_rows: tuple[tuple[Pair, ...], ...] = ()
    """The rows of its `include`, their scalars only."""
    concurrency: Pair | None = None
    """`group` as key, `cancel-in-progress` as value (empty where it is not written)."""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow file."""

    id: str
    """`workflow:<path>`."""
    path: str
    location: Location
    name: Authored | None = None
    run_name: Authored | None = None
    triggers: tuple[Trigger, ...] = ()
    permissions: Permissions | None = None
    env: tuple[Pair, ...] = ()
    shell: Authored | None = None
    working_directory: Authored | None = None
    concurrency: Pair | None = None
    jobs: tuple[Job, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        """Of all its jobs."""
        return tuple(step for job in self.jobs for step in job.steps)


@dataclass(frozen=True, slots=True)
class Action:
    """An `action.yml`."""

    id: str
    """`action:<path>`."""
    path: str
    location: Location
    name: Authored | None = None
    using: str = ""
    """`composite`, `docker`, `node20`, ..."""
    image: Authored | None = None
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Pair, ...] = ()
    steps: tuple[Step, ...] = ()
