"""`iact-guard model`."""

from pathlib import Path

import click

from iact_guard.cli.paths import resolve_targets, write


@click.command("model", short_help="Print entities and facts as JSON.")
@click.argument("root", required=False, type=click.Path(exists=True, file_okay=False))
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file for it."
)
def command(root: str | None, output: Path | None) -> None:
    """Print what the analysis knows of ROOT: workflows, migrations, Terraform, owners, coverage.

    The schema is `iact-guard schema model`. Exit code 2 where something could not be read; it
    stands under `problems`.

    \b
    Examples:
      iact-guard model
      iact-guard model . | jq '.workflows[].jobs[].environment'
    """
    from iact_guard.pipeline.model import build
    from iact_guard.report.text import to_json

    folder, _ = resolve_targets((root,) if root else (), None)
    model = build(folder)
    text = to_json(model)
    if output is None:
        click.echo(text, nl=False)
    else:
        write(output, text)
    raise click.exceptions.Exit(2 if model["problems"] else 0)
