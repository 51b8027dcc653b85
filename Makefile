# The project's commands; `make` alone lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
DATA ?= data
PORT ?= 8000

help: ## list these commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /|/' | column -t -s '|'

.venv/run: requirements/run.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("OpenGallery needs Python 3.11 or later." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

install: .venv/run ## create .venv and install into it, so that .venv/bin/opengallery is there

run: install ## start the demonstration sandbox and print where to look
	$(BIN)/opengallery up --demo --sandbox --data $(DATA) --port $(PORT)

test: .venv/dev ## the whole suite, on the embedded PostgreSQL and in a real browser
	$(BIN)/pytest -n 2 --dist loadgroup $(ARGS)

test-fast: .venv/dev ## the tests that need neither browser nor processes
	$(BIN)/pytest -n 2 --dist loadgroup -m "not browser and not slow" $(ARGS)

lint: .venv/dev ## format, style, templates, import contracts
	$(BIN)/ruff format --check src tests bench
	$(BIN)/ruff check src tests bench
	$(BIN)/djlint --quiet --lint src/opengallery/doors
	$(BIN)/lint-imports

types: .venv/dev ## strict types
	$(BIN)/mypy

bench: .venv/dev ## measure against the database itself; writes bench/results/latest.json
	$(BIN)/python -m bench $(ARGS)

docs: .venv/dev ## print the reference pages from the code
	$(BIN)/python -m opengallery.project.reference

lock: .venv/dev ## renew the requirements locks (hashes, no hosts)
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --extra dev pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header -c requirements/dev.txt pyproject.toml -o requirements/run.txt

ci: ## what the gate runs
	bash .ci/run

.PHONY: help install run test test-fast lint types bench docs lock ci
