"""Hold our expressions against GitHub's own evaluator: `@actions/expressions` from npm.

Not part of the test run: it needs node, and a folder with the package installed.

    npm install --prefix DIR @actions/expressions
    python tests/tools/expression_judge.py DIR [number of random cases]
"""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

from iact_guard.syntax.expression import ExpressionError, Unknown, evaluate, parse

CONTEXTS: dict[str, Any] = {
    "github": {
        "ref": "refs/heads/main",
        "run_number": 7.0,
        "event": {"labels": [{"name": "Bug"}, {"name": "x", "id": 3.0}], "empty": {}},
    },
    "needs": {"a": {"result": "success"}, "b": {"result": "failure", "outputs": {"v": "1"}}},
    "env": {"FLAG": "true", "EMPTY": "", "n": "0x10"},
    "matrix": {"list": [1.0, "2", None, [True]]},
}
LEAVES = [
    "1", "0", "-1.5", "0xff", ".5", "1e3", "''", "'a'", "'A'", "'1'", "'it''s'", "'true'", "true",
    "false", "null", "NaN", "Infinity", "github.ref", "github.event.labels", "github.missing",
    "github.event.labels[0].name", "github.event.labels.*.name", "needs.*.result", "env.FLAG",
    "needs.b.outputs.v", "env.EMPTY", "env['n']", "matrix.list", "matrix.list[1]", "needs",
    "matrix.list[9]", "github.event.labels[1]['ID']", "github.*", "needs.*.outputs.*",
]  # fmt: skip
HARNESS = """
const path = require('path'), fs = require('fs'), url = require('url');
(async () => {
  const at = path.join(process.argv[2], 'node_modules/@actions/expressions/dist/index.js');
  const e = await import(url.pathToFileURL(at));
  const data = await import(url.pathToFileURL(path.join(path.dirname(at), 'data/index.js')));
  const read = JSON.parse(fs.readFileSync(0, 'utf8'));
  const make = v => JSON.parse(JSON.stringify(v), data.reviver);
  const contexts = make(read.contexts);
  const out = read.cases.map(text => {
    try {
      const names = Object.keys(read.contexts);
      const tree = new e.Parser(new e.Lexer(text).lex().tokens, names, []).parse();
      const value = new e.Evaluator(tree, contexts).evaluate();
      return {value: JSON.stringify(value, data.replacer), kind: value.kind};
    } catch (error) { return {error: String(error.message)}; }
  });
  process.stdout.write(JSON.stringify(out));
})();
"""


def random_expression(depth: int) -> str:
    """A well-formed expression."""
    if depth == 0 or random.random() < 0.2:
        return random.choice(LEAVES)
    inner = [random_expression(depth - 1) for _ in range(3)]
    return random.choice(
        [
            f"!{random.choice(LEAVES)}",
            f"({inner[0]})",
            *(f"{inner[0]} {sign} {inner[1]}" for sign in ("==", "!=", "<", ">", "<=", ">=")),
            f"{inner[0]} && {inner[1]}",
            f"{inner[0]} || {inner[1]}",
            f"contains({inner[0]}, {inner[1]})",
            f"startsWith({inner[0]}, {inner[1]})",
            f"endsWith({inner[0]}, {inner[1]})",
            f"format('{{0}}-{{1}}{{{{', {inner[0]}, {inner[1]})",
            f"join({inner[0]}, '+')",
            f"toJSON({inner[0]})",
            f"case({inner[0]} == {inner[1]}, {inner[1]}, {inner[2]})",
        ]
    )


def ours(text: str) -> Any:
    """Our value, as JSON; None where we refuse it."""
    try:
        value = evaluate(parse(text), CONTEXTS)
    except ExpressionError:
        return "refused"
    return "unknown" if isinstance(value, Unknown) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def main() -> None:
    """Print every difference, and how many cases were compared."""
    folder, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3_000
    random.seed(1)
    cases = [*LEAVES, *(random_expression(random.randint(1, 3)) for _ in range(count))]
    script = Path(folder) / "judge.cjs"
    script.write_text(HARNESS)
    told = subprocess.run(
        ["node", str(script), folder],
        input=json.dumps({"contexts": CONTEXTS, "cases": cases}),
        capture_output=True,
        text=True,
        check=True,
    )
    differences = 0
    for text, theirs in zip(cases, json.loads(told.stdout), strict=True):
        mine = ours(text)
        if "error" in theirs:
            same = mine in ("refused", "unknown")
        else:
            same = mine == json.loads(theirs["value"])
        if not same:
            differences += 1
            print(text, "| ours:", mine, "| theirs:", theirs)  # noqa: T201
    print(f"{len(cases)} cases, {differences} differences")  # noqa: T201


if __name__ == "__main__":
    main()
