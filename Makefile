# `make` lists what there is. Everything is installed into .venv; nothing outside this folder is touched.
.DEFAULT_GOAL := help
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.installed
CLUSTER_VENV := .venv-cluster
CLUSTER_STAMP := $(CLUSTER_VENV)/.installed
# What failed in the run before, by itself: a machine that is busy may keep a real Airflow on SQLite from answering for a while.
once_more = { echo "What failed above is run once more; what passes now failed once:"; $(PY) -m pytest -rA --show-capture=no --last-failed --last-failed-no-failures none $(1); }
# Each of these starts an Airflow, and has the machine to itself.
APART := --ignore tests/e2e --ignore tests/browser --ignore tests/cluster

.PHONY: help setup demo cluster test recall bench clean lock lint

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

cluster: setup $(CLUSTER_STAMP) ## docker-compose.yaml's services as processes of this machine, without Docker
	@$(PY) -m include.cluster up

$(CLUSTER_STAMP): constraints-cluster.txt .ci/find_python
	@python=$$(sh .ci/find_python "$(PYTHON)") || exit 1; \
	echo "Installing into $(CLUSTER_VENV) what Airflow's image has (a minute or two the first time)"; \
	if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --allow-existing --python "$$python" $(CLUSTER_VENV) && \
		uv pip install --quiet --python $(CLUSTER_VENV)/bin/python -r constraints-cluster.txt; \
	else \
		"$$python" -m venv $(CLUSTER_VENV) && \
		$(CLUSTER_VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r constraints-cluster.txt; \
	fi
	@touch $(CLUSTER_STAMP)

test: setup ## lint, types and every test that this machine can run (TESTS=… names some)
	@$(MAKE) --no-print-directory lint
ifdef TESTS
	@$(PY) -m pytest $(TESTS)
else
	@# Three at a time on two cores: two leave a quarter of them idle.
	@$(PY) -m pytest -n 3 --dist loadfile $(APART) tests || $(call once_more,$(APART) tests)
	@$(PY) -m pytest tests/e2e || $(call once_more,tests/e2e)
	@$(PY) -m pytest tests/browser || $(call once_more,tests/browser)
	@! $(PY) -m include.cluster check >/dev/null || $(MAKE) --no-print-directory $(CLUSTER_STAMP)
	@$(PY) -m pytest tests/cluster || $(call once_more,tests/cluster)
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
	@sed -n '/^# Tests and checks/q; s/^\([A-Za-z][A-Za-z0-9._-]*\).*/^\1==/p' requirements.txt > $(VENV)/product
	@grep -f $(VENV)/product constraints.txt | cat - requirements-cluster.txt | uv pip compile - --universal --python-version 3.11 --no-header --no-annotate --quiet --upgrade -o constraints-cluster.txt

clean: ## stop what is running and remove what the others made
	@if [ -x $(PY) ]; then $(PY) -m include.demo stop || true; fi
	@if [ -x $(PY) ] && [ -d .cluster ]; then $(PY) -m include.cluster down || true; fi
	@rm -rf $(VENV) $(CLUSTER_VENV) .demo .cluster .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
