"""What Terraform declares about branches and environments, and what it does not prove."""

from typing import Any

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.rules.environments import environment_named, lets_deploy
from iact_guard.analyze.links.rules.protection import Rule, ref_matches, rules_on
from iact_guard.project import Project
from iact_guard.tree import DictTree

CLASSIC = """
resource "github_branch_protection" "main" {
  repository_id  = github_repository.web.node_id
  pattern        = "main"
  enforce_admins = true
  required_status_checks {
    strict   = true
    contexts = ["test", "lint"]
  }
  required_pull_request_reviews {
    required_approving_review_count = 2
    require_code_owner_reviews      = true
    require_last_push_approval      = true
  }
}
"""
RULESET = """
resource "github_repository_ruleset" "main" {
  name        = "main"
  repository  = "web"
  target      = "branch"
  enforcement = "active"
  conditions {
    ref_name {
      include = ["~DEFAULT_BRANCH", "refs/heads/release/**/*"]
      exclude = ["refs/heads/release/old"]
    }
  }
  rules {
    merge_queue {}
    pull_request { required_approving_review_count = 1 }
    required_status_checks {
      required_check {
        context        = "test"
        integration_id = 15368
      }
    }
    required_code_scanning {
      required_code_scanning_tool {
        tool                      = "zizmor"
        alerts_threshold          = "errors"
        security_alerts_threshold = "high_or_higher"
      }
    }
  }
}
"""


def _context(**files: str) -> Context:
    tree = DictTree({name.replace("_tf", ".tf"): text for name, text in files.items()})
    return Context(Project(tree))


def _only(text: str, branch: str = "main", **more: str) -> Rule:
    (rule,) = rules_on(_context(main_tf=text, **more), branch)
    return rule


def test_classic_protection_with_everything_proves_its_checks() -> None:
    """Checks, reviewers, and nobody who may pass by."""
    rule = _only(CLASSIC)
    assert [check.context for check in rule.checks] == ["test", "lint"]
    assert rule.strict
    assert not rule.doubts
    assert (rule.reviews.count, rule.reviews.code_owners, rule.reviews.last_push) == (2, True, True)


@pytest.mark.parametrize(
    ("old", "new", "doubt"),
    [
        ("enforce_admins = true", "enforce_admins = false", "administrators"),
        ("enforce_admins = true", "enforce_admins = var.strict", "computed"),
        ('["test", "lint"]', "[]", "merges at once"),
        ('["test", "lint"]', "var.checks", "computed"),
        ('["test", "lint"]', '["test", var.check]', "computed"),
    ],
)
def test_what_classic_protection_leaves_open(old: str, new: str, doubt: str) -> None:
    """Each way round it is a doubt."""
    variables = 'variable "strict" {}\nvariable "checks" {}\nvariable "check" {}\n'
    rule = _only(variables + CLASSIC.replace(old, new))
    assert any(doubt in each.message for each in rule.doubts)


def test_v3_names_the_app_behind_a_check() -> None:
    """`checks` holds context and app, `contexts` the context alone."""
    rule = _only("""
        resource "github_branch_protection_v3" "main" {
          repository     = "web"
          branch         = "main"
          enforce_admins = true
          required_status_checks {
            checks = ["ci: test:15368", "lint"]
          }
        }
    """)
    assert [(c.context, c.app) for c in rule.checks] == [("ci: test", "15368"), ("lint", "")]


def test_a_ruleset_with_everything_proves_its_checks() -> None:
    """Checks with their app, the merge queue, scanners that count."""
    rule = _only(RULESET)
    assert [(c.context, c.app) for c in rule.checks] == [("test", "15368")]
    assert not rule.doubts
    assert rule.merge_queue
    assert rule.scanners == ("zizmor",)


@pytest.mark.parametrize(
    ("branch", "speaks"),
    [("main", 1), ("release/2026/1", 1), ("release/old", 0), ("feature/x", 1)],
)
def test_which_branches_a_ruleset_speaks_of(branch: str, speaks: int) -> None:
    """The default branch is not declared here: a branch of another name may be it."""
    context = _context(main_tf=RULESET)
    assert len(rules_on(context, branch)) == speaks


def test_the_default_branch_is_the_declared_one() -> None:
    """`~DEFAULT_BRANCH` is no `main` where another branch is the default."""
    default = (
        'resource "github_branch_default" "d" {\n  repository = "web"\n  branch = "trunk"\n}\n'
    )
    context = _context(main_tf=RULESET, default_tf=default)
    assert not rules_on(context, "main")
    assert rules_on(context, "trunk")


