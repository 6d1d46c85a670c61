"""Other people's scanners: Bandit, Checkov, Safety. Each yields our findings and its own status.

A scanner is `scan(request: ScanRequest) -> ScannerReport`, named in `table.SCANNERS`. It never
raises, never sees the working tree (`staging.py` gives it a copy without any tool's configuration)
and never reaches the network. Bandit runs in worker processes of this interpreter; Checkov and
Safety run in environments of their own (`environment.py`). Nothing here knows of policies.
"""
