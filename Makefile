# metalclouds: one command from a data record to every figure, a verdict on every number, and a page.
SHELL := /bin/bash
CORES ?= all
# ENV=none takes the programs of the environment that is active (conda, a container, a module) instead of .venv.
ENV ?= venv
BIN := $(if $(filter none,$(ENV)),,.venv/bin/)
PYTHON := $(BIN)python
# PROFILE=slurm sends the work to a cluster, see docs/cluster.md.
PROFILE ?= default
SNAKEMAKE_slurm := BIN=$(BIN) workflow/cluster/snakemake.sh
SNAKEMAKE_default := $(BIN)snakemake --cores $(CORES)
SNAKEMAKE = $(or $(SNAKEMAKE_$(PROFILE)),$(error PROFILE=$(PROFILE) is not known: default (this machine) or slurm, see docs/cluster.md))
# Products of an earlier run that were lost or cut since are taken away first, so that they are made again.
VERIFY := $(BIN)metalclouds verify --repair
ifneq ($(filter 0,$(CORES))$(if $(strip $(CORES)),,empty),)
$(error CORES=$(CORES): at least one core is needed, or `all`)
endif
ifeq ($(filter venv none,$(ENV)),)
$(error ENV=$(ENV) is not known: venv (.venv of this folder) or none (the active environment))
endif
# Snakemake and uv keep caches at home; where home cannot be written, here.
ifndef XDG_CACHE_HOME
ifneq ($(shell mkdir -p "$$HOME/.cache" 2>/dev/null && test -w "$$HOME/.cache" && echo yes),yes)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif
endif
export PYTHONNOUSERSITE := 1
.DEFAULT_GOAL := help
.PHONY: run plan paper samples own tour ci test test-slow cluster-test reference validate check format bench rehearse faults mutants coverage docs pictures clean help env env-dev lock

run: env ## the whole workflow on the built-in simulated campaign (no network)
	@$(VERIFY) results/twin
	$(SNAKEMAKE)
	@echo "Page: results/twin/report/index.html"
	@echo 'Simulated data: nothing about the paper has been tested. Run `make paper`.'

plan: env ## what `make run` would do, a line a rule (SOURCE=zenodo: what `make paper` would)
	@set -o pipefail; $(SNAKEMAKE) -n --quiet rules reason host $(if $(SOURCE),--config source=$(SOURCE)) 2>&1 \
		| awk '!told; /^total/ { told = 1 }'
	@echo "More jobs follow once the nights of the record are known: one of ingest and of detection for each batch of them."

paper: env ## the reproduction: download the paper's record from Zenodo and run everything on it
	@$(VERIFY) results/zenodo
	$(SNAKEMAKE) --config source=zenodo
	@echo "Page: results/zenodo/report/index.html"

samples: env ## the small real files of tests/data through ingest and the figures they allow
	@$(VERIFY) results/local-samples
	$(SNAKEMAKE) --configfile config/config.yaml config/samples.yaml
	@echo "Page: results/local-samples/report/index.html"

OWN_RUN = $(if $(CONFIG),$(shell sed -n 's/^run: *\([^ \#]*\).*/\1/p' "$(CONFIG)" 2>/dev/null))
own: env ## your own nights, by your settings: make own CONFIG=config/mine.yaml (docs/your-own-data.md)
	@test -f "$(CONFIG)" || { echo 'CONFIG names no file: make own CONFIG=config/mine.yaml; step 2 of docs/your-own-data.md has its lines' >&2; exit 2; }
	@test -n "$(OWN_RUN)" || { echo '$(CONFIG) has no line with the name of the run: run: local-mine' >&2; exit 2; }
	@$(VERIFY) results/$(OWN_RUN)
	$(SNAKEMAKE) --configfile config/config.yaml "$(CONFIG)"
	@echo "Page: results/$(OWN_RUN)/report/index.html"

tour: env ## a first look: density, stripes and an interactive page of the six simulated case nights (half a minute)
	@$(VERIFY) results/tour
	$(SNAKEMAKE) figure1 figure5 night_pages --configfile config/config.yaml config/tour.yaml
	@echo "Look at results/tour/figures/figure1.png and results/tour/figures/night_2021-06-18.html (simulated data)"

