"""`iact-guard policies`."""

import click


@click.command("policies", short_help="List the policies.")
@click.option(
    "--format", "format_", type=click.Choice(("table", "json")), default="table", show_default=True
)
def command(format_: str) -> None:
    """List every policy with its severity and title; `explain ID` tells more.

    \b
    Examples:
      iact-guard policies
      iact-guard policies --format json
    """
    from iact_guard.load.shipped import shipped

    policies = shipped()
    if format_ == "json":
        from iact_guard.report.text import to_json

        fields = ("id", "name", "title", "severity", "precision", "on_unknown", "params")
        data = [{name: getattr(policy, name) for name in fields} for policy in policies]
        click.echo(to_json(data), nl=False)
        return
    width = max(len(policy.name) for policy in policies)
    for policy in policies:
        click.echo(f"{policy.id:6} {policy.severity:9} {policy.name:{width}}  {policy.title}")
