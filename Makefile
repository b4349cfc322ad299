# Every target sets itself up: virtual environment, Python packages, and where the machine
# lets us (Debian, as root or with sudo) libzbar0 and Chromium.
PYTHON ?= python3
PORT ?= 8000
WITNESS_PORT ?= $(shell expr $(PORT) % 50000 + 10000)
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
GRANIAN := --interface wsgi --host 127.0.0.1 --port $(PORT) --workers 1 --blocking-threads 8 --no-ws --workers-kill-timeout 10

.PHONY: demo demo-reset serve test soak lint bench translations clean

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[postgres,heic,pdf]'
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[postgres,heic,pdf,timestamp,dev]'
	@touch $@ $(VENV)/.runtime

# An interrupted first load is begun anew; a finished one is kept.
demo: export NGUON_DEMO := 1
demo: export NGUON_DATA_DIR := var/demo
demo: export NGUON_DATABASE_URL := sqlite:///var/demo/nguon.db
demo: export NGUON_BASE_URL := http://127.0.0.1:$(PORT)
demo: export NGUON_LOG_LEVEL := warning
demo: $(VENV)/.runtime ## Start with sample data on http://127.0.0.1:8000
	@.ci/system-packages libzbar0
	@[ -f var/demo/samples/loaded ] || rm -rf var/demo
	@exec .ci/demo $(WITNESS_PORT) $(GRANIAN) --log-level error

demo-reset: ## Forget the demo's data; the next `make demo` loads it afresh
	rm -rf var/demo

serve: $(VENV)/.runtime ## Migrate and serve with the settings of the environment
	@.ci/system-packages libzbar0
	$(BIN)/flask --app app.factory db upgrade
	exec $(BIN)/granian $(GRANIAN) wsgi:app

lint: $(VENV)/.dev ## Style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.dev ## Lint, types, import contracts, the whole test suite
	@.ci/system-packages libzbar0 chromium openssl strace golang-go golang-golang-x-mod-dev
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal --cov=gs1 --cov-branch --cov-report=term:skip-covered --cov-fail-under=100

soak: $(VENV)/.dev ## The long fault tests: 1,000 kills, thousands of power cuts, every system call, every bit
	@.ci/system-packages strace
	NGUON_SOAK=1 $(BIN)/python -m pytest -n $(WORKERS) --dist load -rA -k "power_cut or syscalls or killed or every_bit" tests/fault

bench: $(VENV)/.dev ## Measure every promised number
	@missed=; for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || missed="$$missed $$script"; done; \
	[ -z "$$missed" ] || { echo "missed:$$missed"; exit 1; }

translations: $(VENV)/.dev ## Extract msgids and bring the Vietnamese catalogue up to date
	$(BIN)/pybabel extract -F babel.cfg -k N_ -k _ --no-location --omit-header -o var/messages.pot .
	$(BIN)/pybabel update -i var/messages.pot -d app/translations -l vi --no-fuzzy-matching --omit-header

clean: ## Remove everything that can be made again
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