def test_evaluate_is_not_enforcement() -> None:
    """A ruleset that only reports stops nobody; one that is computed may not either."""
    assert not rules_on(_context(main_tf=RULESET.replace('"active"', '"evaluate"')), "main")
    text = 'variable "mode" {}\n' + RULESET.replace('"active"', "var.mode")
    assert any("computed" in each.message for each in _only(text).doubts)


def test_whoever_may_bypass_a_ruleset_is_a_doubt() -> None:
    """Whichever the mode."""
    bypass = (
        'bypass_actors {\n actor_id = 1\n actor_type = "Team"\n bypass_mode = "pull_request"\n}'
    )
    rule = _only(RULESET.replace("  rules {", f"{bypass}\n  rules {{"))
    assert any("bypass" in each.message for each in rule.doubts)


def test_terraform_of_several_repositories_proves_nothing_of_this_one() -> None:
    """Nothing in the files says which of them this is."""
    other = CLASSIC.replace("github_repository.web", "github_repository.api")
    context = _context(main_tf=CLASSIC + other.replace('"main" {', '"api" {'))
    rules = rules_on(context, "main")
    assert len(rules) == 2
    for rule in rules:
        assert any("several" in each.message for each in rule.doubts)


def test_a_repository_is_the_same_by_its_name_and_by_its_resource() -> None:
    """`github_repository.web.node_id` is the repository that is called web."""
    resource = 'resource "github_repository" "web" {\n  name = "web"\n}\n'
    context = _context(main_tf=resource + CLASSIC + RULESET)
    rules = rules_on(context, "main")
    assert len(rules) == 2
    assert not any(rule.doubts for rule in rules)


@pytest.mark.parametrize(
    ("pattern", "name", "answer"),
    [
        ("main", "main", True),
        ("release/*", "release/1", True),
        ("release/*", "release/1/2", False),
        ("**/*", "a/b/c", True),
        ("*", "a/b", False),
        ("v?", "v1", True),
        ("release/**", "release/1/2", False),
        ("[ab]*", "ab", None),
        ("main", "maintenance", False),
    ],
)
def test_patterns_of_branches(pattern: str, name: str, answer: Any) -> None:
    """As Ruby's `fnmatch` with paths reads them."""
    assert ref_matches(pattern, name) is answer


def test_many_stars_take_no_longer() -> None:
    """A pattern cannot be made slow."""
    assert ref_matches("*a" * 2000 + "b", "a" * 4000) is False


ENVIRONMENT = """
resource "github_repository_environment" "production" {
  repository          = "web"
  environment         = "production"
  prevent_self_review = true
  can_admins_bypass   = false
  reviewers {
    users = [1, 2]
  }
  deployment_branch_policy {
    protected_branches     = false
    custom_branch_policies = true
  }
}
resource "github_repository_environment_deployment_policy" "main" {
  repository     = "web"
  environment    = github_repository_environment.production.environment
  branch_pattern = "main"
}
resource "github_repository_environment_deployment_policy" "tags" {
  repository  = "web"
  environment = "production"
  tag_pattern = "v*"
}
"""


def test_an_environment_with_its_reviewers_and_refs() -> None:
    """Who may approve, and what may deploy."""
    context = _context(main_tf=ENVIRONMENT)
    (found,) = environment_named(context, "Production")
    assert (found.reviewers, found.prevent_self_review, found.admins_may_bypass) == (2, True, False)
    refs = [("main", "branch"), ("v1", "tag"), ("feature", "branch"), ("x", "tag")]
    assert [lets_deploy(context, found, *ref) for ref in refs] == [True, True, False, False]


def test_protected_branches_are_those_with_a_rule() -> None:
    """What Terraform does not protect, the settings may."""
    text = ENVIRONMENT.replace("protected_branches     = false", "protected_branches     = true")
    text = text.replace("custom_branch_policies = true", "custom_branch_policies = false")
    context = _context(main_tf=text + CLASSIC.replace("github_repository.web.node_id", '"web"'))
    (found,) = environment_named(context, "production")
    assert lets_deploy(context, found, "main", "branch") is True
    assert lets_deploy(context, found, "feature", "branch") is None
    assert lets_deploy(context, found, "v1", "tag") is False
