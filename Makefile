# Every target does its own set-up: only Python >= 3.11, make and gcc are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo

.PHONY: install demo test test-fast lint check bench bench-arithmetic bench-terms bench-disk
.PHONY: bench-memory bench-encoding bench-searching bench-coverage docs clean

install: $(VENV)/installed

$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Cavewall needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: install
	rm -rf $(DEMO)
	$(BIN)/cavewall sample $(DEMO)/sample
	$(BIN)/cavewall add $(DEMO)/sample --wall $(DEMO)/wall
	$(BIN)/python examples/demo.py $(DEMO)

test: install
	$(BIN)/python -m pytest

test-fast: install
	$(BIN)/python -m pytest -m 'not encoder and not slow'

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

check: lint test

bench: install
	$(BIN)/python benchmarks/basics.py

# What a term costs in time; a few minutes in the first run. Needs Flickr-8k's captions too.
bench-terms: install
	$(BIN)/python benchmarks/terms.py

# Ten minutes on two cores; needs Flickr-8k's captions, and says so where they are not there.
bench-arithmetic: install
	$(BIN)/python benchmarks/arithmetic.py && $(BIN)/python benchmarks/arithmetic_limits.py

# Two minutes; needs Flickr-8k's captions, and says so where they are not there.
bench-coverage: install
	$(BIN)/python benchmarks/coverage.py

# Ten minutes and 3 GB of room.
bench-disk: install
	$(BIN)/python benchmarks/disk.py

# Hours, and 41 GB of room, for 100,000 pictures: COUNTS="1000 10000" does less.
bench-memory: install
	$(BIN)/python benchmarks/memory.py $(COUNTS)

# Peers take part that are installed in .venv: faiss-cpu, usearch, chromadb, sqlite-vec.
bench-searching: install
	$(BIN)/python benchmarks/searching.py $(COUNTS)

# Some minutes; Flickr-8k's captions where they are at hand, else the sample's.
bench-encoding: install
	$(BIN)/python benchmarks/encoding.py

docs: install
	$(BIN)/python scripts/cli_docs.py

clean:
	rm -rf build
