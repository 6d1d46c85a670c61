"""Comments of each format, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iact_guard.syntax.comments import comments, has_comments
from iact_guard.syntax.text import Text

YAML = """\
a: 1  # one
b: "no # two"
c: no# three
d: |
  # four is text
  x
# five
e: >-
  folded # six
f: {g: 'x # seven', h: y} # eight
"""
WORKFLOW = """\
steps:
  - run: |
      # in a script
      echo "# in quotes" # behind
      echo '
      # in a text
      '
      cat <<'END'
      # in a here document
      END
      echo ${x#y} $# a#b
      # last
    env: {RUN: "# no"}
  - with:
      run-it: |
        # not a script
  - run: make # of YAML
"""
PYTHON = '''\
x = 1  # one
y = "# two"
z = """
# three
"""
# four
'''
HCL = """\
a = "# one" # two
// three
/* four
   five */
b = <<EOT
# six
EOT
"""
TOML = '''\
a = "# one" # two
b = """
# three
"""
# four
'''
JAVASCRIPT = """\
const a = "// one"; // two
/* three */ const b = `
// four
`;
const c = 'it\\'s // five';
"""

CASES = [
    ("a.yml", YAML, ["# one", "# five", "# eight"]),
    ("w.yaml", WORKFLOW, ["# in a script", "# behind", "# last", "# of YAML"]),
    ("a.py", PYTHON, ["# one", "# four"]),
    ("a.tf", HCL, ["# two", "// three", "/* four\n   five */"]),
    ("pyproject.toml", TOML, ["# two", "# four"]),
    ("jest.config.js", JAVASCRIPT, ["// two", "/* three */"]),
    ("a.sh", 'a # one\necho "$(b) # two" # three\n#four', ["# one", "# three", "#four"]),
    ("setup.cfg", "[a]\nb = c # no\n  # yes\n; and", ["# yes", "; and"]),
    ("docker/Dockerfile", "# yes\nRUN a # no\n", ["# yes"]),
    ("requirements.txt", "a==1 # yes\nb@x#no\n", ["# yes"]),
    ("CODEOWNERS", "* @a # yes\n# and\n", ["# yes", "# and"]),
    ("Makefile", "a: b # yes\n\techo '# no'\n", ["# yes"]),
    (".env", "A=1 # yes\nB='# no'\n", ["# yes"]),
    ("a.json", '{"a": "# no"} // no', []),
    ("readme.md", "# no", []),
    ("broken.yml", "a: [ # no", []),
    ("broken.py", "# yes\nx = '''\n# no", ["# yes"]),
]


@pytest.mark.parametrize(("path", "text", "expected"), CASES)
def test_comments_are_found_and_strings_are_not(path: str, text: str, expected: list[str]) -> None:
    found = sorted(comments(Text(path, text)))
    assert [text[start:end].strip() for start, end in found] == expected
    assert has_comments(path) == (path not in ("a.json", "readme.md"))


NAMES = ["a.yml", "a.py", "a.tf", "a.sh", "a.toml", "a.js", "a.cfg", "Makefile", ".env"]


@given(st.sampled_from(NAMES), st.text("#'\"\\/*<>-|:a \n\r\t`{}[]E", max_size=60))
def test_any_text_has_regions_within_it(path: str, text: str) -> None:
    for start, end in comments(Text(path, text)):
        assert 0 <= start < end <= len(text)
