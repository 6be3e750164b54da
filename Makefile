# `make` lists what there is. Everything is installed into .venv; nothing outside this folder is touched.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
# What failed in the run before, by itself: a machine that is busy may keep a real Airflow on SQLite from answering for a while.
once_more = { echo "What failed above is run once more; what passes now failed once:"; $(PY) -m pytest -rA --show-capture=no --last-failed --last-failed-no-failures none $(1); }

.PHONY: help setup demo test recall bench clean lock lint

help: ## list the commands
	@echo "Dreamflow: make COMMAND"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  %-8s %s\n' "$$name" "$$text"; done

setup: $(STAMP) ## the virtual environment in .venv, from the pinned requirements (PYTHON=… names another Python)

$(STAMP): requirements.txt constraints.txt .ci/find_python
	@python=$$(sh .ci/find_python "$(PYTHON)") || exit 1; \
	echo "Installing into $(VENV) with $$($$python --version) (a minute or two the first time)"; \
	if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python "$$python" $(VENV) && \
		uv pip install --quiet --python $(PY) -r requirements.txt -c constraints.txt; \
	else \
		"$$python" -m venv $(VENV) && \
		$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt; \
	fi
	@touch $(STAMP)

demo: setup ## the whole loop on this machine; APPROVE=yes|no answers for you, TRANSCRIPTS=<file> takes your sessions
	@$(PY) -m include.demo

test: setup ## lint, types and every test that this machine can run (TESTS=… names some)
	@$(MAKE) --no-print-directory lint
ifdef TESTS
	@$(PY) -m pytest $(TESTS)
else
	@# Three at a time on two cores: two leave a quarter of them idle.
	@$(PY) -m pytest -n 3 --dist loadfile --ignore tests/e2e --ignore tests/browser tests || $(call once_more,--ignore tests/e2e --ignore tests/browser tests)
	@$(PY) -m pytest tests/e2e || $(call once_more,tests/e2e)
	@$(PY) -m pytest tests/browser || $(call once_more,tests/browser)
endif

lint: setup ## ruff and mypy only
	@$(VENV)/bin/ruff check --quiet .
	@$(VENV)/bin/ruff format --quiet --check .
	@$(VENV)/bin/mypy --no-error-summary plugins/dreamflow dags include benchmarks tests

recall: setup ## three acts of memory, played by the embedded server: none, a store, a store after a dream
	@$(PY) -m include.managed_agents.recall

bench: setup ## the benchmarks, as ratios against a named baseline
	@$(PY) -m benchmarks

lock: setup ## resolve requirements.txt anew into constraints.txt (needs uv)
	@uv pip compile requirements.txt --universal --python-version 3.11 --no-header --no-annotate --quiet --upgrade -o constraints.txt

clean: ## stop what is running and remove what the others made
	@if [ -x $(PY) ]; then $(PY) -m include.demo stop || true; fi
	@rm -rf $(VENV) .demo .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
