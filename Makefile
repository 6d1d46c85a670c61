# Two commands for a newcomer: `make demo` and `make test`. Each makes .venv by itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INDEX := iact_guard/data/index.json
RUN := $(BIN)/python -I -m

.PHONY: demo test lint types docs bench oracle clean

# The environment is made anew whenever the lock or the packaging changes.
$(VENV)/ready: requirements-dev.lock pyproject.toml scripts/make-venv
	PYTHON=$(PYTHON) sh scripts/make-venv $(VENV)

# Tables and policies in one file, so that a run starts fast.
$(INDEX): scripts/index.py $(wildcard iact_guard/data/*.toml policies/*/*.yaml) | $(VENV)/ready
	$(BIN)/python -I scripts/index.py

# The check finds the faults that the fixture holds, so its exit status is 1: shown, not passed on.
demo: $(INDEX)
	@sh scripts/demo $(BIN)

lint: $(VENV)/ready
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(VENV)/ready
	$(RUN) mypy

test: lint types
	$(RUN) pytest -n 2 --cov --cov-report= --cov-fail-under=85

docs: $(VENV)/ready
	$(BIN)/python -I scripts/docs.py

bench: $(INDEX)
	$(BIN)/python benchmarks/speed.py

# Verdicts on migrations against PostgreSQL, on three versions of Django: ten minutes and more.
oracle: $(VENV)/ready
	sh scripts/oracle $(BIN)

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache build dist
