"""`iact-guard upload`."""

import os
from dataclasses import replace
from pathlib import Path

import click


@click.command("upload", short_help="Send a SARIF file to GitHub code scanning.")
@click.argument("file", metavar="FILE.sarif", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--event",
    type=click.Path(exists=True, dir_okay=False),
    help="An event's file: repository, commit and ref come from it.",
)
@click.option("--repository", metavar="OWNER/NAME", help="The repository.")
@click.option("--commit", metavar="SHA", help="The commit that was analysed.")
@click.option("--ref", metavar="REF", help="Its ref: refs/heads/main, refs/pull/7/head.")
@click.option(
    "--wait",
    type=click.IntRange(0, 3600),
    default=120,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for GitHub to process it; 0 for not at all.",
)
def command(
    file: str,
    event: str | None,
    repository: str | None,
    commit: str | None,
    ref: str | None,
    wait: int,
) -> None:
    """Send FILE.sarif, for those who do not run on GitHub's runners, and wait for the result.

    What the options leave open comes from the event, from GITHUB_REPOSITORY, GITHUB_SHA and
    GITHUB_REF, or from the checkout here. GitHub's limits are checked first. The token comes from
    GITHUB_TOKEN or GH_TOKEN and needs the permission `security-events: write`; GITHUB_API_URL
    leads to GitHub Enterprise.

    \b
    Exit codes:
      0  GitHub processed it (or took it, with --wait 0); or a fork's pull request may not upload
      2  it did not, or not in time

    \b
    Examples:
      iact-guard upload report.sarif --event event.json
      iact-guard upload report.sarif --repository acme/shop --ref refs/heads/main --commit "$SHA"
    """
    from iact_guard.forge.api import Access, Api
    from iact_guard.forge.github import GitHub
    from iact_guard.model.errors import ForbiddenError
    from iact_guard.pipeline import upload
    from iact_guard.pipeline.comment import read_only
    from iact_guard.pipeline.event import read
    from iact_guard.redact import visible

    described = read(Path(event)) if event else {}
    target = upload.target_of(described, os.environ, Path.cwd())
    given = {"repository": repository, "commit": commit, "ref": ref}
    target = upload.checked(replace(target, **{key: text for key, text in given.items() if text}))
    sarif = upload.packed(Path(file))
    github = GitHub(Api(Access.of(os.environ)), target.repository)
    try:
        id = github.upload(target.commit, target.ref, sarif)
    except ForbiddenError as error:
        reason = read_only(described)
        if not reason:
            raise
        click.echo(visible(f"not uploaded: {reason}, and so {error}"), err=True)
        return
    click.echo(visible(f"uploaded for {target.ref} at {target.commit[:12]}: {id}"))
    if not wait:
        return
    state, errors = upload.processed(github, id, wait)
    for reason in errors:
        click.echo(visible(f"processing: {reason}"), err=True)
    click.echo(f"state after the upload: {visible(state)}")
    if state != "complete":
        raise click.exceptions.Exit(2)
