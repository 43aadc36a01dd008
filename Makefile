# Guanxi. `make` or `make help` lists what can be made.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV ?= uv
SERVE ?= 1
PORT ?= 8000
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install demo test test-neo4j check format docs bench lock clean

help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(VENV)/.installed ## Create .venv with every dependency, checked by hash

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 install"; exit 2; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
	  { echo "Python's venv module is needed; on Debian: apt-get install python3-venv"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: install ## Make a small telecom world, load, refresh, show it, serve it (SERVE=0: end instead; PORT=8000)
	@$(BIN)/guanxi demo --port $(PORT) $(if $(filter 0 no false,$(SERVE)),--no-serve,--serve)

test: install check ## Run the whole suite, on two cores (JOBS=2)
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

test-neo4j: install ## The tests on a real Neo4j, fetched by Maven (needs a JDK 17 or newer and Maven)
	GUANXI_TEST_DEMAND="$$GUANXI_TEST_DEMAND neo4j" $(BIN)/python -m pytest -n $(JOBS) --dist loadscope -m "neo4j and not nightly"

check: install ## Lint, format, types, one-way imports, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture

format: install ## Put the code in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install ## Write the generated pages of docs/ anew
	$(BIN)/python docs/generate.py

bench: install ## Measure against peers; each bench ends with one JSON line
	$(BIN)/guanxi bench publish

lock: ## Resolve the dependencies anew into requirements.lock (needs uv)
	{ echo "# Every dependency with its hashes. Made anew by: make lock"; \
	  $(UV) pip compile --quiet --no-header --python-version 3.11 --generate-hashes --extra dev pyproject.toml; } > requirements.lock.new
	mv requirements.lock.new requirements.lock

clean: ## Remove what was made here (not your data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist *.egg-info
