"""Checks of Terraform."""
