# Needs nothing but Python 3.11 or newer: every target makes its own environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SPREAD := -n auto --dist loadgroup  # tests on all cores, those of one fitted model on one

.PHONY: help demo examples test check fix bench clean
help:            ## this list
	@grep -E '^[a-z]+: .*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 10

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Latently needs Python 3.11 or newer; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY)   ## train a VAE on handwritten digits, with pictures and a report, in latently-demo/
	$(BIN)/latently demo

examples: $(READY)  ## every script of examples/ on small data; pictures in examples-out/
	@for script in examples/[!_]*.py; do printf '\n== %s\n' $$script; $(BIN)/python $$script --quick || exit 1; done

test: $(READY)   ## the whole test suite
	$(BIN)/python -m pytest $(SPREAD)

check: $(READY)  ## formatting, lint, types, doctests, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python -m pytest $(SPREAD) --doctest-modules src tests

fix: $(READY)    ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## every number and picture of the README, measured again
	$(BIN)/python bench/startup.py
	$(BIN)/python bench/quality.py
	$(BIN)/python bench/decisions.py
	$(BIN)/python bench/digits_picture.py

clean:           ## the environment and what the targets made
	rm -rf $(VENV) latently-demo examples-out .pytest_cache .ruff_cache
