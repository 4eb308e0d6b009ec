# `make run` and `make check` are all that most people need; `make` alone lists the rest.

PORT ?= 8080
PYTHON ?= python3
BIN := .venv/bin
FLASK := $(BIN)/python -m flask --app run
# `portal init` is due again when one of these has changed
SCHEMA := $(wildcard migrations/versions/*.py app/policies/*.yaml app/data/*)
CATALOGUE := app/translations/zh_Hans_CN/LC_MESSAGES/messages

# else each process of the suite would compile everything anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test quick check format translations requirements chromium verifiers always

help:  ## List the commands
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: var/ready  ## Serve http://127.0.0.1:8080 with demo data (PORT=9000 for another port)
	@PORT=$(PORT) exec $(BIN)/python run.py

test: .venv/dev chromium verifiers  ## The whole suite: SQLite, PostgreSQL and a real browser
	$(BIN)/python -m pytest -n auto --dist loadgroup

quick: .venv/dev  ## The rules, the verbs and the queries, in a good minute: no screens
	$(BIN)/python -m pytest -n auto -m "not postgres and not browser and not slow" \
	  tests/rules tests/services tests/queries tests/documents

check: .venv/dev chromium verifiers  ## All that CI asks: format, lint, types, import contracts, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto --dist loadgroup

format: .venv/dev  ## Format the code and mend what the linter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

translations: .venv/dev  ## Collect the texts, update the Chinese catalogue and compile it
	@mkdir -p var
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_gettext --no-location --sort-output \
	  --project Dengji --version 1 -o var/messages.pot .
	$(BIN)/pybabel -q update -i var/messages.pot -o $(CATALOGUE).po -l zh_Hans_CN \
	  --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	$(BIN)/pybabel compile -i $(CATALOGUE).po -o $(CATALOGUE).mo

requirements: .venv/dev  ## Write docs/requirements.md: which requirement is shown by which test
	$(BIN)/python -m tests.support.requirements

# The database of the demonstration: made once, brought up to date when the schema has changed.
# With DATABASE_URL in the environment nobody knows what it holds, so that it is asked each time.
var/ready: .venv/ready $(SCHEMA) $(if $(DATABASE_URL),always,$(if $(wildcard var/portal.db),,always))
	$(FLASK) portal init
	$(FLASK) portal demo --if-empty
	@mkdir -p var && touch $@

.venv/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The portal needs Python 3.11 or newer: make PYTHON=python3.13 run"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev: .venv/ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@mkdir -p var && touch $@

# Debian's browser, where we may install it; elsewhere the browser tests are skipped and say so.
chromium:
	@command -v chromium chromium-browser google-chrome >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing Chromium for the browser tests"; \
	  apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    chromium fonts-wqy-microhei >/dev/null; \
	else \
	  echo "No Chromium: browser tests will be skipped. To run them: sudo apt install chromium"; \
	fi

# An independent check of signatures, and a token in software: where they are missing, the tests
# that need them are skipped and say so.
verifiers:
	@command -v pdfsig >/dev/null && command -v softhsm2-util >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing pdfsig and SoftHSM for the tests of signatures"; \
	  apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    poppler-utils softhsm2 >/dev/null; \
	else \
	  echo "To run all tests of signatures: sudo apt install poppler-utils softhsm2"; \
	fi
