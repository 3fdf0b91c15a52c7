# make run    the app on http://localhost:8501
# make test   everything the tests need (the browser included), then all tests
# make check  linters, types and import contracts
#
# All of it lives in .venv beside the code. PORT=8600 make run takes another port.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: run test check setup setup-dev browser
.DEFAULT_GOAL := run

VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
PYTEST_ARGS ?=
export PIP_DISABLE_PIP_VERSION_CHECK := 1

run: setup
	@echo "Fulcrum: http://localhost:$(PORT)  (Ctrl+C stops it)"
	@exec $(BIN)/streamlit run app.py --server.port "$(PORT)"

test: setup-dev browser
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup-dev
	@failed=0; \
	$(BIN)/ruff check . || failed=1; \
	$(BIN)/ruff format --check . || failed=1; \
	$(BIN)/mypy || failed=1; \
	PYTHONPATH=. $(BIN)/lint-imports || failed=1; \
	exit $$failed

setup: $(VENV)/.runs
	@PYTHONPATH=. $(BIN)/python -c "from mlops_lib.workspace.folder import open_workspace; \
	  from mlops_lib.registry.settings import prepare_store; prepare_store(open_workspace())"

setup-dev: $(VENV)/.tests

$(VENV)/.made:
	@for python in python3.11 python3.12 python3.13 python3; do \
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then \
	    if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	      echo "$$python is there, but its module venv is not. On Debian and Ubuntu: apt-get install $$python-venv" >&2; \
	      exit 1; \
	    fi; \
	    "$$python" -m venv $(VENV); touch $@; exit 0; \
	  fi; \
	done; \
	echo "Fulcrum needs Python 3.11, 3.12 or 3.13. On Debian and Ubuntu: apt-get install python3 python3-venv" >&2; \
	exit 1

# uv installs in seconds; where it cannot be had or cannot reach the packages, pip installs the same pins.
# Compiled bytecode makes imports three times faster; some packages carry templates that are no Python, hence `|| true`.
define install
	@$(BIN)/python -c 'import uv' 2>/dev/null || $(BIN)/python -m pip install --quiet uv || true
	@if $(BIN)/python -c 'import uv' 2>/dev/null && \
	  env $${PIP_CERT:+SSL_CERT_FILE="$$PIP_CERT"} $(BIN)/python -m uv pip install --quiet \
	    --python $(BIN)/python --require-hashes -r $(1); then :; \
	else echo "Installing with pip, which takes a few minutes."; \
	  $(BIN)/python -m pip install --quiet --require-hashes -r $(1); fi
	@$(BIN)/python -m compileall -q -j 0 "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
	  >/dev/null 2>&1 || true
endef

$(VENV)/.runs: requirements.lock | $(VENV)/.made
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.tests: requirements-dev.lock | $(VENV)/.made
	$(call install,requirements-dev.lock)
	@touch $@

browser:
	@if command -v chromium chromium-browser google-chrome google-chrome-stable >/dev/null || [ -n "$${FULCRUM_BROWSER:-}" ]; then :; \
	elif command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Chromium for the browser tests."; \
	  { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji; } >/dev/null \
	    || echo "Chromium could not be installed: the browser tests will be skipped." >&2; \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
	  echo "Installing Chromium for the browser tests."; \
	  { sudo -n apt-get update -qq && sudo -n apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fonts-noto-color-emoji; } >/dev/null \
	    || echo "Chromium could not be installed: the browser tests will be skipped." >&2; \
	else \
	  echo "No Chromium here and no right to install it: the browser tests will be skipped." >&2; \
	  echo "Install chromium, or point FULCRUM_BROWSER at a Chrome, to run them." >&2; \
	fi
