"""When each migration may run, and in which commands: forward, and back again."""
