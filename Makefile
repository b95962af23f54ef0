# Everyday habits, one word each. `make help` prints this file's comments.
# The system's own Python first, where it is new enough: distributions build it optimised, and the bot
# needs a quarter less CPU with it than with a plain build (docs/decisions.md).
PYTHON ?= $(shell for python in /usr/bin/python3 python3; do \
  $$python -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
  done; echo $$python)
DEMO_PORT ?= 8080
BIN := .venv/bin

.PHONY: help demo demo-reset test lint format types arrows scenario pictures bench torture migrate shell lock

help: ## Print this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: .venv/.runtime ## Start the sandbox messenger and the real bot; DEMO_PORT=8080 by default
	@$(BIN)/python -m bot demo --port $(DEMO_PORT) --data .demo

demo-reset: ## Forget everything that the demo has stored
	rm -rf .demo

test: lint types arrows browser ## Format, lint, strict types, import arrows, all tests
	$(BIN)/python -m pytest -n 2

lint: .venv/.dev ## Check format and lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: .venv/.dev ## Mend format and what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: .venv/.dev ## Check the types, strictly
	$(BIN)/mypy

arrows: .venv/.dev ## Check that imports go one way between the rooms
	$(BIN)/lint-imports

scenario: .venv/.dev ## Rewrite what the scenario files expect from what really comes; review by eye
	$(BIN)/python -m pytest tests/journeys --refresh-scenarios

pictures: .venv/.dev browser ## Take the documents' pictures anew from the sandbox; look at each
	$(BIN)/python -m pytest tests/browser/test_newcomer.py --pictures docs/pictures

bench: .venv/.dev ## Measure side by side: echo bots, ours, mass sends, start, reading
	$(BIN)/python -m bench

torture: .venv/.dev ## Kill the bot a thousand times; KILLS, SEED and MINUTES may be given
	$(BIN)/python -m tests.torture --kills $(KILLS) --seed $(SEED) --minutes $(MINUTES)
KILLS ?= 1000
SEED ?= 1
MINUTES ?= 120

migrate: .venv/.runtime ## Bring the database of .env to the newest schema
	$(BIN)/python -m bot migrate

shell: .venv/.dev ## A Python shell that can import every room
	$(BIN)/python -i -c "import asyncio"

lock: .venv/.dev ## Pin all packages anew, with hashes
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) -o requirements.txt
	$(BIN)/uv pip compile pyproject.toml $(COMPILE) --extra dev -c requirements.txt -o requirements-dev.txt
COMPILE := --upgrade --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11

.PHONY: browser
browser: ## Make sure that Chromium is there for the browser tests
	@command -v chromium >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-noto-core fonts-noto-color-emoji >/dev/null; } \
	  || { echo "The browser tests need Chromium: install the package chromium."; exit 1; }

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.runtime: requirements.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes -r requirements-dev.txt
	@touch .venv/.runtime $@
