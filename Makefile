# Everything a contributor runs. Needs Python 3.11 or newer and make, nothing else.
PORT ?= 8000
SIZE ?= 100000
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help run free-port test check lint format types imports templates bench bench-search assets messages lock clean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Settings: PORT=$(PORT) (run), SIZE=$(SIZE) (bench-search), PYTHON=$(PYTHON) (the first call of any target)"

run: free-port $(READY) ## start Pinzheng with demonstration data on http://127.0.0.1:8000/
	@$(BIN)/pinzheng init
	@$(BIN)/pinzheng demo
	@exec $(BIN)/pinzheng serve --port $(PORT)

# Said before the long part rather than after it.
free-port:
	@$(PYTHON) -c 'import socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); \
		s.bind(("127.0.0.1", $(PORT)))' 2>/dev/null || \
		{ echo "Port $(PORT) is in use. Another one: make run PORT=$$(( $(PORT) + 1 ))"; exit 1; }

test: $(READY) ## run all tests, on SQLite and again on PostgreSQL
	$(BIN)/python -m pytest -n auto --dist worksteal
	$(BIN)/python -m tests.on_postgresql

check: lint format types imports templates ## run all checks: the five targets below

lint: $(READY) ## check the code with ruff
	$(BIN)/ruff check .

format: $(READY) ## check that ruff has nothing to format
	$(BIN)/ruff format --check registry portal tests wsgi.py

types: $(READY) ## check the types with mypy
	$(BIN)/mypy

imports: $(READY) ## check who may import whom with import-linter
	$(BIN)/lint-imports --no-cache

templates: $(READY) ## check the templates with djlint
	$(BIN)/djlint portal/templates --lint --quiet --profile=jinja --ignore=H015,H043,J018,T001,H006,H013,H021,H025,H030,H031

bench: $(READY) ## measure pages, imports and exports
	$(BIN)/python -m tests.bench

bench-search: $(READY) ## measure the search engines with SIZE records
	$(BIN)/python -m tests.bench.search --size $(SIZE)

# The style sheet is committed; only changing it needs npm.
assets: ## compile the style sheet (needs npm)
	portal/assets/build.sh

# New messages into the catalogue, gone ones out of it; what has no Chinese yet stands empty and fails the tests.
messages: $(READY) ## bring new messages into the Chinese catalogue
	$(BIN)/pybabel -q extract -F translations/babel.cfg -k _other --omit-header --sort-output --no-location --width=120 -o translations/registry.pot .
	$(BIN)/pybabel -q update -D registry -d translations -l zh -i translations/registry.pot --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120
	@rm translations/registry.pot

# Renew the one lock file: names, versions and hashes, no host.
lock: $(READY) ## renew the lock of the requirements
	$(BIN)/python -m pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --extra test --allow-unsafe --generate-hashes --strip-extras --no-emit-index-url \
		--no-emit-trusted-host --no-emit-options --no-header --output-file requirements.lock setup.cfg

$(READY): requirements.lock setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Pinzheng needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	@echo "Preparing .venv (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

clean: ## remove the environment, the data and everything built
	rm -rf .venv var build *.egg-info
