"""What examples of policies do not show: remedies, evidence, places, what does not apply."""

from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.evaluate.engine import Evaluation, evaluate
from iact_guard.load.shipped import shipped
from iact_guard.model.finding import Finding
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.tree import DictTree

POLICIES = {policy.id: policy for policy in shipped()}


def judged(id: str, **files: str) -> Evaluation:
    tree = DictTree({f"{name}/main.tf": text for name, text in files.items()})
    return evaluate(Context(Project(tree, Config())), (POLICIES[id],))


def untagged(text: str) -> Finding:
    (finding,) = judged("TF009", app=text).findings
    return finding


def said(finding: Finding) -> str:
    return " ".join(item.message for item in finding.evidence)


def test_the_remedy_is_that_of_the_provider() -> None:
    aws = untagged('provider "aws" {\n}\nresource "aws_s3_bucket" "x" {}\n')
    assert "default_tags" in aws.remedy
    assert "adds no default_tags" in said(aws)
    azure = untagged('provider "azurerm" {\n}\nresource "azurerm_resource_group" "x" {}\n')
    assert "on the resource itself" in azure.remedy
    assert "default_tags" not in azure.remedy + said(azure)


def test_default_tags_do_not_reach_an_autoscaling_group() -> None:
    found = untagged(
        'provider "aws" {\n  default_tags {\n    tags = { Owner = "x" }\n  }\n}\n'
        'resource "aws_autoscaling_group" "x" {}\n'
    )
    assert "adds no default_tags" not in said(found)
    assert "`tag` blocks" in found.remedy


def test_the_other_resources_of_a_cause_are_places_and_their_number_is_bounded() -> None:
    text = "".join(f'resource "aws_s3_bucket" "b{n}" {{}}\n' for n in range(80))
    found = untagged(text)
    assert found.message.startswith("80 resources lack the tags Project")
    assert found.message.endswith("and 77 more")
    assert found.location.line == 1
    assert [place.location.line for place in found.places[:3]] == [2, 3, 4]
    assert len(found.places) == 50


def test_the_fingerprint_of_a_cause_stays_when_a_resource_comes_along() -> None:
    bucket = 'resource "aws_s3_bucket" "{}" {{}}\n'
    two = untagged(bucket.format("b") + bucket.format("c"))
    three = untagged(bucket.format("a") + bucket.format("b") + bucket.format("c"))
    assert two.anchor == three.anchor


def counts(**files: str) -> dict[str, Any]:
    (tally,) = judged("TF010", **files).tallies
    return {"passed": tally.passed, "failed": tally.failed, "other": tally.not_applicable}


def test_a_database_that_is_not_in_production_is_no_pass() -> None:
    database = 'resource "aws_db_instance" "x" {\n  backup_retention_period = 14\n}\n'
    assert counts(staging=database) == {"passed": 0, "failed": 0, "other": 1}
    assert counts(production=database) == {"passed": 1, "failed": 0, "other": 0}
