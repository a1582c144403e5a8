# Everything a contributor runs. Needs Python 3.11 or newer and make, nothing else.
PORT ?= 8000
SIZE ?= 100000
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help run free-port test test-sqlite test-postgresql check lint format types imports templates docs mutants faults bench bench-pages bench-search relevance assets messages lock sbom audit wheel clean

help: ## say what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  Settings: PORT=$(PORT) (run), SIZE=$(SIZE) (bench-search), PYTHON=$(PYTHON) (the first call of any target)"

run: free-port $(READY) ## start Pinzheng with demonstration data on http://127.0.0.1:8000/
	@$(BIN)/pinzheng init
	@$(BIN)/pinzheng demo --desk
	@exec $(BIN)/pinzheng serve --port $(PORT)

# Said before the long part rather than after it.
free-port:
	@$(PYTHON) -c 'import socket; s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); \
		s.bind(("127.0.0.1", $(PORT)))' 2>/dev/null || \
		{ echo "Port $(PORT) is in use. Another one: make run PORT=$$(( $(PORT) + 1 ))"; exit 1; }

test: test-sqlite test-postgresql ## run all tests on SQLite, print coverage by room, and again on PostgreSQL

test-sqlite: $(READY) ## run all tests on SQLite, and print coverage by room
	@mkdir -p build
	$(BIN)/python -m slipcover --branch --source registry,portal --json --out build/coverage.json -m pytest -n auto --dist worksteal
	$(BIN)/python -m tests.coverage_floors build/coverage.json

test-postgresql: $(READY) ## run the tests that touch the database on PostgreSQL
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

# A module takes a minute or a few: `make mutants MUTANTS="registry/kit/rules.py --boundaries"`; CONTRIBUTING.md says more.
MUTANTS ?= registry/reference/identifiers registry/kit registry/registers registry/services/publication
mutants: $(READY) ## change the code in small ways and see which changes no test notices
	$(BIN)/python -m tests.mutation $(MUTANTS)

# Some take a minute: relay that hangs, two relays. `make faults FAULTS="--database sqlite --only disk"`; `--list` names them.
FAULTS ?=
faults: $(READY) ## do every fault to a running register, on both databases: what is lost, doubled, and told
	$(BIN)/python -m tests.faults $(FAULTS)

bench: $(READY) ## measure pages, imports, exports and statistics
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.many

bench-pages: $(READY) ## measure the weight and length of pages, and the first page over a slow line (needs Chromium)
	$(BIN)/python -m tests.bench.pages

bench-search: $(READY) ## measure the search engines with SIZE records
	$(BIN)/python -m tests.bench.search --size $(SIZE)

# `make relevance ASK="-v --set dev2 --type colloquial"`: what is missed and why; `--help` says what else there is.
ASK ?= --fold --coverage
relevance: $(READY) ## measure the answers to the judged queries: pass, success at 1 and 5, MRR
	@$(BIN)/python -m tests.bench.relevance $(ASK)

# Warnings are errors: a link that leads nowhere, a page in no menu, a module that cannot be imported. Needs no network.
docs: $(READY) ## build the site of the documents and the reference: build/docs/README.html
	$(BIN)/python docs/site/assemble.py build/docs-source
	$(BIN)/sphinx-build -q -W --keep-going -j auto -c docs/site -b html build/docs-source build/docs

# The style sheet is committed; only changing it needs npm.
assets: ## compile the style sheet (needs npm)
	portal/assets/build.sh

# New messages into the catalogue, gone ones out of it; what has no Chinese yet stands empty and fails the tests.
messages: $(READY) ## bring new messages into the Chinese catalogue, and renew the pages of issue codes and roles
	$(BIN)/pybabel -q extract -F translations/babel.cfg -k _other -k plural:1,2 -k in_context:1c,2 --omit-header --sort-output --no-location --width=120 -o translations/registry.pot .
	$(BIN)/pybabel -q update -D registry -d translations -l zh -i translations/registry.pot --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width=120
	@rm translations/registry.pot
	$(BIN)/python -m tests.contracts.issue_codes > docs/issue-codes.md
	$(BIN)/python -m tests.contracts.role_tables > docs/roles.md

# Names, versions and hashes, no host. Versions stay as they are unless a requirement forbids them: `make lock LOCK=--upgrade`,
# or LOCK="--upgrade-package flask". The runtime is constrained by the versions that the tests ran with.
PIP_COMPILE := $(BIN)/pip-compile --quiet --allow-unsafe --generate-hashes --strip-extras --no-emit-index-url \
	--no-emit-trusted-host --no-emit-options --no-header

lock: $(READY) ## renew both locks of the requirements: production and development
	$(BIN)/python -m pip install --quiet pip-tools
	$(PIP_COMPILE) $(LOCK) --extra test --output-file requirements-test.lock setup.cfg
	$(PIP_COMPILE) $(LOCK) --constraint requirements-test.lock --output-file requirements.lock setup.cfg

# In an environment of its own: the tool wants other versions than the product. It is made from the lock alone.
sbom: $(READY) ## list what a register runs on, with versions, hashes and licences: build/sbom.cdx.json
	@mkdir -p build
	@test -x build/sbom-tool/bin/cyclonedx-py || { $(PYTHON) -m venv build/sbom-tool && \
		build/sbom-tool/bin/python -m pip install --quiet --disable-pip-version-check "cyclonedx-bom >=7.5, <8"; }
	build/sbom-tool/bin/cyclonedx-py requirements --output-reproducible requirements.lock -o build/sbom.cdx.json
	$(BIN)/python -m tests.packaging.licences build/sbom.cdx.json > build/licences.txt

# Asks an advisory service for every package of the lock: needs the network, so that the tests and CI do not run it.
audit: $(READY) ## look for known weaknesses in what a register runs on (needs the network)
	@test -x build/audit-tool/bin/pip-audit || { $(PYTHON) -m venv build/audit-tool && \
		build/audit-tool/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit >=2.10, <3"; }
	build/audit-tool/bin/pip-audit --requirement requirements.lock --require-hashes --disable-pip --progress-spinner off

$(READY): requirements-test.lock setup.cfg setup.py pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Pinzheng needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12"; exit 1; }
	@echo "Preparing .venv (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-test.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

# From a source distribution, so that nothing of an earlier build gets into it.
wheel: $(READY) ## build the wheel: dist/
	@rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist .

clean: ## remove the environment, the data and everything built
	rm -rf .venv var build dist *.egg-info
