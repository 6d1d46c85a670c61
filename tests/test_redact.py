"""Nothing that may be a secret gets out, and what is harmless can still be read."""

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.redact import MASK, Redactor, visible
from iact_guard.redact.known import Known
from iact_guard.redact.names import may_hold_secret
from iact_guard.redact.shapes import SHAPES, folded
from iact_guard.redact.spans import secret_spans

CANARY = "c4nary-Zq9x"

# `{n}` is a name that means a secret, `{v}` its value.
PAIRS = """
{n}: {v}
{n}: "{v}"
{n}: '{v}' # why
  - {n}: {v}
{n} = {v}
{n} = "{v}"
{n}={v}
export {n}="{v}"
{n}={v} command --flag
{n} := "{v}"
"{n}": "{v}",
{{"user":"x","{n}":"{v}","b":1}}
'{n}' => '{v}',
connect(user="x", {n}="{v}", host="y")
def f(a, {n}: str = "{v}", b=1):
{n}: str | None = "{v}"
{n} = b"{v}"
x["{n}"] = "{v}"
os.environ.setdefault("{n}", "{v}")
value = os.getenv("{n}", "{v}")
{n} = config("{n}", default="{v}")
{n} = os.environ.get("X") or "{v}"
{n}: ${{{{ secrets.X || '{v}' }}}}
{n}=${{{n}:-{v}}}
tool --{n} {v} --other x
tool --{n}={v}
["--{n}", "{v}"]
app.{n}={v}
--set app.{n}={v}
-var="{n}={v}"
https://host/path?{n}={v}&page=2
ENV {n} {v}
if {n} == "{v}":
{n}: !!str {v}
"""
LINES = """
run: curl -H "Authorization: Bearer {v}" https://x
curl -H 'X-Api-Key: {v}' https://x
curl -u me:{v} https://x
curl --user "me:{v}" https://x
sshpass -p {v} ssh host
mysql -uroot -p{v} db
docker login -u me -p {v} registry
redis-cli -a {v} ping
url = "https://me:{v}@host/x"
git clone https://{v}@github.com/a/b
echo {v} | docker login -u x --password-stdin
echo "::add-mask::{v}"
<password>{v}</password>
ALTER USER x WITH PASSWORD '{v}';
machine host login me password {v}
password("{v}")
"""
NAMES = (
    "password", "DB_PASSWORD", "dbPassword", "PGPASSWORD", "api-key", "apiKey", "API_TOKEN",
    "secret", "SECRET_KEY", "client_secret", "AWS_SECRET_ACCESS_KEY", "github_token", "passwd",
    "private_key",
)  # fmt: skip


def _lines(block: str) -> list[str]:
    return [line for line in block.splitlines() if line.strip()]


@pytest.mark.parametrize("form", _lines(LINES))
def test_credentials_are_masked_whatever_the_name(form: str) -> None:
    shown = Redactor().source_line("any", 1, form.format(v=CANARY))
    assert "nary" not in shown
    assert "Zq9x" not in shown


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(_lines(PAIRS)),
    st.sampled_from(NAMES),
    st.text(string.ascii_letters + string.digits + "-_.+!@%^*", min_size=4, max_size=20),
)
def test_what_stands_behind_a_telling_name_is_masked(form: str, name: str, noise: str) -> None:
    value = f"q7{noise}7q"
    line = form.format(n=name, v=value)
    redactor = Redactor()
    shown = redactor.source_line("any", 1, line)
    assert value not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "line",
    _lines("""
TOKEN: ${{ secrets.X }}
token: read
id-token: write
permissions: read-all
secrets: inherit
pytest --cov --cov-fail-under 80
AUTH_PASSWORD_VALIDATORS = [
password_validators: strict
uses: actions/create-github-app-token@v1
uses: docker/login-action@v3
uses: actions/checkout@8f4b7f84864484a7bf31766abe9204da3cbe65b3 # v4
variable "db_password" {
resource "random_password" "db" {
password = var.db_password
password = random_password.db.result
password=password, host=host
def f(password: str, host: str) -> None:
token = get_token(request)
token_url = "https://x/y"
PASSWORD = os.environ["DB_PASSWORD"]
PASSWORD = env("DB_PASSWORD")
run: docker run -p 8080:80 mysql
http://localhost:8080/path@v1
git+ssh://git@github.com/a/b
the token must be set, and the secret `API_KEY` too
echo "$TOKEN" | docker login --password-stdin
echo "${{ secrets.X }}" | docker login -u "${{ secrets.U }}" --password-stdin
AUTH_USER_MODEL = "users.User"
if: github.event.inputs.token != ''
password = models.CharField(max_length=128)
token = request.headers.get("Authorization")
path: /run/secrets/token
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
key: ${{ runner.os }}-pip-${{ hashFiles('requirements.txt') }}
"""),
)
def test_what_is_harmless_stays_readable(line: str) -> None:
    assert Redactor().source_line("any", 1, line) == line


@pytest.mark.parametrize(
    "text",
    [
        "the root refers to module.app.custom_fields.encryption_key: no such variable",
        "aws_iam_role.token_service lacks the tags Owner, Project",
        "password: what it is hangs on var.database_password",
        "SECRET_KEY is given a literal of 16 characters",
        "accounts_user.password is NOT NULL and has no default: INSERTs fail",
    ],
)
def test_what_we_say_of_secrets_is_read_as_it_is(text: str) -> None:
    assert Redactor().composed(text) == text


@pytest.mark.parametrize(
    "secret",
    [f"https://me:{CANARY}@host/x", f"Bearer {CANARY}", "ghp_c4naryZq9xAbc12", f"it is {CANARY}",
     f"-----BEGIN PRIVATE KEY-----{CANARY}"],
)  # fmt: skip
def test_what_we_say_holds_no_credential(secret: str) -> None:
    redactor = Redactor()
    redactor.learn(f"{CANARY}" if secret.startswith("it") else "another")
    shown = redactor.composed(f"it says {secret}")
    assert "nary" not in shown
    assert MASK in shown


@pytest.mark.parametrize(
    "text",
    [
        f"key: |\nPRIVATE_KEY: |\n  one {CANARY}\n\n  two {CANARY}\nnext: 1\n",
        f'SECRET = """\n{CANARY}\n{CANARY}\n"""\n',
        f"password = <<EOF\n{CANARY}\nEOF\nnext = 1\n",
        f'PASSWORD = (\n    "abc"\n    "{CANARY}"\n)\n',
        f'PASSWORD="one\n{CANARY}"\nNEXT=1\n',
        f"password:\n  {CANARY}\n",
        f"args:\n  - --password\n  - {CANARY}\n",
        f'"password":\n  "{CANARY}"\n',
        f"-----BEGIN RSA PRIVATE KEY-----\n{CANARY}\nabc=\n-----END RSA PRIVATE KEY-----\n",
        f"password: >-\r\n  {CANARY}\r\nnext: 1\r\n",
    ],
)
def test_further_lines_of_a_secret_are_masked(text: str) -> None:
    redactor = Redactor()
    assert CANARY not in redactor.source(text)
    assert redactor.source(text).count("\n") == text.count("\n")
    redactor.study("f", text)
    for number, line in enumerate(re.split(r"\r?\n", text), 1):
        assert CANARY not in redactor.source_line("f", number, line)


def test_a_studied_file_keeps_its_harmless_lines() -> None:
    text = 'a: 1\nSECRET: |\n  abc def\n  ghi\nb: "x"\n'
    redactor = Redactor()
    redactor.study("f", text)
    shown = [redactor.masked("f", n, line) for n, line in enumerate(text.splitlines(), 1)]
    assert shown == ["a: 1", "SECRET: |", f"  {MASK}", f"  {MASK}", 'b: "x"']


def test_a_learnt_value_is_masked_in_every_text_and_form() -> None:
    redactor = Redactor()
    redactor.learn('pa"ss\nwörd-2')
    for text in ('pa"ss', "it is wörd-2.", '{"x": "w\\u00f6rd-2"}', "b'w\\xf6rd-2'"):
        assert MASK in redactor.text(text) or text == 'pa"ss'


def test_hidden_columns_are_masked_and_the_rest_stays() -> None:
    redactor = Redactor()
    redactor.hide("f", 2, 5, 8)
    redactor.hide("f", 2, 7, 10)
    assert redactor.source_line("f", 2, "0123456789ABC") == f"0123{MASK}9ABC"
    assert redactor.source_line("f", 3, "0123456789ABC") == "0123456789ABC"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_no_control_character_gets_out(text: str) -> None:
    redactor = Redactor()
    for shown in (visible(text), redactor.text(text), redactor.source_line("f", 1, text)):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", shown)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["password", "token: ", "=", " ", "\n", '"', "'", "(", "{", "}", "${{", "a1", "|", "-",
             ":", "://", "@", "<<EOF", "\\", "***", "#", ",", "secret_key", "-p ", "echo ",
             "Bearer "]
        ),
        max_size=25,
    )
)  # fmt: skip
def test_masking_is_stable_and_keeps_the_lines(parts: list[str]) -> None:
    text = "".join(parts)
    shown = Redactor().source(text)
    assert shown.count("\n") == text.count("\n")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.text("abcXY0", min_size=6, max_size=9), min_size=120, max_size=160, unique=True),
    st.text("abcXY0 ", max_size=300),
)
def test_many_values_are_replaced_as_few_are(values: list[str], text: str) -> None:
    many = Known(values, "*", 6)
    text += values[7] + " " + values[-1]
    pattern = "|".join(map(re.escape, sorted(values, key=lambda value: (-len(value), value))))
    assert many.masked(text) == re.sub(pattern, "*", text)


BEGINNINGS = [word for shape in SHAPES for word in shape.words]
PIECES = [
    *BEGINNINGS, *map(str.upper, BEGINNINGS), "ghp_", "npm-", "AKIA", "AIza", "SG.", "eyJ", "-p",
    "-u", "-a", "pass:", "<<<", "|", ":", "=", "@", "'", ">", "\n", "\u212a", "\u017f", "\u0130",
    "\u00df", "x1", "a.b", "0123456789ABCDEFabcdef", "--password-stdin", " ", "\t",
]  # fmt: skip


@settings(max_examples=200)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_a_shape_is_found_wherever_its_pattern_finds_it(text: str) -> None:
    for shape in SHAPES:
        found = [match.span(1) for match in shape.found_in(text, folded(text))]
        assert found == [match.span(1) for match in shape.pattern.finditer(text)]


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(folded(text)) == len(text)


WORDS = ("pass", "Passwd", "PWD", "secret", "TOKENS", "api", "Key", "creds", "credential", "jwt",
         "auth", "Authorization", "dsn", "bearer", "cookie", "salt", "webhook", "otp", "db",
         "my", "private", "passphrase", "passcode", "x")  # fmt: skip


@settings(max_examples=200)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=3), st.sampled_from(["", "_", "-"]))
def test_a_name_that_may_hold_a_secret_is_told_by_a_part_of_it(words: list[str], by: str) -> None:
    name = by.join(words)
    if may_hold_secret(name):
        assert secret_spans(f"{name}=Zq9x77aKk")
