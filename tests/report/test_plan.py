"""The plan for a terminal and as a comment: nothing forged, nothing too long, nothing left out."""

from dataclasses import replace
from typing import Any

import pytest

from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.model.plan import (
    Command,
    Plan,
    PlannedMigration,
    PlannedOperation,
    PlanReport,
)
from iact_guard.model.result import Result
from iact_guard.report.plan import render
from iact_guard.report.plan.words import IMPACTS, PHASES

OK = {"insert": "ok", "select": "ok", "update": "ok", "delete": "ok"}
RESULT = Result((), (), (), 1, 0, True, "medium", {})


def operation(line: int = 8, **changes: Any) -> PlannedOperation:
    usual = PlannedOperation(
        kind="AddField",
        location=Location("orders/migrations/0002_memo.py", line, 9, line, 17),
        table="orders_order",
        sql=('ALTER TABLE "orders_order" ADD COLUMN "memo" text',),
        locks={"orders_order": ("AccessExclusiveLock", "ShareLock")},
        impact="brief_full_block",
        old_code=OK,
        phase="before",
        phase_reason="the new code needs the column orders_order.memo",
        reversible=True,
        no_way_back="",
        loses=(),
        may_fail=(),
        reason="",
        released=False,
    )
    return replace(usual, **changes)


def migration(name: str = "0002_memo", **changes: Any) -> PlannedMigration:
    path = "orders/migrations/0002_memo.py"
    usual = PlannedMigration(
        app="orders",
        name=name,
        path=path,
        location=Location(path, 3, 7, 3, 16),
        transaction=True,
        phase="before",
        phase_reason="the new code needs the column orders_order.memo",
        operations=(operation(),),
    )
    return replace(usual, **changes)


def finding(line: int, outcome: Any = "fail", rule: str = "DM001") -> Finding:
    return Finding(
        tool="iact-guard",
        rule=rule,
        name="new-columns-accept-old-inserts",
        outcome=outcome,
        severity="high",
        precision="high",
        message="INSERTs of the code that still runs fail",
        location=Location("orders/migrations/0002_memo.py", line, 9, line, 17),
        remedy="Give the database the default: `db_default=1`.",
        guide="",
    )


def report(*migrations: PlannedMigration, **changes: Any) -> PlanReport:
    migrate = Command("python manage.py migrate", ("orders.0002_memo",))
    back = Command("python manage.py migrate orders 0001_initial", ("orders.0002_memo",), ("lost",))
    plan = Plan("postgresql 15", migrations, (migrate,), (), False, (back,))
    usual = PlanReport(plan, "safe", (), RESULT)
    return replace(usual, **changes)


def test_the_console_says_what_happens_in_order() -> None:
    found = migration(operations=(operation(8), operation(12)), findings=(finding(9), finding(12)))
    assert render(report(found), "console") == (
        "Migration plan: safe to run before the new code starts\n"
        "1 migration; 2 operations; postgresql 15\n"
        "\n"
        "1. orders.0002_memo  before the new code  [orders/migrations/0002_memo.py:3]\n"
        + _on_console(8)
        + _on_console(12)
        + "\n"
        "The way forward\n"
        "  1. Before the new code starts:\n"
        "     python manage.py migrate\n"
        "       orders.0002_memo\n"
        "  2. Deploy the new code\n"
        "\n"
        "The way back, in this order\n"
        "     python manage.py migrate orders 0001_initial\n"
        "       orders.0002_memo\n"
        "       - lost\n"
    )


def _on_console(line: int) -> str:
    return (
        f"   {line}: AddField orders_order\n"
        '      ALTER TABLE "orders_order" ADD COLUMN "memo" text\n'
        "      locks orders_order: ACCESS EXCLUSIVE, SHARE\n"
        "      everybody waits for a moment; old code works; can be reversed\n"
        "      before the new code: the new code needs the column orders_order.memo\n"
        "      high DM001 new-columns-accept-old-inserts: "
        "INSERTs of the code that still runs fail\n"
        "        fix: Give the database the default: `db_default=1`.\n"
    )


