# make run [PHOTOS=~/Pictures]   index photos, search them, write a page of the results
# make test                      install everything, then every check and test
# make research-test             the tests of research/, the studies that were run once
# make check                     lint, format and types only
# make speedrun                  from captions to an evaluated bundle, on drawn photos
# make bench                     latency, size, memory, indexing, search and training reads, measured

PYTHON ?= python3
PHOTOS ?=
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test research-test check speedrun bench clean

run: $(VENV)/.all,demo
	$(BIN)/ansa demo $(if $(PHOTOS),"$(PHOTOS)") --out build

test: check
	$(BIN)/pytest -n logical --dist worksteal

research-test: $(VENV)/.dev
	$(BIN)/pytest research

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

speedrun: $(VENV)/.dev
	PYTHON="$(CURDIR)/$(BIN)/python" recipes/speedrun.sh

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks
	$(BIN)/ansa benchmark --out results/benchmark

clean:
	rm -rf $(VENV) build dist

# A stamp per set of extras: installed again only when pyproject.toml changes.
$(VENV)/.%: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[$*]'
	touch $@
