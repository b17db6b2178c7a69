# Everything runs in .venv, which `make install` sets up from the hash-pinned locks. Needs Python 3.11 and make.
PYTHON ?= python3
PORT ?= 8000
DATA_DIR ?= ./.data
PY := .venv/bin/python
OURS := portal jobs compliance experiments registry transfer training deployments monitoring tests scripts client examples benchmarks manage.py
TYPED := portal jobs compliance experiments registry transfer training deployments monitoring scripts
# A process more than there are cores, as tests wait for servers; the fast ones do not, and each process loads them all.
# A file stays in one process, so that what it starts is started once.
CORES := $(shell getconf _NPROCESSORS_ONLN)
WORKERS ?= $(shell expr $(CORES) + 1)
FAST_WORKERS ?= $(CORES)
PYTEST := $(PY) -m pytest --dist loadfile
SOURCES = $(wildcard $(OURS))
# Empty is unset: Python keeps compiled modules beside their sources and starts in a third of the time.
export PYTHONDONTWRITEBYTECODE =

.DEFAULT_GOAL := help
.PHONY: client help run install install-dev test test-fast lint format typecheck bench bench-audit bench-training bench-browser bench-charts bench-jobs bench-monitoring bench-serving bench-transfer lock browser

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: install ## start the whole portal on this machine (PORT=8000 DATA_DIR=./.data), Ctrl-C stops it
	@exec $(PY) -m portal.embedded --port $(PORT) --data-dir $(DATA_DIR) --end-with-parent

test: install-dev browser ## run all tests on servers of their own
	$(PYTEST) -n $(WORKERS)

test-fast: install-dev ## run the tests that are neither slow nor in a browser
	$(PYTEST) -n $(FAST_WORKERS) -m "not slow and not browser"

lint: install-dev ## formatting, lint, types, import layers, missing migrations
	$(PY) -m ruff format --check $(SOURCES)
	$(PY) -m ruff check $(SOURCES)
	$(MAKE) --no-print-directory typecheck
	.venv/bin/lint-imports
	DJANGO_SETTINGS_MODULE=portal.settings.test $(PY) manage.py makemigrations --check --dry-run

format: install-dev ## format the code
	$(PY) -m ruff format $(SOURCES)
	$(PY) -m ruff check --fix --exit-zero --quiet $(SOURCES)

typecheck: install-dev ## mypy
	$(PY) -m mypy $(wildcard $(TYPED))

bench: install-dev ## measure side by side with the stock MLflow server
	$(PY) -m benchmarks

bench-audit: install-dev ## measure what the audit log costs, and how fast it is signed and checked
	$(PY) -m benchmarks.audit

bench-training: install-dev ## measure what the portal adds to a training script
	$(PY) -m benchmarks.training

bench-jobs: install-dev ## measure how soon jobs start, how many run, and their pages, beside Celery alone
	$(PY) -m benchmarks.jobs

bench-monitoring: install-dev ## measure a drift report over the last 100,000 of 10,000,000 logged requests
	$(PY) -m benchmarks.monitoring

bench-serving: install-dev ## measure predictions beside mlflow models serve and MLServer
	$(PY) -m benchmarks.serving --output benchmarks/SERVING.md

bench-transfer: install-dev ## measure how fast runs come over from MLflow, and go out again
	$(PY) -m benchmarks.transfer

bench-browser: install-dev ## measure the runs table, its facets and the search box at 100,000 runs
	$(PY) -m benchmarks.browser
	$(PY) -m benchmarks.browser_painted --aim

bench-charts: install-dev ## measure charts and comparisons of 20 runs in a browser, and how they grow to 100,000,000 points
	$(PY) -m benchmarks.charts
	$(PY) -m benchmarks.charts --growth

client: install-dev ## write the typed client anew from the OpenAPI document
	$(PY) scripts/client.py

lock: install-dev ## write requirements/*.txt anew from requirements/*.in
	$(PY) scripts/lock.py

install: ## set up .venv for running
	@$(PYTHON) scripts/install.py base

install-dev: ## set up .venv for testing
	@$(PYTHON) scripts/install.py dev

browser: ## install Chromium for the browser tests when it is missing and we may
	@sh scripts/browser.sh
