# make run     set up what is missing, then serve the IDE on http://127.0.0.1:8000 (HELIX_PORT changes the port)
# make test    set up what is missing, then run every check and every test, the browser's too
PYTHON ?= python3
BIN    := .venv/bin
# pip.conf's find-links and the like do not reach uv; without this it would warn about folders that are not there.
UV     := env -u PIP_FIND_LINKS $(BIN)/uv
NODE   := scripts/node

.PHONY: run test setup lint lock codegen docs bench clean
.DEFAULT_GOAL := run

run: setup
	@exec $(BIN)/helixweb serve

test: setup .setup/test
	@$(BIN)/python scripts/test.py

setup: .setup/python .setup/frontend

.setup/python: requirements/uv.txt requirements/base.txt pyproject.toml
	@mkdir -p .setup
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/base.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.setup/test: requirements/test.txt .setup/python scripts/browser
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/test.txt
	@scripts/browser
	@touch $@

.setup/node: requirements/node.txt scripts/node .setup/python
	@$(NODE) --install
	@touch $@

.setup/frontend: .setup/node frontend/package-lock.json $(shell find frontend -path frontend/node_modules -prune -o -path frontend/dist -prune -o -type f -print)
	@cmp -s frontend/package-lock.json .setup/package-lock.json || \
	  { cd frontend && ../$(NODE) npm ci --no-audit --no-fund --loglevel=error; }
	@cp frontend/package-lock.json .setup/package-lock.json
	@cd frontend && ../$(NODE) npm run build --silent
	@touch $@

# Writes what is generated from the registry of operators.
codegen: setup
	@$(BIN)/python scripts/stubs.py
	@$(BIN)/python scripts/typescript.py

docs: setup
	@$(BIN)/python scripts/docs.py

bench: setup .setup/test
	@$(BIN)/python -m benchmarks.census

# Pins everything anew, with hashes and without the address of any registry.
lock: .setup/python
	@for name in base test node uv spark; do \
	  $(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --python-version 3.11 requirements/$$name.in -o requirements/$$name.txt; done

lint: setup .setup/test
	@$(BIN)/python scripts/test.py --static

clean:
	@rm -rf .venv .setup frontend/node_modules frontend/dist
