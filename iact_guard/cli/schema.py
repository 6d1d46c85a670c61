"""`iact-guard schema`."""

import click


@click.command("schema", short_help="Print the JSON Schema of an output or of the configuration.")
@click.argument("name", type=click.Choice(("check", "model", "plan", "config")))
def command(name: str) -> None:
    """Print a JSON Schema: of the JSON of `check`, `model` or `plan`, or of the configuration.

    \b
    Examples:
      iact-guard schema config > iact-guard.schema.json
    """
    from iact_guard.pipeline.schema import build
    from iact_guard.report.text import to_json

    click.echo(to_json(build(name)), nl=False)
