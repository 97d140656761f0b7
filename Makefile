# backlit's commands. `make` alone lists them. Needs python3 and make; everything else comes into .venv.
PYTHON ?= python3
BIN := .venv/bin
# A file's tests stay in one process (tests/conftest.py), so that what a file compiles once is compiled once.
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup
READY := .venv/.ready
.DEFAULT_GOAL := help
.PHONY: help setup train test test-all test-slow fuzz agreement lessons check lesson bench bench-quick peers docs snapshots messages format lock

# list these commands
help:
	@awk '/^# /{comment=substr($$0,3)} /^[a-z-]+:/{split($$1,name,":"); if (comment!="") printf "  make %-12s %s\n", name[1], comment} !/^# /{comment=""}' Makefile

# make .venv: pinned packages and backlit itself (every other target does it when needed)
setup: $(READY)

$(READY): requirements/dev.txt pyproject.toml tools/setup_env.py
	@$(PYTHON) tools/setup_env.py

# train a small convolutional network on the embedded digits and show what happened
train: $(READY)
	@$(BIN)/backlit train digits --model cnn

# the default tests (some fifteen minutes on two cores the first time, when nothing is compiled yet)
test: $(READY)
	$(PYTEST)

# all tests, the slow ones too, with coverage
test-all: $(READY)
	$(PYTEST) -m "" --cov --cov-report=term:skip-covered

# the slow tests alone
test-slow: $(READY)
	$(PYTEST) -m slow

# all thousand damaged tables and pictures each (the slow tests try a tenth)
fuzz: $(READY)
	BACKLIT_FUZZ=all $(BIN)/python -m pytest -m slow --timeout 1800 tests/fuzz

# every case of the agreement with Keras in both precisions (the slow tests take a quarter in single precision)
agreement: $(READY)
	BACKLIT_AGREEMENT=all $(PYTEST) -m "" tests/engine/test_agreement.py

# all lessons, each claim's null variant on three seeds (the slow tests take one)
lessons: $(READY)
	BACKLIT_LESSONS=all $(PYTEST) -m "" tests/lessons

# format, lint, types, docstrings, import directions, spelling
check: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/python -m tools.check_docstrings src tools
	$(BIN)/lint-imports --no-cache
	$(BIN)/typos

# rewrite the files as `make check` wants them, as far as that can be done by machine
format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# run one lesson in full and show its page in both languages: make lesson N=07
lesson: $(READY)
	@test -n "$(N)" || { echo "Which lesson? For example: make lesson N=07"; exit 2; }
	@$(BIN)/backlit lesson $(N) --run --both

# benchmarks against the peers, to benchmarks/results/ and docs/benchmarks.md (some 40 minutes, on a quiet machine)
bench: $(READY) .venv-peers/.ready
	$(BIN)/python -m benchmarks

# the same as a check of three minutes: fewer cases, peers, rounds and rows; nothing is written
bench-quick: $(READY) .venv-peers/.ready
	$(BIN)/python -m benchmarks --quick

# make .venv-peers: torch and TensorFlow, which the benchmarks compare with
peers: .venv-peers/.ready

.venv-peers/.ready: requirements/bench.txt $(READY)
	$(BIN)/python -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r requirements/bench.txt
	@touch $@

# the documentation, strictly, to site/
docs: $(READY)
	$(BIN)/mkdocs build --strict

# rewrite the snapshots that the tests compare with (then read the diff)
snapshots: $(READY)
	BACKLIT_WRITE_SNAPSHOTS=1 $(BIN)/python -m pytest -m "" tests

# list sentences without Chinese, Chinese without its sentence, and placeholders that differ
messages: $(READY)
	@$(BIN)/python -m tools.messages

# Extras stay in the pins (`coverage[toml]==…`): older pips otherwise take the newest release for them and stop.
# pin the newest packages that pyproject.toml allows, with their hashes (needs uv)
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-strip-extras --upgrade \
	  --constraint requirements/constraints.txt \
	  --custom-compile-command "make lock" --quiet --output-file requirements/dev.txt
