"""Migrations: how many a second, and the whole process beside django-migration-linter.

    python benchmarks/beside_linter.py [CHECKOUT...] --linter PYTHON [--runs 7]

PYTHON is an interpreter with Django and django-migration-linter. A project with one app of 120
migrations is written, and both read it in alternating runs, each a new process without a cache;
the linter needs Django to import the project, ours only reads its files. Of each CHECKOUT the
migrations are parsed, replayed and judged in this process, for their number a second.
"""

import argparse
import gc
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

COUNT = 120
SETTINGS = """\
SECRET_KEY = "only a benchmark"
INSTALLED_APPS = ["shop", "django_migration_linter"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
HEAD = """\
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [{dependencies}]

    operations = [
{operations}    ]
"""


def main() -> None:
    """Print a line a measurement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkouts", type=Path, nargs="*")
    parser.add_argument("--linter", metavar="PYTHON")
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    for checkout in options.checkouts:
        _throughput(checkout, options.runs)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        write(project)
        own = [sys.executable, "-I", "-m", "iact_guard", "check", str(project)]
        ours = [*own, "--scanners", "none", "--no-cache"]
        linter = [options.linter, "manage.py", "lintmigrations", "--no-cache"]
        rows: list[tuple[float, float]] = []
        for _ in range(options.runs + 1):
            took = _seconds(ours, project)
            rows.append((took, _seconds(linter, project) if options.linter else took))
        mine, theirs = zip(*rows[1:], strict=True)  # the first warms up
        print(f"one app of {COUNT} migrations: iact-guard {statistics.median(mine):.2f} s", end="")
        if options.linter:
            ratio = statistics.median(a / b for a, b in rows[1:])
            print(f", linter {statistics.median(theirs):.2f} s, ratio {ratio:.2f}", end="")
        print()


def _throughput(checkout: Path, runs: int) -> None:
    from iact_guard.analyze.context import Context
    from iact_guard.config import load
    from iact_guard.evaluate.engine import evaluate
    from iact_guard.load.shipped import shipped
    from iact_guard.project import Project
    from iact_guard.tree import DiskTree

    policies = tuple(policy for policy in shipped() if policy.id.startswith("DM"))
    rates = []
    gc.disable()  # as the command does
    for _ in range(runs):
        tree = DiskTree(checkout.resolve())
        project = Project(tree, load(tree))
        found = project.discovery.sources  # to find them is not what is measured
        assert found, f"{checkout}: nothing to read"
        began = time.perf_counter()
        migrations = project.entities("migration")
        evaluate(Context(project), policies)
        rates.append(len(migrations) / (time.perf_counter() - began))
    rate = statistics.median(rates)
    print(f"{checkout.name}: {len(migrations)} migrations, {rate:,.0f} a second")


def write(folder: Path) -> None:
    """A Django project whose one app has many migrations: fields that come, change and go."""
    choose = random.Random(7)
    app = folder / "shop"
    (app / "migrations").mkdir(parents=True)
    for file in (app / "__init__.py", app / "migrations/__init__.py", app / "models.py"):
        file.write_text("")
    (folder / "site_settings.py").write_text(SETTINGS)
    (folder / "manage.py").write_text(
        "import os, sys\n"
        'os.environ["DJANGO_SETTINGS_MODULE"] = "site_settings"\n'
        "from django.core.management import execute_from_command_line\n"
        "execute_from_command_line(sys.argv)\n"
    )
    previous = ""
    for number in range(1, COUNT + 1):
        name = f"{number:04}_{'initial' if number == 1 else 'change'}"
        operations = [_table(i) for i in range(6)] if number == 1 else _changes(number, choose)
        text = HEAD.format(
            dependencies=f'("shop", "{previous}")' if previous else "",
            operations="".join(f"        {operation},\n" for operation in operations),
        )
        (app / "migrations" / f"{name}.py").write_text(text)
        previous = name


def _table(number: int) -> str:
    fields = "".join(f', ("note{i}", models.CharField(max_length=40, null=True))' for i in range(8))
    key = '("id", models.BigAutoField(primary_key=True))'
    return f'migrations.CreateModel("Table{number}", [{key}{fields}])'


def _changes(number: int, choose: random.Random) -> list[str]:
    model = f'"table{choose.randrange(6)}"'
    field = f'"field{number}"'
    kinds = ("IntegerField(null=True)", "TextField(default='')", "DateField(null=True)")
    added = f"migrations.AddField({model}, {field}, models.{choose.choice(kinds)})"
    match choose.randrange(4):
        case 0:
            index = f'models.Index(fields=[{field}], name="by_{number}")'
            return [added, f"migrations.AddIndex({model}, {index})"]
        case 1:
            wider = f"models.CharField(max_length={40 + number}, null=True)"
            return [added, f'migrations.AlterField({model}, "note{number % 8}", {wider})']
        case 2:
            return [added, f"migrations.RemoveField({model}, {field})"]
    return [added]


def _seconds(command: list[str], folder: Path) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode not in (0, 1, 2):
        sys.exit(f"{command}: exit code {done.returncode}\n{done.stderr.decode()[-2000:]}")
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
