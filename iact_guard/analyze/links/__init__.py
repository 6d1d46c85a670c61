"""Facts that join domains: what Terraform declares, and what workflows do."""
