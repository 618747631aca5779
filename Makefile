# Everything is a command here. `make run` serves a demonstration, `make test` tries the whole; both can be called again at no cost.
# What is installed stays in this folder (.tools, .venv, node_modules) and is renewed only when a lock file changes.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help

UV_VERSION := 0.13.9
UV := .tools/bin/uv
UV_READY := .tools/ready-$(UV_VERSION)
# A newer Python on the machine will do; none is ever downloaded.
PYTHON ?= >=3.11
export UV_PYTHON_DOWNLOADS := never
export PYTHONUTF8 := 1
# Compiled modules are what makes a second start quick.
unexport PYTHONDONTWRITEBYTECODE

FLASK := .venv/bin/flask --app wsgi

# A stamp carries the digest of what it stands for: dates mean nothing after a checkout.
digest = $(shell cat $(1) | sha256sum | cut -c1-16)
RUNTIME := .venv/runtime-$(call digest,requirements.txt)
TOOLS := .venv/tools-$(call digest,requirements.txt requirements-dev.txt)
PAGES := node_modules/.pages-$(call digest,package-lock.json)
PAGES_TOOLS := node_modules/.tools-$(call digest,package-lock.json)
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

.PHONY: help run demo test check bench format lock translations clean

help: ## Say what can be asked
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) $(PAGES) $(CATALOGUES) ## Serve Resana with its demonstration on http://127.0.0.1:8000
	@$(FLASK) migrate >&2
	if [ "$${RESANA_ENV:-development}" = development ]; then
	  $(FLASK) demo seed >&2
	  $(FLASK) demo welcome
	fi
	exec .venv/bin/gunicorn --config gunicorn.conf.py wsgi:app

demo: $(RUNTIME) ## Print the demonstration's accounts again, as JSON
	@$(FLASK) demo accounts

test: $(TOOLS) $(PAGES_TOOLS) $(CATALOGUES) ## Try everything: SQLite, then PostgreSQL where there is one (ARGS="-k word" for less)
	@scripts/test $(ARGS)

check: $(TOOLS) $(PAGES_TOOLS) $(CATALOGUES) ## Form, types, migrations and translations, without the tests
	@scripts/check

bench: $(TOOLS) $(PAGES) $(CATALOGUES) ## Measure the running product (tests/bench)
	@.venv/bin/python -m tests.bench $(ARGS)

format: $(TOOLS) ## Put the code in form
	@.venv/bin/ruff check --fix --quiet . || true
	.venv/bin/ruff format .

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock'
lock: | $(UV_READY) ## Choose the versions again (ARGS=--upgrade for the newest)
	@$(COMPILE) $(ARGS) --extra demo --output-file requirements.txt pyproject.toml
	$(COMPILE) $(ARGS) --all-extras --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml
	npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --loglevel=error

translations: $(RUNTIME) ## Gather what the code says into translations/, ready to be translated
	@.venv/bin/python scripts/translations.py

clean: ## Forget what was installed; the data in var/ stays
	rm -rf .venv .tools .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis node_modules
	rm -f translations/*/LC_MESSAGES/*.mo

$(UV_READY):
	@scripts/uv $(UV_VERSION) >&2
	touch $@

# What is installed for the tests serves too: `make run` after `make test` takes nothing away.
$(RUNTIME): | $(UV_READY)
	@[ -x .venv/bin/python ] || $(UV) venv --quiet --python '$(PYTHON)' .venv
	rm -f .venv/runtime-* .venv/tools-*
	$(UV) pip sync --quiet --python .venv --require-hashes requirements.txt >&2
	touch $@

$(TOOLS): | $(UV_READY)
	@[ -x .venv/bin/python ] || $(UV) venv --quiet --python '$(PYTHON)' .venv
	rm -f .venv/runtime-* .venv/tools-*
	$(UV) pip sync --quiet --python .venv --require-hashes requirements-dev.txt >&2
	touch $(RUNTIME) $@

# The pages' packages are files to serve, not programs to run: no script of theirs is executed.
NPM_CI = npm ci --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error
$(PAGES):
	@$(NPM_CI) --omit=dev >&2
	touch $@

$(PAGES_TOOLS):
	@$(NPM_CI) >&2
	touch $(PAGES) $@

translations/%.mo: translations/%.po | $(RUNTIME)
	@.venv/bin/pybabel --quiet compile --input-file $< --output-file $@ >&2
