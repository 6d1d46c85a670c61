"""argv to a request, then an exit code. One thin file a command, imported when it is asked for."""

import gc
import signal
from importlib import import_module
from types import FrameType
from typing import Any

import click

from iact_guard import __version__

INTERRUPTED = 130
COMMANDS = {
    "advisories": "iact_guard.cli.advisories",
    "baseline": "iact_guard.cli.baseline",
    "cache": "iact_guard.cli.cache",
    "check": "iact_guard.cli.check",
    "comment": "iact_guard.cli.comment",
    "explain": "iact_guard.cli.explain",
    "init": "iact_guard.cli.init",
    "model": "iact_guard.cli.model",
    "plan": "iact_guard.cli.plan",
    "policies": "iact_guard.cli.policies",
    "scanners": "iact_guard.cli.scanners",
    "schema": "iact_guard.cli.schema",
    "waivers": "iact_guard.cli.waivers",
    "upload": "iact_guard.cli.upload",
}


class _Lazy(click.Group):
    """Commands by name; none is imported before it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(COMMANDS[cmd_name]).command
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run; what is meant for the user becomes a message, a crash one without its text."""
        from iact_guard.model.errors import GuardError, crash_place

        # The process is short and its trees are large: collecting costs more than it frees.
        gc.disable()
        signal.signal(signal.SIGTERM, _terminated)
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            raise click.exceptions.Exit(INTERRUPTED) from None
        except (click.ClickException, click.Abort, click.exceptions.Exit, BrokenPipeError):
            raise
        except GuardError as error:
            raise _Message(_shown(str(error))) from None
        except Exception as error:  # noqa: BLE001  # its text may hold a secret
            place = crash_place(error)
            raise _Message(f"internal error: {place}. Please report this line.") from None
        finally:
            gc.freeze()  # else the interpreter looks through all of it once more at its end


def _terminated(number: int, frame: FrameType | None) -> None:
    """End as at the end of a block: scanners are stopped, their copies removed."""
    raise SystemExit(128 + number)


def _shown(message: str) -> str:
    """A message of ours may quote the tree: masked, and no line of it a command."""
    from iact_guard.redact import Redactor

    redactor = Redactor()
    return "\n".join(redactor.text(line) for line in message.split("\n"))


class _Message(click.ClickException):
    exit_code = 2


@click.command(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="iact-guard")
def main() -> None:
    """Prove that the gates of a repository gate.

    Checks workflows, Terraform, Django migrations, owners and coverage against the policies, runs
    Bandit, Checkov and Safety beside that, and reports.

    \b
    iact-guard check                        everything below this folder
    iact-guard check --scanners none        the own policies only
    iact-guard check -o sarif:report.sarif  for GitHub code scanning
    iact-guard plan --since auto            what the migrations of a change do
    iact-guard explain WF001                a policy, and why it is one
    """