def test_colours_are_all_that_they_add() -> None:
    import re

    found = report(migration(findings=(finding(8),)))
    coloured = render(found, "console", color=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == render(found, "console")


def test_a_comment_has_the_verdict_a_row_a_migration_and_the_details() -> None:
    text = render(report(migration(findings=(finding(8),))), "markdown")
    assert text.startswith("## \u2705 Migration plan: safe to run before the new code starts\n")
    assert (
        "| 1 | <code>orders.0002&#95;memo</code> | before the new code"
        " | everybody waits for a moment | works | yes |\n"
    ) in text
    assert "   - Locks <code>orders&#95;order</code>: ACCESS EXCLUSIVE, SHARE\n" in text
    assert "   - **high** DM001 new-columns-accept-old-inserts: " in text
    assert "**Fix:** Give the database the default: <code>db&#95;default=1</code>." in text
    assert text.count("<details>") == text.count("</details>") == 2


def test_what_policies_leave_open_takes_one_line() -> None:
    unknown = (finding(8, "unknown"), finding(8, "unknown", "DM003"))
    for form in ("console", "markdown"):
        text = render(report(migration(findings=unknown)), form)
        assert text.count("left open: DM001, DM003: INSERTs") == 1


@pytest.mark.parametrize("count", [1, 40, 400, 3000])
def test_a_comment_is_never_too_long_and_tells_what_it_leaves_out(count: int) -> None:
    long = operation(sql=("ALTER TABLE " + "x" * 400,) * 4, phase_reason="y" * 300)
    found = [
        migration(f"{n:04}_" + "n" * 60, operations=(long,) * 3, findings=(finding(8),))
        for n in range(count)
    ]
    back = tuple(Command("python manage.py migrate " + "a" * 80, ("b" * 90,) * 9) for _ in found)
    base = report(*found, reasons=("`z` " * 200,) * 20)
    text = render(replace(base, plan=replace(base.plan, back=back, before=back)), "markdown")
    assert len(text.encode()) <= 65_500
    assert text.count("<details>") == text.count("</details>")
    if count >= 400:
        assert "more migrations" in text and "more commands" in text


def test_the_text_of_a_tree_forges_nothing() -> None:
    evil = "@all <img src=x> | `a` ::error:: [x](y) </details>\n# head"
    bad = migration(
        evil,
        app=evil,
        path=evil,
        operations=(operation(kind=evil, table=evil, sql=(evil,), locks={evil: ("ShareLock",)}),),
        findings=(replace(finding(8), message=evil, remedy=evil),),
        waits_for=(evil,),
    )
    text = render(report(bad, reasons=(evil,)), "markdown")
    assert "@all" not in text and "<img" not in text and "\n# head" not in text
    assert text.count("</details>") == text.count("<details>")
    rows = [line for line in text.split("\n") if line.startswith("| 1 ")]
    assert len(rows) == 1 and rows[0].count("|") == 7


def test_edited_and_split_migrations_are_told() -> None:
    found = migration(edited=True, phase="any", phase_reason="", transaction=False)
    two = replace(found, operations=(operation(8, released=True), operation(12)))
    for form in ("console", "markdown"):
        text = render(report(two), form)
        assert "edited: not run again" in text
        assert "(released already)" in text
        assert "those before it stay applied" in text


@pytest.mark.parametrize("phase", PHASES)
def test_every_word_of_the_contract_has_words_of_its_own(phase: Any) -> None:
    broken = dict.fromkeys(OK, "breaks")
    for impact in IMPACTS:
        each = operation(impact=impact, phase=phase, old_code=broken, reversible=None)
        text = render(report(migration(phase=phase, operations=(each,))), "console")
        assert IMPACTS[impact] in text
        assert "old code: every query fails; reversal not known" in text


def test_the_application_is_stopped_where_nothing_else_helps() -> None:
    base = report(migration(phase="with"))
    migrate = base.plan.before
    stopped = replace(base, plan=replace(base.plan, before=(), after=migrate, stopped=True))
    text = render(stopped, "console")
    assert text.index("Stop the application") < text.index("Start the new code")
    assert "Deploy" not in text
