# Needs nothing but Python 3.11 or newer: every target makes its own environment first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QUIETLY := OMP_WAIT_POLICY=PASSIVE  # a thread that waits leaves its core to others
SPREAD := -n auto --dist loadgroup  # tests on all cores, those of one fitted model on one

.PHONY: help demo examples test check fix bench quality clean
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

test: $(READY)   ## the whole test suite, examples of docstrings too
	$(BIN)/python -m pytest $(SPREAD)

check: $(READY)  ## formatting, lint, types, doctests, tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/python -m pytest $(SPREAD)

fix: $(READY)    ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(READY)  ## beside Keras, pythae and PyOD, installed in .peers: speed, memory, growth; the README's figures
	-$(BIN)/python -m bench.peers
	$(BIN)/python -m bench.startup
	-$(BIN)/python -m bench.speed
	$(QUIETLY) $(BIN)/python -m bench.growth
	$(QUIETLY) $(BIN)/python -m bench.memory
	$(BIN)/python -m bench.quality.codes
	$(BIN)/python -m bench.decisions
	$(BIN)/python -m bench.digits_picture
	$(BIN)/python -m bench.readme

quality: $(READY)  ## what the models reach on real data: hours
	for work in conv denoise vqvae nll dress adbench false_alarms leave_one_digit spoiled nab imputation impossible photos; do $(QUIETLY) $(BIN)/python -m bench.quality.$$work || exit; done
	$(BIN)/python -m bench.readme

clean:           ## the environment and what the targets made
	rm -rf $(VENV) .peers latently-demo examples-out .pytest_cache .ruff_cache
