"""`init`: the first configuration, workflow and hook of a repository, from what it holds."""
