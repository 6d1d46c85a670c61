"""`iact-guard explain`."""

import click

from iact_guard.cli.paths import resolve_targets


@click.command("explain", short_help="Explain a policy, or its verdict on a file or folder.")
@click.argument("policy", metavar="ID")
@click.argument("path", required=False, type=click.Path(exists=True))
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "mermaid")),
    default="text",
    help="`mermaid` draws the way to production (WF201): a flowchart for a ```mermaid block.",
)
@click.option("--root", type=click.Path(exists=True, file_okay=False), help="The root of PATH.")
def command(policy: str, path: str | None, root: str | None, form: str) -> None:
    """Show a policy: what it asks, why, what to do, examples.

    With PATH, its verdict on that file or folder, entity by entity, with the evidence, also where
    it passes. A folder is a root, as in `check`.

    \b
    Examples:
      iact-guard explain WF001
      iact-guard explain actions-are-pinned .
      iact-guard explain DM009 backend/orders/migrations/0002_index.py
      iact-guard explain WF201 . --format mermaid
    """
    from iact_guard.pipeline.explain import describe, picture, verdicts

    if form == "mermaid":
        click.echo(
            picture(policy, *resolve_targets((path or root or ".",), root if path else None)),
            nl=False,
        )
        return
    if path is None:
        click.echo(describe(policy), nl=False)
        return
    folder, files = resolve_targets((path,), root)
    click.echo(verdicts(policy, folder, files), nl=False)
