# The one surface: every command that a user, a contributor or a pipeline needs.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
ARGS ?=
# One more than there are processors: a test may wait for a program that it has started.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PYTEST = $(BIN)/python -m pytest -n $(WORKERS)
DIST ?= dist

# The tests start hundreds of short programs: each would compile our modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install mock verify test test-full test-install check format build bench kills memory docs clean

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

install: $(VENV)/.installed ## Install the two programs into .venv

mock: $(VENV)/.installed ## Start the mock server on http://127.0.0.1:8080 [ARGS="--port 9000"]
	@$(BIN)/billecta-mock $(ARGS)

verify: $(VENV)/.installed ## Verify a deployment [BASE_URL=… API_KEY=…]; without one, the mock itself
	@$(if $(BASE_URL),BILLECTA_BASE_URL='$(BASE_URL)') $(if $(API_KEY),BILLECTA_API_KEY='$(API_KEY)') \
	  $(BIN)/billecta-verify --report-dir reports $(ARGS)

test: $(VENV)/.installed-dev ## Run the quick tests: all that a change can break [ARGS="-k name"]
	$(PYTEST) --dist loadfile -m "not full" $(ARGS)

test-full: $(VENV)/.installed-dev ## Run the others, which take minutes
	$(PYTEST) --dist worksteal -m full $(ARGS)

test-install: $(VENV)/.installed-dev ## Install the wheel into other projects, for real (part of test-full)
	$(PYTEST) --dist worksteal -m install $(ARGS)

check: $(VENV)/.installed-dev ## Lint, format, types, structure, OpenAPI documents
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/openapi-spec-validator --subschema-errors all spec/billecta_spec/openapi.yaml mock_server/billecta_mock/admin/openapi.yaml

format: $(VENV)/.installed-dev ## Bring all code into its one form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: $(VENV)/.installed-dev ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --outdir $(DIST) .

bench: $(VENV)/.installed-dev ## Measure the mock beside its peers (needs wrk; minutes) [ARGS=--quick]
	$(BIN)/python -m benchmarks $(ARGS)

kills: $(VENV)/.installed-dev ## Measure what the verifier finds of the mock's defects, beside schemathesis (minutes)
	$(BIN)/python -m benchmarks.kill_rate $(ARGS)

memory: $(VENV)/.installed-dev ## Watch the mock's memory over a million requests (needs wrk; minutes)
	$(BIN)/python -m benchmarks.memory $(ARGS)

docs: $(VENV)/.installed-dev ## Write the reference pages anew from the data they describe
	$(BIN)/python docs/generate.py

clean: ## Remove what these commands made
	rm -rf $(VENV) build dist reports .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/.installed: pyproject.toml constraints.txt
	@command -v $(PYTHON) > /dev/null || { echo "make: there is no $(PYTHON); name another: make install PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: $(PYTHON) is older than Python 3.11; name a newer one: make install PYTHON=python3.12"; exit 2; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "make: $(PYTHON) cannot make a virtual environment; on Debian: apt-get install python3-venv"; exit 2; }
	@echo "installing into $(VENV) …"
	@$(PIP) install --upgrade --constraint constraints.txt pip
	@$(PIP) install --constraint constraints.txt --editable '.[all]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "installing the tools of contributors …"
	@$(PIP) install --constraint constraints.txt --group dev
	@touch $@
