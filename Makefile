# Set-up is part of every target: a fresh clone needs nothing but make, Python and (on Linux, for
# the window) the Debian packages that `make system` installs.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
TORCH ?= torch==2.13.0
HEADLESS := $(if $(DISPLAY),,xvfb-run -a -s "-screen 0 1600x1000x24")
SCREENSHOT ?= napari-autolut-demo.png

DEBIAN := xvfb xauth libegl1 libgl1 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 \
	libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-0

# Packages whose docstrings the linter of numpydoc reads.
DOCUMENTED := $(addprefix src/napari_autolut/,util model storage io comparison batch layers arrays cli evaluation)
DOCUMENTED += $(addprefix src/napari_autolut/,preferences.py demo.py _compat.py)
DOCUMENTED += $(addprefix src/napari_autolut/widgets/,shared models upscale compare batch)

WINDOWS := tests/widgets tests/layers tests/comparison tests/test_manifest.py tests/test_preferences.py

.PHONY: demo test test-all coverage lint docstrings workflows docs pictures system tables clean dist \
	benchmarks test-pyside test-oldest test-lowest test-candidate

demo: $(VENV)/ready system  ## upscale a real image in napari (without a display: a screenshot)
	$(HEADLESS) $(BIN)/python -m napari_autolut.demo $(if $(DISPLAY),,--screenshot $(SCREENSHOT))

# A worker a core; each starts with tests that lie together and takes from the other's when done.
PARALLEL := -n logical --maxprocesses 8 --dist worksteal

test: $(VENV)/ready system  ## every test but the slow ones; minutes
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow"

test-all: $(VENV)/ready system  ## every test, with more random examples
	$(BIN)/python -m pytest $(PARALLEL) --hypothesis-profile thorough

coverage: $(VENV)/ready system  ## every test, and which lines and branches they ran
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report term --cov-report xml:build/coverage.xml

# The windows under PySide6, under the oldest napari and under the next one; each in an environment
# of its own.
test-pyside test-oldest test-candidate: test-%: .venv-%/ready system
	.venv-$*/bin/python -m pytest $(WINDOWS)

.venv-%/ready: constraints/%.txt pyproject.toml
	$(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip install -q -e . -r $<
	touch $@

# The lowest versions that pyproject.toml allows.
test-lowest: .venv-lowest/ready system
	.venv-lowest/bin/python -m pytest $(WINDOWS) tests/arrays tests/engine tests/io tests/storage

.venv-lowest/ready: pyproject.toml
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install -q uv
	.venv-lowest/bin/uv pip install -q --python .venv-lowest/bin/python \
	  --resolution lowest-direct -e ".[test]"
	touch $@

lint: $(VENV)/ready system  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) -s docstrings workflows
	$(BIN)/npe2 validate napari-autolut
	$(BIN)/validate-pyproject pyproject.toml
	$(BIN)/typos

docstrings: $(VENV)/ready  ## types and sections of docstrings
	$(BIN)/numpydoc lint $$(find $(DOCUMENTED) -name '*.py')

workflows: $(VENV)/ready  ## what only runs elsewhere is at least valid
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff

docs: $(VENV)/docs-ready  ## the pages of docs/, into build/site; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet --site-dir build/site

pictures: $(VENV)/ready system  ## the README's and the pages' pictures, from the real window; minutes
	$(HEADLESS) $(BIN)/python docs/make_pictures.py $(PICTURES)

tables: $(VENV)/ready  ## train tables again: make tables IMAGES=folder [DEVICE=cuda, for natural-x4]
	for recipe in natural-x4 natural-x2 natural-x3; do \
	  $(BIN)/napari-autolut train $(IMAGES) --recipe $$recipe --device $(or $(DEVICE),cpu) \
	    --out luts/$$recipe.safetensors --overwrite || exit 1; \
	done

# On Debian as root: what Qt and a display without a screen need. Elsewhere: nothing.
system:
	@if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  dpkg -s $(DEBIAN) >/dev/null 2>&1 || \
	  { apt-get update -qq && apt-get install -y -qq $(DEBIAN) >/dev/null; }; \
	fi

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q "$(TORCH)"
	$(BIN)/python -m pip install -q -e ".[dev]"
	touch $@

$(VENV)/docs-ready: $(VENV)/ready
	$(BIN)/python -m pip install -q -e ".[docs]"
	touch $@

dist: $(VENV)/ready  ## source archive and wheel, into dist/
	$(BIN)/python -m build

benchmarks: $(VENV)/ready  ## speed and quality, into benchmarks/results/
	$(BIN)/python benchmarks/engine.py

clean:
	rm -rf $(VENV) build dist *.egg-info src/*.egg-info
