"""What starts a workflow, and which gates run on a change."""
