"""The rules on branches and environments that a repository declares."""
