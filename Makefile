# make run     set up what is missing, then serve the IDE on http://127.0.0.1:8000 (HELIX_PORT changes the port)
# make test    set up what is missing, then run every check and every test, the browser's too
# make bench   what is claimed of speed (PEERS=DIR: beside other tools, whose workloads are in that folder)
# make soak    the long forms of the randomised suites, from where they stopped (SOAK_SECONDS=60 SUITES="compiler planning")
PYTHON ?= python3
BIN    := .venv/bin
# pip.conf's find-links and the like do not reach uv; without this it would warn about folders that are not there.
UV     := env -u PIP_FIND_LINKS $(BIN)/uv
NODE   := scripts/node

.PHONY: run test soak setup lint lock codegen docs bench clean
.DEFAULT_GOAL := run

run: setup
	@exec $(BIN)/helixweb serve

test: setup .venv/ready-to-test
	@$(BIN)/python scripts/test.py

soak: setup .venv/ready-to-test
	@$(BIN)/python -m tests.soak $(SUITES) $(if $(SOAK_SECONDS),--seconds $(SOAK_SECONDS))

# What says that a thing is set up lies in that thing: who removes it has it set up anew.
setup: .venv/ready frontend/dist/index.html

.venv/ready: requirements/uv.txt requirements/base.txt pyproject.toml
	@test -x $(BIN)/python || { $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and \
	  "HelixWeb needs Python 3.11 or newer. Is there one? make PYTHON=python3.12")' && $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/base.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/ready-to-test: requirements/test.txt requirements/spark.txt .venv/ready scripts/packages
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/test.txt -r requirements/spark.txt
	@scripts/packages chromium bubblewrap git postgresql
	@touch $@

.venv/ready-to-build: requirements/node.txt scripts/node .venv/ready
	@$(NODE) --install
	@touch $@

frontend/node_modules/.package-lock.json: frontend/package-lock.json .venv/ready-to-build
	@cd frontend && ../$(NODE) npm ci --no-audit --no-fund --loglevel=error
	@touch $@

frontend/dist/index.html: frontend/node_modules/.package-lock.json $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print)
	@cd frontend && ../$(NODE) npm run build --silent -- --logLevel warn
	@touch $@

# Writes what is generated from the operators and from the API. Not after a build, which stale types would fail.
codegen: .venv/ready frontend/node_modules/.package-lock.json
	@$(BIN)/python scripts/stubs.py
	@$(BIN)/python scripts/typescript.py

docs: setup
	@$(BIN)/python scripts/docs.py

bench: setup .venv/ready-to-test
	-@$(BIN)/python -m benchmarks.census
	-@$(BIN)/python -m benchmarks.workflows
	-@$(BIN)/python -m benchmarks.overhead
	-@$(BIN)/python -m benchmarks.planning
	-@$(BIN)/python -m benchmarks.histories
	-@$(BIN)/python -m benchmarks.comparing
	-@$(BIN)/python -m benchmarks.backfilling
	-@$(BIN)/python -m benchmarks.probe
	-@$(BIN)/python -m benchmarks.exploring
	-@$(BIN)/python -m benchmarks.schedules
	-@$(BIN)/python -m benchmarks.schedules.budget
	-@$(if $(PEERS),$(BIN)/python -m benchmarks.peers --peers $(PEERS))

# Pins everything anew, with hashes and without the address of any registry.
lock: .venv/ready
	@for name in base test node uv spark; do \
	  $(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

lint: setup .venv/ready-to-test
	@$(BIN)/python scripts/test.py --static

clean:
	@rm -rf .venv frontend/node_modules frontend/dist
