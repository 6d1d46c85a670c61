"""`python -m iact_guard`."""

from iact_guard.cli import main

if __name__ == "__main__":
    main(prog_name="iact-guard")
