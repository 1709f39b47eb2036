# Every task of the project. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
STUDY ?= reports/ukraine.yml
GRID ?= reports/grid.yml
VENV := .venv
ifeq ($(OS),Windows_NT)
  BIN := $(VENV)/Scripts
else
  BIN := $(VENV)/bin
endif
UV := $(shell command -v uv 2>/dev/null)
export PYTHONPATH :=

# install LOCKFILE: locked versions with hashes, bytecode compiled, then the project itself
ifneq ($(UV),)
define install
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r $(1)
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
endef
else
define install
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(1)
	$(BIN)/python -m compileall -q -j 0 $(VENV) >/dev/null || true
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
endef
endif

.PHONY: help env dev lab report batch test unit nbval lint types bench docs notebooks lock wheel clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.run ## make the environment in .venv (locked versions, nothing global)

$(VENV)/.run: requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $@

dev: $(VENV)/.dev

$(VENV)/.dev: requirements-dev.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch $@ $(VENV)/.run

lab: env ## open JupyterLab on the notebooks
	$(BIN)/jupyter lab notebooks

report: env ## make the report of a study (STUDY=reports/ukraine.yml)
	@$(BIN)/python -m helpers report $(STUDY)

batch: dev ## make every report of a grid study (GRID=reports/grid.yml)
	@$(BIN)/python -m helpers batch $(GRID)

test: unit nbval ## the whole suite: tests, doctests, the notebooks against their stored outputs

unit: dev ## tests and doctests only
	$(BIN)/python -m pytest -n 2 --dist loadgroup

nbval: dev ## the notebooks against their stored outputs
	$(BIN)/python -m pytest -o addopts= --nbval --nbval-current-env notebooks

lint: dev ## style of code and notebooks, and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: dev ## static types
	MYPYPATH=src $(BIN)/mypy -p helpers

bench: dev ## ours against a peer, interleaved; writes benchmarks/results.json
	$(BIN)/python -m benchmarks

docs: dev ## the documentation as HTML in docs/_site
	$(BIN)/python docs/tables.py
	$(BIN)/sphinx-build -W -q -b html docs docs/_site

pdf: ## print the report of STUDY as report.pdf beside its page (needs Chromium or Chrome)
	@browser=$$(command -v chromium || command -v chromium-browser || command -v google-chrome || true); \
	page=$(CURDIR)/$(STUDY:.yml=)/index.html; \
	if [ -z "$$browser" ]; then echo "make pdf: no Chromium or Chrome is on the PATH; install one, or print the page from any browser"; exit 1; fi; \
	if [ ! -f "$$page" ]; then echo "make pdf: $$page is not there; run make report first"; exit 1; fi; \
	"$$browser" --headless --disable-gpu $(BROWSER_FLAGS) --no-pdf-header-footer --generate-pdf-document-outline \
	  --print-to-pdf="$${page%index.html}report.pdf" "file://$$page" 2>/dev/null && echo "$${page%index.html}report.pdf"

notebooks: dev ## run the notebooks with their defaults and store their text outputs
	$(BIN)/python -c "from helpers.run.pipeline import refresh_notebooks; refresh_notebooks()"

wheel: dev ## build the wheel in dist
	$(BIN)/python -m build --wheel --no-isolation

lock: ## write both lock files anew from pyproject.toml (needs uv)
	uv pip compile pyproject.toml requirements-build.in --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --quiet --upgrade -o requirements-dev.lock
	uv pip compile pyproject.toml requirements-build.in --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --quiet --upgrade -c requirements-dev.lock -o requirements.lock

clean: ## remove the environment, caches and computed results (not the reports)
	rm -rf $(VENV) dist build docs/_site docs/_generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find data/processed -mindepth 1 -not -name .gitkeep -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
