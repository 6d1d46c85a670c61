"""Verdicts against the truth, which real shells tell: `tests/shell/truth.py` runs them.

`SHELL_CASES=2000` in the environment runs so many scripts of the grammar instead of 100, and
`SHELL_FUZZ=10000` so many random ones in `test_fuzz.py`.
"""

import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.shell.grammar import Grammar
from tests.shell.truth import Judge, Truth, verdict_of

DATA = Path(__file__).parents[2] / "data" / "shell"
GENERATED = int(os.environ.get("SHELL_CASES", "100"))
EVERY = 1 if GENERATED > 100 else 10
"""Of the reviewed scripts, whose truth was made before, so many are one that is run again."""
SEED = int(os.environ.get("SHELL_SEED", "2026"))
Case = tuple[str, str]
pytestmark = [
    pytest.mark.skipif(shutil.which("bash") is None, reason="it needs bash for the truth"),
    pytest.mark.skipif(shutil.which("dash") is None, reason="it needs dash for the truth of sh"),
]


def written(name: str) -> list[Case]:
    """The scripts of a file: behind each `####` the shell, as a workflow names it."""
    return [case for case, _ in recorded(name)]


def recorded(name: str) -> list[tuple[Case, str]]:
    """The same with their truth, behind a `|`, where the file has it."""
    found = []
    for record in (DATA / name).read_text().split("####")[1:]:
        head, _, body = record.partition("\n")
        chosen, _, truth = head.partition("|")
        found.append(((body.rstrip("\n"), chosen.strip()), truth.strip()))
    return found


def generated() -> list[Case]:
    grammar = Grammar(SEED)
    return [grammar.script() for _ in range(GENERATED)]


def truths(cases: Sequence[Case], verdicts: Sequence[str], folder: Path) -> list[Truth]:
    def work(part: int) -> list[Truth]:
        judge = Judge(folder / str(part))
        pairs = zip(cases[part::2], verdicts[part::2], strict=True)
        return [judge.truth(*case, thorough=said == "conditional") for case, said in pairs]

    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(work, range(2)))
    return [parts[index % 2][index // 2] for index in range(len(cases))]


@pytest.mark.parametrize("source", ["own.txt", "rewritten.txt", "grammar"])
def test_verdicts_are_what_shells_do(source: str, tmp_path: Path) -> None:
    cases = generated() if source == "grammar" else written(source)
    verdicts = [verdict_of(*case) for case in cases]
    found = zip(cases, verdicts, truths(cases, verdicts, tmp_path), strict=True)
    # Where the step fails although the gate passes, nothing can be compared.
    telling = [each for each in found if each[2].verdict != "none" and each[1] != "no gate"]
    wrong = [(case, said, truth) for case, said, truth in telling if said != truth.verdict]
    report = "\n".join(f"{s!r} we: {said}, {t}\n{text}" for (text, s), said, t in wrong)
    unknown = sum(said == "unknown" for _, said, _ in telling)
    print(f"{source}: {len(telling) - len(wrong)} of {len(telling)} agree, {unknown} unknown")  # noqa: T201
    assert not [each for each in wrong if each[1] == "fails"], report
    assert len(telling) > len(cases) / 2
    assert len(wrong) <= 0.02 * len(telling), report
    assert unknown <= 0.05 * len(telling), report


def test_verdicts_are_what_shells_did() -> None:
    cases = recorded("reviewed.txt")
    wrong = [(*case, truth, said) for case, truth in cases if (said := verdict_of(*case)) != truth]
    assert len(cases) > 600
    assert not wrong


def test_what_shells_did_is_what_they_do(tmp_path: Path) -> None:
    cases = recorded("reviewed.txt")[::EVERY]
    said = [truth for _, truth in cases]
    found = truths([case for case, _ in cases], said, tmp_path)
    wrong = [(*case, each, now) for (case, each), now in zip(cases, found, strict=True)
             if each != now.verdict]  # fmt: skip
    assert not wrong


def test_there_are_enough_scripts_and_none_twice() -> None:
    own, rewritten = written("own.txt"), written("rewritten.txt")
    assert len(set(own)) == len(own) >= 250
    assert len(set(rewritten)) == len(rewritten) >= 100


def test_the_judge_tells_the_four_truths_apart(tmp_path: Path) -> None:
    judge = Judge(tmp_path / "judge")
    scripts = {"gate": "fails", "gate || true": "swallowed", "gate\nexit 1": "none",
               'if [ -n "$X" ]; then gate; fi': "conditional"}  # fmt: skip
    assert {text: judge.truth(text, "").verdict for text in scripts} == scripts