# FRESH=1 makes everything anew, as after a change of the environment or the machine.
ci: env ## for a nightly job: the small simulated campaign against the committed results (FRESH=1: from nothing)
	@$(if $(filter-out 0,$(FRESH)),$(PYTHON) -m metalclouds.run_lock results && rm -rf results/small record/small truth/small,$(VERIFY) results/small)
	$(SNAKEMAKE) --configfile config/config.yaml config/small.yaml
	$(BIN)metalclouds compare tests/regression/reference results/small --html results/small/compare.html --json results/small/compare.json

test: env-dev ## the tests (six to seven minutes on two quiet cores)
	$(PYTHON) -m pytest -n 2 --dist loadgroup -m "not slow and not cluster"

test-slow: env-dev ## the slow tests: whole runs without an instrument, two sources in one checkout
	$(PYTHON) -m pytest -m slow

cluster-test: env-dev ## the whole workflow on a SLURM that is started here, with faults, against the reference (10 minutes or less)
	$(PYTHON) -m pytest -m cluster -rsP -p no:logging tests/cluster

reference: env-dev ## write tests/regression/reference anew, after an intended change of the results
	$(PYTHON) -m tests.regression.make_reference

validate: env-dev ## long statistical checks of detection, intervals and verdicts; writes results/validate/*.json
	$(PYTHON) -m tests.validate

check: env-dev ## lint, format, types and docstrings
	$(BIN)ruff check .
	$(BIN)ruff format --check .
	$(BIN)mypy
	$(BIN)snakefmt --check Snakefile workflow
	$(PYTHON) -m tests.workflow.lint
	$(PYTHON) -m tests.workflow.docstrings

format: env-dev ## format the code
	$(BIN)ruff check --fix .
	$(BIN)ruff format .
	$(BIN)snakefmt Snakefile workflow

bench: env-dev ## speed and memory as ratios within one run, against the committed figures; writes results/bench
	$(BIN)metalclouds bench

rehearse: env-dev ## make paper on records of other authors, from a provider on this machine (RECORDS="a b c"; 5 minutes)
	$(BIN)python -u -m tests.rehearsal $(RECORDS)

faults: env-dev ## break everything on purpose: answers, archives, files, kills, disks; writes docs/faults.md (half an hour)
	$(PYTHON) -m tests.faults

mutants: env-dev ## 300 small wrong changes of the code, one at a time: do its tests fail? (half an hour; goes on where it stopped)
	$(PYTHON) -m tests.mutation

coverage: env-dev ## which branches of the package the tests take (ROOMS="derive claims"; 15 minutes)
	$(PYTHON) -m tests.coverage $(ROOMS)

docs: env-dev ## the documentation as pages, with the example run: docs/_build/html/docs/index.html (no network, half a minute)
	$(PYTHON) docs/make_example.py --html docs/_build/extra
	$(PYTHON) -m sphinx -q -W --keep-going -b html -c docs . docs/_build/html

pictures: env-dev ## make the pictures of docs/ and the outputs of the example anew
	$(PYTHON) docs/make_pictures.py
	$(PYTHON) docs/make_example.py

clean: ## remove results, the simulated record and its truth; downloads stay
	@[ ! -x $(PYTHON) ] || $(PYTHON) -m metalclouds.run_lock results
	rm -rf results/*/ results/*.json record truth .snakemake

lock: ## compile the hash-locked requirements anew (needs uv)
	cd envs && export UV_PYTHON_DOWNLOADS=never && \
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements.in -o requirements.lock && \
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-dev.in -c requirements.lock -o requirements-dev.lock && \
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements-peers.in -c requirements-dev.lock -o requirements-peers.lock

env: ## the environment in .venv, by itself (the others make it when they need it)
ifeq ($(ENV),none)
	@command -v metalclouds >/dev/null || { echo "ENV=none: the active environment has no metalclouds. In it: pip install --no-deps --no-build-isolation -e . (packages: envs/requirements.lock or envs/environment.yaml)" >&2; exit 2; }
else
	@[ $(words $(CURDIR)) = 1 ] || { echo "The path of this folder has a space, which Snakemake does not bear in that of the interpreter: $(CURDIR). Move it, or use an environment elsewhere with ENV=none." >&2; exit 2; }
	@envs/install.sh envs/requirements.lock
endif

env-dev: env
ifneq ($(ENV),none)
	@envs/install.sh envs/requirements-dev.lock
endif

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 24
