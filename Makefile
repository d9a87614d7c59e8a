# Every habit of the project. `make` alone lists them; PYTHON=/path/to/python3 chooses the interpreter.
.DEFAULT_GOAL := help
SHELL := /bin/sh
.PHONY: help setup demo serve viewer test test-venvs lint package inspect test-browser screenshots test-splunk bench evaluate fuzz soak coverage-spl clean
.DELETE_ON_ERROR:

PYTHONS := $(or $(PYTHON),3.13 3.9 any)
# The second Python that the tests run on is the one of these that `make setup` did not take.
SUPPORTED := 3.9 3.13
# What the second Python is for: the package that ships, and the whole way from a feed to an alert by its own searches.
SECOND := $(addprefix tests/bin/,grants identity risk sources splunk) tests/workbench/test_demo.py
# Tests wait for processes as long as they work, so there are two for each processor.
WORKERS = $(shell echo $$((2 * $$(getconf _NPROCESSORS_ONLN))))

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.ready lib/.made-from ## the environment in .venv, the vendored libraries in lib/
	@:

demo: setup ## the main job from end to end: ranked findings from a made-up organisation
	@.venv/bin/python -m workbench demo

serve: setup viewer ## the dashboards and pages in your browser, with the demo's data: a local address (PORT=8000)
	@.venv/bin/python -m workbench serve $(if $(PORT),--port $(PORT))

viewer: build/viewer/.ready ## what draws the dashboards: Splunk's packages from npm, and a page of them in build/viewer
	@:

test: test-venvs ## every test that needs no Splunk; those of the package on a second Python too, 3.9 or 3.13, where it is here
	@set -e; chosen=tests; venvs=$$(scripts/test-venvs $(SUPPORTED)); for venv in $$venvs; do \
	    echo "tests on $$($$venv/bin/python --version)"; \
	    $$venv/bin/python -m pytest -n $(WORKERS) --dist=loadfile $$chosen; \
	    chosen="$(SECOND)"; \
	done

test-venvs: setup ## the environments of `make test`, one for each Python
	@set -e; venvs=$$(scripts/test-venvs $(SUPPORTED)); for venv in $$venvs; do \
	    $(MAKE) -s --no-print-directory $$venv/.ready; \
	done

test-browser: setup viewer .venv-browser/.ready ## the dashboards and pages in Chromium, which must be there
	@.venv/bin/python -m workbench serve --only-make
	@.venv-browser/bin/python -m pytest -n 2 --dist=loadgroup tests/browser

screenshots: setup viewer .venv-browser/.ready ## the pictures in docs/screenshots, of the demo's data
	@.venv-browser/bin/python -m tests.browser.screenshots

test-splunk: setup ## the same expectations against a Splunk that has the app: SPLUNK_URL=… SPLUNK_TOKEN=…
	@.venv/bin/python -m workbench test-splunk

lint: setup ## ruff and mypy
	@.venv/bin/ruff check .
	@.venv/bin/mypy

package: setup ## dist/delegation_watch-<version>.tar.gz, the same bytes each time
	@.venv/bin/python scripts/build.py

inspect: package .venv-inspect/.ready ## Splunk's own checks, AppInspect, on the package
	@.venv-inspect/bin/python scripts/appinspect_gate.py

bench: setup ## the figures that the design asks for
	@.venv/bin/python -m workbench bench

evaluate: setup ## recall, noise and order of the scores on a labelled set, beside other people's rules: docs/evaluation.md
	@.venv/bin/python -m workbench evaluate

fuzz: setup ## ten minutes of searches that nobody would write, through the search engine
	@.venv/bin/python -m workbench fuzz

# Trials wait for most of their time, and some take a quarter of an hour: many at once, and none behind another.
soak: setup ## the long trials of collecting: every fault and pair of faults, kills, a week's outage (more than an hour)
	@DELEGATION_WATCH_SOAK=full .venv/bin/python -m pytest tests/soak -v -n 10 --maxschedchunk=1 --durations=20

coverage-spl: setup ## what the app uses of SPL, by what it is implemented and how many cases test it
	@.venv/bin/python -m workbench coverage-spl

clean: ## removes all that these targets made
	rm -rf .venv .venv-* .node lib dist build var .hypothesis .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Made again only when the pins change; make-venv and build.py look into it themselves, so a touched file costs nothing.
.venv/.ready: requirements-dev.txt $(if $(PYTHON),FORCE)
	@scripts/make-venv .venv $< $(PYTHONS)

.venv-inspect/.ready: requirements-inspect.txt
	@scripts/make-venv .venv-inspect $< $(PYTHONS)

.venv-node/.ready: requirements-node.txt
	@scripts/make-venv .venv-node $< $(PYTHONS)

.venv-browser/.ready: requirements-browser.txt
	@scripts/make-venv .venv-browser $< $(PYTHONS)

.venv-%/.ready: requirements-dev.txt
	@scripts/make-venv .venv-$* $< $*

.node/.ready: workbench/viewer/package.json workbench/viewer/package-lock.json .venv-node/.ready
	@scripts/make-node .venv-node/bin .node workbench/viewer

build/viewer/.ready: .node/.ready workbench/viewer/build.mjs $(wildcard workbench/viewer/src/*)
	@.venv-node/bin/node workbench/viewer/build.mjs && touch $@

lib/.made-from: requirements.txt scripts/build.py | .venv/.ready
	@.venv/bin/python scripts/build.py --lib

FORCE:
