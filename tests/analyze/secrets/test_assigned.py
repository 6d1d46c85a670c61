"""A hundred labelled literals, and what becomes of the values that are found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.analyze.secrets.assigned import Assigned, assigned_secrets
from iact_guard.analyze.secrets.values import is_secret
from iact_guard.model.fact import Fact
from iact_guard.project import Project
from iact_guard.tree import DictTree

# Path, line, and what makes it one.
SECRETS = r"""
app/settings.py | password = "hunter2"
app/settings.py | PASSWORD = 'letmein'
app/settings.py | DB_PASS = "s3cr3t!"
app/settings.py | dbPassword = "Winter2024!"
app/settings.py | MYSQL_PWD = "qwerty99"
app/settings.py | SECRET_KEY = "django-insecure-9x!k2#v8q@z7w$m5^n3&b1*c6"
app/settings.py | SECRET_KEY = "lr66%-a!$km5ed@n5ug!tya5bv!0(yqwa1tn!q%0%3m2nh%oml"
app/settings.py | SECRET_KEY = b"_5#y2L\"F4Q8z\n\xec]/"
app/settings.py | JWT_SECRET: str = "8f14e45fceea167a5a36dedd4bea2543"
app/settings.py | FERNET_KEY = "UajFCuyjDKmWHe29neauXzHi9eZoRXr6RMbT5JyAdPg="
app/settings.py | AWS_SECRET_ACCESS_KEY = "wJalrXUtnFEMI9K7MDENGabPxRfiCYzQ8vT2mKLp"
app/settings.py | STRIPE_API_KEY = "4eC39HqLyjWDarjtT1zdp7dc"
app/settings.py | github_token = "9fa1c8e2b7d34056a1f2"
app/settings.py | {"default": {"PASSWORD": "sh0p-db-2023"}}
app/client.py | self.api_key = "a81bc81bdead4e5dabff90865d1e13b1"
app/client.py | connect(host="db", password="p@ssw0rd2020")
app/client.py | requests.get(url, params={"api_key": "b6907d289e10d714a6e88b30761fae22"})
app/client.py | os.environ["API_TOKEN"] = "Zm9vYmFyMTIzNDU2"
app/client.py | os.environ.setdefault("API_TOKEN", "q7Xp2Lr9Vt4Kz8")
app/client.py | token = os.getenv("TOKEN", "q7Xp2Lr9Vt4Kz8")
app/client.py | SECRET_KEY = config("SECRET_KEY", default="q7Xp2Lr9Vt4Kz8")
app/client.py | secret = os.environ.get("X") or "q7Xp2Lr9Vt4Kz8"
app/client.py | secret = "q7Xp2Lr9Vt4Kz8" if debug else None
app/client.py | token = SecretStr("q7Xp2Lr9Vt4Kz8")
app/client.py | token = "q7Xp2Lr9".encode() + b"" if False else "q7Xp2Lr9Vt4Kz8"
app/client.py | signing_key = "q7Xp2Lr9" + "Vt4Kz8"
app/client.py | user, password = "admin", "adm1n-2020"
app/client.py | def login(user, password="adm1n-2020"): ...
app/client.py | def login(*, api_token="q7Xp2Lr9Vt4Kz8"): ...
app/client.py | if (token := "q7Xp2Lr9Vt4Kz8"): ...
app/client.py | client_secret = "GOCSPX-4fHq9sKd82LmZx71PqWvBn35"
app/client.py | api_token_prod = "q7Xp2Lr9Vt4Kz8"
app/client.py | password1 = "Tr0ub4dor&3"
app/client.py | authToken = "q7Xp2Lr9Vt4Kz8"
app/client.py | passphrase = "c0rrect horse battery"
.env | DB_PASSWORD=hunter
.env | DB_PASSWORD="hunter 42"
.env.production | export TOKEN=q7Xp2Lr9Vt4Kz8
.env.local | SECRET_KEY='q7Xp2Lr9$Vt4Kz8'
.env.example | API_KEY=q7Xp2Lr9Vt4Kz8
main.tf | password = "Aa12345678"
main.tf | administrator_login_password = "AdminPassword123!"
main.tf | secret_string = "q7Xp2Lr9Vt4Kz8"
main.tf | token = sensitive("q7Xp2Lr9Vt4Kz8")
main.tf | tags = { api_key = "q7Xp2Lr9Vt4Kz8" }
main.tf | master_password = var.x != "" ? var.x : "Aa12345678"
main.tf | environment = [{ name = "API_TOKEN", value = "q7Xp2Lr9Vt4Kz8" }]
prod.tfvars | db_password = "hunter2"
.github/workflows/x.yml | env: {API_TOKEN: q7Xp2Lr9Vt4Kz8}
.github/workflows/x.yml | env: {DB_PASSWORD: "hunter2"}
"""
HARMLESS = r"""
app/settings.py | password = os.environ["PASSWORD"]
app/settings.py | password = ""
app/settings.py | password = None
app/settings.py | PASSWORD = "password"
app/settings.py | SECRET_KEY = "changeme"
app/settings.py | SECRET_KEY = "change-this-in-production"
app/settings.py | SECRET_KEY = "your_secret_key_here"
app/settings.py | SECRET_KEY = "dev-notify-secret-key"
app/settings.py | SECRET_KEY = "django-insecure-key-for-demonstration-only"
app/settings.py | API_KEY = "xxxxxxxx-xxxx-xxxx"
app/settings.py | API_KEY = "<your-api-key>"
app/settings.py | API_KEY = "0000000000000000"
app/settings.py | API_KEY = "1234567890"
app/settings.py | API_KEY = "test_key_123"
app/settings.py | access_key = "AKIAIOSFODNN7EXAMPLE"
app/settings.py | TOKEN_URL = "https://a.example/t0ken/9f8e7d6c5b4a"
app/settings.py | token = "https://a.example/t0ken/9f8e7d6c5b4a"
app/settings.py | SECRET_NAME = "shop/db/9f8e7d6c5b4a"
app/settings.py | secret = "projects/918273/secrets/db9f8e7d/versions/3"
app/settings.py | secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x-9f8e7d"
app/settings.py | secret = "op://vault/item/9f8e7d6c5b4a"
app/settings.py | credentials = "/etc/k3y/credentials9.json"
app/settings.py | credentials = "gcp-key-2024.json"
app/settings.py | AUTH_PASSWORD_VALIDATORS = [{"NAME": "django.contrib.auth.Validator2"}]
app/settings.py | TOKEN_BACKEND = "app.auth.backends.Token2Backend"
app/settings.py | auth_token = "app.auth.backends.Token2Backend"
app/settings.py | password_min_length = "12characters3"
app/settings.py | PASSWORD_RESET_TIMEOUT_DAYS = "3days4"
app/forms.py | password = "Enter your password"
app/forms.py | labels = {"password": "Password", "token": "API token"}
app/forms.py | errors = {"password": "too_weak", "token": "expired_token"}
app/forms.py | types = {"password": "string", "api_key": "text"}
app/forms.py | forgot_password = "p4ssword-f0rgotten"
app/forms.py | invalid_token = "t0ken_1nvalid_9f8e"
app/forms.py | token = "{token}"
app/forms.py | token = "%(token)s"
app/forms.py | token = f"{prefix}-9f8e7d6c5b4a"
app/forms.py | api_key = "created_by_id"
app/forms.py | header_token = "X-Shop-Token"
app/forms.py | next_page_token = "CAUQAA9f8e7d6c5b4a"
app/forms.py | eos_token = "<|endoftext|>"
app/forms.py | password = "5f4dcc3b5aa765d61d8327deb882cf99"
app/forms.py | password = "pbkdf2_sha256$600000$abc9f8$e7d6c5b4a"
app/forms.py | secret = "123e4567-e89b-12d3-a456-426614174000"
app/forms.py | token = "sha256:9f86d081884c7d659a2feaa0c55ad015"
app/forms.py | api_key = "1234567890ABCDEF1234567890ABCDEF"
app/forms.py | token = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuNIzKBOFB77aT"
app/forms.py | _TESTS = [{"params": {"password": "c0nference22"}}]
app/forms.py | class TestLogin: password = "c0nference22"
app/settings/local_dev.py | DATABASES = {"default": {"PASSWORD": "shop"}}
app/settings/local_dev.py | SECRET_KEY = "shop-local-development-supersecret-key-1234567890!"
tests/test_x.py | SECRET_KEY = "q7Xp2Lr9Vt4Kz8"
app/tests.py | SECRET_KEY = "q7Xp2Lr9Vt4Kz8"
.env | API_URL=https://q7Xp2Lr9Vt4Kz8.example
.env | TOKEN=$OTHER_TOKEN
.env.example | DB_PASSWORD=hunter
main.tf | password = var.password
main.tf | client_secret = "$dex-client-1:clientSecret2"
.env.example | MOCK_TOKEN=q7Xp2Lr9Vt4Kz8
main.tf | password = "${var.prefix}-9f8e7d6c5b4a"
main.tf | password = random_password.db.result
main.tf | token = lookup(local.tokens, "pr0duction9f8e")
.github/workflows/x.yml | env: {TOKEN: "${{ secrets.TOKEN }}"}
.github/workflows/x.yml | permissions: {id-token: write}
.github/workflows/x.yml | env: {POSTGRES_PASSWORD: postgres}
"""


def _items(block: str) -> list[tuple[str, str]]:
    pairs = (line.split(" | ", 1) for line in block.strip().splitlines())
    return [(path, text) for path, text in pairs]


def _found(files: dict[str, str | bytes]) -> tuple[Context, dict[str, Fact[tuple[Assigned, ...]]]]:
    ctx = Context(Project(DictTree(files)))
    return ctx, {file.path: assigned_secrets(ctx, file) for file in ctx.project.entities("file")}


@pytest.mark.parametrize(("path", "text"), _items(SECRETS))
def test_is_found(path: str, text: str) -> None:
    _, facts = _found({path: text + "\n"})
    (found,) = facts[path].known
    assert found.location.line == 1
    assert found.location.column < found.location.end_column


@pytest.mark.parametrize(("path", "text"), _items(HARMLESS))
def test_is_left_alone(path: str, text: str) -> None:
    _, facts = _found({path: text + "\n"})
    assert facts[path].known == ()


CANARY = "c4nary-Zq9x"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", f'password = "{CANARY}"\n'),
        ("a.py", f'password = """\n{CANARY}\n"""\n'),
        (".env", f"PASSWORD={CANARY}\n"),
        ("a.tf", f'password = "{CANARY}"\n'),
        (".github/workflows/a.yml", f"env: {{PASSWORD: {CANARY}}}\n"),
        (".github/workflows/a.yml", f"jobs: {{a: {{steps: [{{run: 'X_TOKEN={CANARY} x'}}]}}}}\n"),
    ],
)
def test_a_value_that_was_found_is_shown_nowhere(path: str, text: str) -> None:
    ctx, facts = _found({path: text})
    assert facts[path].known
    assert CANARY not in repr(facts)
    redactor = ctx.project.redactor
    assert CANARY not in redactor.text(f"somewhere else: {CANARY}")
    for number, line in enumerate(text.splitlines(), 1):
        assert CANARY not in redactor.source_line(path, number, line)


def test_a_word_is_hidden_where_it_stands_and_not_everywhere() -> None:
    ctx, _ = _found({"a.tf": 'password = "letmein"\n'})
    assert ctx.project.redactor.text("letmein") == "letmein"
    assert "letmein" not in ctx.project.redactor.source_line("a.tf", 1, 'password = "letmein"')


def test_location_and_length_are_the_values() -> None:
    _, facts = _found({"a.py": 'x = 1\nré, pwd = 1, "hunter2"\n'})
    (found,) = facts["a.py"].known
    place = found.location
    assert (place.line, place.column, place.end_line, place.end_column) == (2, 14, 2, 23)
    assert (found.name, found.length, found.ordinal) == ("pwd", 7, 1)


def test_ordinals_count_within_a_name() -> None:
    _, facts = _found({"a.py": 'pwd = "hunter2"\npassword = "hunter3"\npwd = "hunter4"\n'})
    ordinals = [(found.name, found.ordinal) for found in facts["a.py"].known]
    assert ordinals == [("pwd", 1), ("password", 1), ("pwd", 2)]


def test_a_file_that_cannot_be_read_is_unknown_and_told_once() -> None:
    ctx, facts = _found(
        {"a.py": 'PASSWORD = "hunter2\n', "b.py": b"\xff", "c.py": 'pwd = "hunter2"'}
    )
    assert [facts[path].state for path in ("a.py", "b.py", "c.py")] == [
        "unknown",
        "unknown",
        "known",
    ]
    assert {problem.location.path for problem in ctx.project.problems} == {"a.py", "b.py"}
    assert all("hunter" not in problem.reason for problem in ctx.project.problems)


def test_capitals_that_become_two_letters_do_not_shift_the_lines() -> None:
    _, facts = _found({"a.py": 'x = "İİİİİİİİ"\n\n\npassword = "hunter2"\n'})
    assert [found.location.line for found in facts["a.py"].known] == [4]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=40), st.sampled_from(["password", "api_key"]), st.sampled_from([0, 1, 2]))
def test_any_value_is_judged(value: str, name: str, trust: int) -> None:
    assert is_secret(name, value, trust) in (True, False)


def test_long_hostile_values_take_no_time() -> None:
    for text in ("a" * 9999, "a.b" * 3000, "a_" * 4999, "{" * 9000, "secret" * 1500, "aB1" * 3000):
        is_secret("api_key", text, 2)


def test_deeply_nested_python_is_bounded() -> None:
    deep = "password = " + "x + " * 3000 + '"hunter2"\n'
    _, facts = _found({"a.py": deep, "b.py": "password = " + "(" * 40000})
    assert facts["b.py"].state == "unknown"
