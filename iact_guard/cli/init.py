"""`iact-guard init`."""

from pathlib import Path

import click


@click.command("init", short_help="Write a first configuration, workflow and hook.")
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False))
@click.option("--dry-run", is_flag=True, help="Print the files, write nothing.")
@click.option("--force", is_flag=True, help="Write configuration and workflow anew.")
@click.option("--offline", is_flag=True, help="Do not ask GitHub for the commit to pin.")
def command(root: str | None, dry_run: bool, force: bool, offline: bool) -> None:
    """Set iact-guard up in ROOT (this folder by default), for what it holds.

    Writes .iact-guard.yaml, .github/workflows/iact-guard.yml and the hook's lines in
    .pre-commit-config.yaml, and says what is left to click. Files that are there stay.

    \b
    Examples:
      iact-guard init
      iact-guard init --dry-run
    """
    from iact_guard.pipeline.init.files import SLUG, next_steps, plan, write
    from iact_guard.pipeline.init.pin import released_commit
    from iact_guard.pipeline.init.survey import survey

    folder = Path(root or ".").resolve()
    found = survey(folder)
    commit = None if offline else released_commit(SLUG)
    planned = plan(folder, found, commit, force=force)
    if not dry_run:
        write(folder, planned)
    for each in planned:
        if each.kept:
            click.echo(f"kept     {each.path}: {each.kept}")
        else:
            click.echo(f"{'would be' if dry_run else 'written '} {each.path}")
        if dry_run or "add these lines" in each.kept:
            click.echo("".join(f"    {line}\n" for line in each.text.splitlines()))
    click.echo("\nNext:")
    for number, step in enumerate(next_steps(found, commit), start=1):
        click.echo(f"  {number}. {step}")
