# Every target does its own set-up: only Python >= 3.11, make and gcc are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := build/demo
PEERS := build/peers

.PHONY: install demo test test-all lint check bench bench-peers bench-arithmetic bench-coverage
.PHONY: bench-disk bench-memory bench-page bench-scale docs page page-check page-pictures
.PHONY: learn-pictures release-check clean

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

# Two processes: what shares Ray, Chromium, the S3 server or the packaged model is in one of them.
TEST := $(BIN)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder
APART := cluster or browser or faults or load or release

# Enough to trust a change: some minutes on two cores, 3 GB of memory.
test: install
	$(TEST) -m 'sampled or not ($(APART) or lint)'

# All of it, under half an hour. Load is measured with nothing else at work.
test-all: export CAVEWALL_TEST_PROFILE := thorough
test-all: install
	$(MAKE) test CAVEWALL_TEST_PROFILE=quick
	$(TEST) -m 'sampled or (($(APART)) and not load)'
	$(BIN)/python -m pytest -m load

lint: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -m lint

check: lint test

# An hour and 10 GB of room, on a machine with nothing else to do: ONLY="encoding terms" does less,
# QUICK=1 tries whether all of it runs. Needs Flickr-8k, and says so where it is not there.
bench: install
	$(BIN)/python benchmarks/bench.py $(if $(QUICK),--quick) $(ONLY)

# What searches are held against, in an environment of its own: `make bench` asks those that are
# there. CAVEWALL_PEERS names the Python of another one.
bench-peers: $(PEERS)/installed

$(PEERS)/installed: benchmarks/peers.txt
	$(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install --quiet --requirement benchmarks/peers.txt
	@touch $@

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

# Half an hour and 10 GB of room: COUNTS="10000 100000" does less. Needs Flickr-8k's captions.
bench-scale: install
	$(BIN)/python benchmarks/scaling.py $(COUNTS)

# Flickr-8k is added first, in some minutes; WALL=… takes another wall. Needs Chromium.
bench-page: install
	$(BIN)/python benchmarks/page.py $(WALL)

# The page that the wheel ships, from its sources in web/: the only targets that need Node, 18 or
# newer.
page: web/node_modules/.package-lock.json
	npm --prefix web run --silent build

# Format, lint, types and tests of the page, and whether what is committed is what is written.
page-check: page
	npm --prefix web run --silent check
	git diff --exit-code --stat -- src/cavewall/server/page
	test -z "$$(git status --porcelain -- src/cavewall/server/page)"

# The pictures in docs/page.md and docs/map.md, by Chromium, and those in docs/learn.md.
page-pictures: install
	$(BIN)/python scripts/page_pictures.py

learn-pictures: install
	$(BIN)/python scripts/learn_pictures.py

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	npm --prefix web ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# The site in build/site, strict: a broken link or a page that is in no menu fails (with --quiet it
# would not: warnings that are not logged are not counted). What is generated of it is written
# first, and committed.
docs: install
	for name in cli_docs python_docs http_docs layers railroads; do \
	  $(BIN)/python scripts/$$name.py || exit 1; done
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# What docs/release.md asks for before a release: some minutes, and 3 GB of room.
release-check: install
	$(BIN)/python scripts/release_check.py

clean:
	rm -rf build
