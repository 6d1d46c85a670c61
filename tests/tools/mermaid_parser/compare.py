"""Holds our flowcharts against Mermaid's own parser, with hostile names. For developers.

    npm install mermaid@11 jsdom    (in any folder)
    python -m tests.tools.mermaid_parser.compare --npm FOLDER [ROOT...]

Draws generated pictures, and those of the roots; prints each that Mermaid refuses, or reads with
another text than was meant.
"""

import argparse
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

from iact_guard.model.picture import Edge, Group, Node, Picture
from iact_guard.pipeline.explain import picture
from iact_guard.report.mermaid import MAX_LABEL, kinds, render

JUDGE = Path(__file__).with_name("judge.mjs")
_PIECES = ('"', "'", "`", "#", "#35;", "%%", "%%{init: {}}%%", "[", "]", "(", ")", "{", "}", "|",
           "<b>", "-->", "end", "subgraph", "style x:#f;", "click n1 call x()", ":::hole", ";",
           "\\", "&amp;", "@{", "\u00e9", "\U0001f680", "a", "deploy", " ", "$$x$$")  # fmt: skip


def main() -> None:
    """Draw, ask, count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--npm", type=Path, required=True, help="where the packages are")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("roots", nargs="*", type=Path)
    options = parser.parse_args()
    folder = options.npm.resolve() / "drawn"
    folder.mkdir(exist_ok=True)
    drawn = [_generated(random.Random(seed)) for seed in range(options.count)]
    texts = [render(each) for each in drawn]
    texts += [picture("WF201", root.resolve(), None) for root in options.roots]
    files = [folder / f"{number}.mmd" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    wrong = 0
    for number, answer in enumerate(_judged(options.npm, files)):
        meant = _labels(drawn[number]) if number < len(drawn) else []
        read = " ".join(answer["nodes"])
        if answer["error"] or any(label not in read for label in meant):
            wrong += 1
            print(f"{files[number]}\n  {answer['error']}\n  {meant}\n  {read}")  # noqa: T201
    print(f"{len(texts)} flowcharts, {wrong} wrong")  # noqa: T201


def _generated(chance: random.Random) -> Picture:
    def text() -> str:
        return "".join(chance.choices(_PIECES, k=chance.randint(1, 6))).strip() or "x"

    nodes = [Node(str(n), chance.choice(kinds()), (text(), text())) for n in range(8)]
    edges = [Edge(str(n), str(n + 1), chance.choice(("then", "hole", "beside")), text())
             for n in range(7)]  # fmt: skip
    return Picture((Group("", tuple(nodes[:3])), Group(text(), tuple(nodes[3:]))), tuple(edges))


def _labels(drawn: Picture) -> list[str]:
    lines = [line for group in drawn.groups for node in group.nodes for line in node.lines]
    return [" ".join(line.split()) for line in lines if len(line) <= MAX_LABEL]


def _judged(npm: Path, files: list[Path]) -> list[dict[str, Any]]:
    judge = npm.resolve() / "judge.mjs"
    shutil.copyfile(JUDGE, judge)
    done = subprocess.run(
        ["node", str(judge)],
        input="\n".join(map(str, files)),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


if __name__ == "__main__":
    main()
