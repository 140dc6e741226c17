# `make` alone lists the targets. What needs setting up is set up on the way, once.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
# Tests on all cores, each core taking the next test when it is done with its own.
PYTEST := $(BIN)/pytest -q -n auto --dist worksteal
# DEMO_SERVE=0 builds the example register and prints its figures without serving the site.
DEMO_SERVE ?= 1
# The folder of the mission that `make serve` serves.
DATA ?= lieber-data

.PHONY: help demo serve check lint test fast whole postgres browser fix bench lock clean

help:  ## list the targets
	@awk -F ':.*## *' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: .venv/languages  ## the real example: register, figures, site (DEMO_SERVE=0: without the site)
	@$(BIN)/mission --data demo-data demo $(if $(filter 0 no,$(DEMO_SERVE)),--no-serve)

serve: .venv/languages  ## the site on the register in DATA (lieber-data)
	@$(BIN)/mission --data $(DATA) serve

check: lint fast  ## lint, types, import contracts, fast tests: before every commit

test: whole  ## everything that CI runs: check, all tests on SQLite, on PostgreSQL, in a browser

fix: .venv/dev  ## mend what ruff can mend, and format
	@$(BIN)/ruff check --fix-only .
	@$(BIN)/ruff format .
	@$(BIN)/python scripts/render_method.py
	@$(BIN)/python scripts/render_permissions.py
	@$(BIN)/python scripts/render_review.py
	@$(BIN)/python scripts/messages.py extract

bench: .venv/dev  ## measure, and compare with reference answers
	@$(BIN)/python -m benchmarks

lock: $(BIN)/uv  ## write requirements/*.txt anew from pyproject.toml
	@$(LOCK) -o requirements/base.txt
	@$(LOCK) --extra mission -o requirements/mission.txt
	@$(LOCK) --extra dev -o requirements/dev.txt

clean:  ## remove what make made; registers other than the demo stay
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache \
	    assets/made assets/node_modules src/lieber_mission/static/built build dist demo-data bench-results src/*.egg-info
	@find src tests -name __pycache__ -prune -exec rm -rf {} +

# -------------------------------------------------------------- the parts of check and test

lint: .venv/dev
	@echo "== ruff, mypy, import contracts"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || { echo "Some files are not formatted: run \`make fix\`." >&2; exit 1; }
	@$(BIN)/mypy
	@PYTHONPATH=src $(BIN)/lint-imports --no-logo

fast: .venv/dev
	@echo "== fast tests"
	@$(PYTEST) -m "not slow and not browser and not postgres"

whole: .venv/dev
	@scripts/setup-debian postgresql chromium age media
	@$(MAKE) lint
	@echo "== all tests, register on SQLite"
	@$(PYTEST) -m "not browser and not postgres"
	@$(MAKE) postgres
	@$(MAKE) browser

postgres: .venv/dev
	@echo "== register, site and vault again, on PostgreSQL"
	@LIEBER_REQUIRE_POSTGRES=1 $(BIN)/python tests/postgres_server.py run -- \
	    $(PYTEST) -m "not browser and not one_database" tests/site tests/unit/vault tests/architecture/test_rows.py

browser: .venv/dev
	@echo "== tests in a browser"
	@$(PYTEST) -m browser tests/browser tests/site || { \
	    echo "== once more what failed: Chromium itself may have crashed"; \
	    $(PYTEST) --last-failed --last-failed-no-failures none -m browser tests/browser tests/site; }

# -------------------------------------------------------------- set-up, each step once

LOCK := $(BIN)/uv pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate \
    --python-version 3.11 pyproject.toml

.venv/made: scripts/make-venv
	@scripts/make-venv
	@touch $@

.venv/mission: .venv/made requirements/mission.txt pyproject.toml
	@echo "Installing what the site needs (about a minute, once)"
	@$(PIP) install --require-hashes -r requirements/mission.txt
	@$(PIP) install --no-deps -e .
	@touch $@

assets/made: assets/package-lock.json assets/package.json assets/build.mjs $(shell find assets/src assets/basemap -type f 2>/dev/null)
	@scripts/setup-debian npm
	@echo "Building style sheet and scripts"
	@cd assets && npm ci --no-progress --loglevel=error && node build.mjs
	@touch $@

.venv/languages: assets/made .venv/mission scripts/messages.py $(wildcard src/lieber_mission/locale/*/LC_MESSAGES/*.po)
	@$(BIN)/python scripts/messages.py compile
	@touch $@

.venv/dev: .venv/languages requirements/dev.txt
	@echo "Installing what the checks need (about a minute, once)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(BIN)/uv: .venv/made
	@$(PIP) install uv
