# make demo   one real run on the example: make a virtual environment, install, sync, show
# make test   everything that a change must pass
# make clean  forget both

# Any Python from 3.11 on: make demo PYTHON=python3.13
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo "$$python" && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check clean
.DEFAULT_GOAL := demo

demo: $(VENV)/.installed
	$(BIN)/okrsync sync --config config.example.toml
	$(BIN)/okrsync status --config config.example.toml

# mypy, which uses one core only, runs beside the tests.
test: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy & types=$$!; $(BIN)/python -m pytest -n 2; tests=$$?; wait $$types && exit $$tests

check: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Stamps: a second call installs nothing. Both installs are editable, so code is never out of date;
# only pyproject.toml (dependencies, entry points) asks for another one.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/bin/python
	$(PIP) install --editable '.[dev]'
	touch $@ $(VENV)/.installed

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "okrsync needs Python 3.11 or newer: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) build dist okrsync.sqlite*
