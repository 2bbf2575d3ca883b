# metalclouds: one command from a data record to every figure, a verdict on every number, and a page.
SHELL := /bin/bash
CORES ?= all
PYTHON_ENV := .venv/bin
# PROFILE=slurm sends the work to a cluster, see docs/cluster.md.
PROFILE ?= default
SNAKEMAKE_slurm := workflow/cluster/snakemake.sh
SNAKEMAKE_default := $(PYTHON_ENV)/snakemake --cores $(CORES)
SNAKEMAKE := $(SNAKEMAKE_$(PROFILE))
# A user's own Jupyter kernel must not stand in for the environment's.
export JUPYTER_PREFER_ENV_PATH := 1
export PYTHONNOUSERSITE := 1
.DEFAULT_GOAL := help
.PHONY: run paper samples test test-slow cluster-test reference validate check format bench faults clean help env env-dev lock docs

run: env ## the whole workflow on the built-in simulated campaign (no network)
	$(SNAKEMAKE)
	@echo "Page: results/twin/report/index.html"
	@echo 'Simulated data: nothing about the paper has been tested. Run `make paper`.'

paper: env ## the reproduction: download the paper's record from Zenodo and run everything on it
	$(SNAKEMAKE) --config source=zenodo
	@echo "Page: results/zenodo/report/index.html"

samples: env ## the small real files of tests/data through ingest and the figures they allow
	$(SNAKEMAKE) --configfile config/config.yaml config/samples.yaml
	@echo "Page: results/local-samples/report/index.html"

test: env-dev ## the tests (five to six minutes on two cores)
	$(PYTHON_ENV)/python -m pytest -n 2 --dist loadgroup -m "not slow and not cluster"

test-slow: env-dev ## the slow tests: whole runs without an instrument, two sources in one checkout
	$(PYTHON_ENV)/python -m pytest -m slow

cluster-test: env-dev ## the whole workflow on a SLURM that is started here, with faults, against the reference (10 minutes or less)
	$(PYTHON_ENV)/python -m pytest -m cluster -rsP -p no:logging tests/cluster

reference: env-dev ## write tests/regression/reference anew, after an intended change of the results
	$(PYTHON_ENV)/python -m tests.regression.make_reference

validate: env-dev ## long statistical checks of detection, intervals and verdicts; writes results/validate/*.json
	$(PYTHON_ENV)/python -m tests.validate

check: env-dev ## lint, format and types
	$(PYTHON_ENV)/ruff check .
	$(PYTHON_ENV)/ruff format --check .
	$(PYTHON_ENV)/mypy
	$(PYTHON_ENV)/snakefmt --check workflow
	$(PYTHON_ENV)/snakemake --lint

format: env-dev ## format the code
	$(PYTHON_ENV)/ruff check --fix .
	$(PYTHON_ENV)/ruff format .
	$(PYTHON_ENV)/snakefmt workflow

bench: env-dev ## speed and memory as ratios within one run, against the committed figures; writes results/bench
	$(PYTHON_ENV)/metalclouds bench

faults: env-dev ## the provider's and the record's faults, injected one by one
	$(PYTHON_ENV)/python -m pytest tests/fetch tests/workflow/test_faults.py

clean: ## remove results, the simulated record and its truth; downloads stay
	rm -rf results/*/ results/*.json record truth .snakemake

lock: ## compile the hash-locked requirements anew (needs uv)
	cd envs && export UV_PYTHON_DOWNLOADS=never && \
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.lock && \
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -c requirements.lock -o requirements-dev.lock && \
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-peers.in -c requirements-dev.lock -o requirements-peers.lock

env:
	@envs/install.sh envs/requirements.lock

env-dev: env
	@envs/install.sh envs/requirements-dev.lock

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24
