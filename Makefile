# Two commands matter: `make demo` shows the product, `make test` proves it. The rest: `make help`.
# Python writes bytecode here even where the machine forbids it: without it every Airflow
# command costs 2.5 seconds more, for ever.
unexport PYTHONDONTWRITEBYTECODE
RUN = .venv/bin/
PYTEST = $(RUN)python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-long lint docs lock bench scoreboard up down bi clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## the environment in .venv (every other target calls it)
	@tools/setup

demo: setup ## a made company, its history, real cycles, findings, the report
	@$(RUN)leadloop demo

test: lint ## all checks that fit into minutes
	@$(PYTEST) -m "not long" -n 2 --dist loadscope --no-loadscope-reorder

test-long: setup ## what takes longer: two weeks of real cycles, 20 kills, big imports
	@$(PYTEST) -m long -s

lint: setup ## ruff, mypy --strict, sqlfluff
	@$(RUN)ruff check . && $(RUN)ruff format --check . && $(RUN)mypy && $(RUN)sqlfluff lint --disable-progress-bar -q dbt_project

docs: setup ## the generated pages of docs/
	@$(RUN)python tools/write_docs.py

lock: setup ## requirements.lock from pyproject.toml
	@$${UV:-$(RUN)uv} pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header --extra dev --extra team pyproject.toml -o requirements.lock

bench: setup ## speed and memory as ratios, in one run
	@$(RUN)python benchmarks/run.py

scoreboard: setup ## every detector and model against known truth
	@tools/scoreboard

up: setup ## Airflow with its four components, on loopback
	@$(RUN)leadloop up

down: setup ## stop what `make up` started
	@$(RUN)leadloop down

bi: setup ## dashboards in Superset
	@echo "make bi is not built yet: docs/bi.md shows how to connect a BI tool today." >&2; exit 1

clean: ## remove the environment, caches and ./var (asks first)
	@tools/clean
