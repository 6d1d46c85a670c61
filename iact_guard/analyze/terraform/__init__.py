"""What Terraform's files come to: values, instances, tags, backends, databases."""
