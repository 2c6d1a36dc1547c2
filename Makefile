# Set-up is part of every target: a fresh clone needs nothing but make, Python and (on Linux, for
# the window) the Debian packages that `make system` installs.

PYTHON ?= python3
VENV ?= .venv
SYSTEM := $(if $(filter Windows_NT,$(OS)),Windows,$(shell uname -s))
SCRIPTS := $(if $(filter Windows,$(SYSTEM)),Scripts,bin)
BIN := $(VENV)/$(SCRIPTS)
TORCH ?= torch==2.13.0
# What goes before a command that needs root: nothing, or sudo.
SUDO ?=
WITHOUT_DISPLAY := $(if $(DISPLAY),,$(filter Linux,$(SYSTEM)))
HEADLESS := $(if $(WITHOUT_DISPLAY),xvfb-run -a -s "-screen 0 1600x1000x24")
SCREENSHOT ?= napari-autolut-demo.png

DEBIAN := xvfb xauth libegl1 libgl1 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 \
	libxkbcommon-x11-0 libdbus-1-3 libfontconfig1 libglib2.0-bin

WINDOWS := tests/widgets tests/layers tests/comparison tests/test_manifest.py tests/test_preferences.py
FILES := tests/arrays tests/io tests/storage

# The tests of the windows in other surroundings, each in an environment of its own.
OTHERS := test-pyside test-oldest test-candidate test-newest

.PHONY: zoo speed-pages demo test test-all soak promises test-german test-cp1252 $(OTHERS) coverage lint docstrings workflows docs \
	pictures system german tables denoisers micro clean dist check-tag benchmarks

demo: $(VENV)/ready system  ## upscale a real image in napari (without a display: a screenshot)
	$(HEADLESS) $(BIN)/python -m napari_autolut.demo $(if $(WITHOUT_DISPLAY),--screenshot $(SCREENSHOT))

# A worker a core; each starts with tests that lie together and takes from the other's when done.
PARALLEL := -n logical --maxprocesses 8 --dist worksteal

# Some of the tests alone: make test TESTS="tests/io tests/arrays".
TESTS ?=

test: $(VENV)/ready system  ## every test but the slow ones; minutes
	$(BIN)/python -m pytest $(PARALLEL) -m "not slow" $(TESTS)

test-all: $(VENV)/ready system  ## every test, with more random examples
	$(BIN)/python -m pytest $(PARALLEL) --hypothesis-profile thorough $(TESTS)

# bioimageio.spec 0.5.12 cannot work with pydantic 2.14, so that it has an environment of its own.
ZOO := .venv-zoo/$(SCRIPTS)

zoo: $(VENV)/ready .venv-zoo/ready  ## packages of the BioImage Model Zoo by bioimageio.core's own test
	BIOIMAGEIO=$(ZOO)/bioimageio $(BIN)/python -m pytest tests/export/test_files.py -k own_test

.venv-zoo/ready:
	$(PYTHON) -m venv .venv-zoo
	$(ZOO)/python -m pip install -q bioimageio.core "pydantic<2.14" onnxruntime
	touch $@

# Of lines and branches, in percent; a change that leaves more untested fails.
MIN_COVERAGE := 90

coverage: $(VENV)/ready system  ## every test, and which lines and branches they ran
	$(BIN)/python -m pytest $(PARALLEL) --cov --cov-report term --cov-report xml:build/coverage.xml \
	  --cov-fail-under $(if $(TESTS),0,$(MIN_COVERAGE)) $(TESTS)

# From pyproject.toml and docs/reference/systems.md; takes the network and minutes.
promises: $(VENV)/ready  ## do packages install where the pages say, by the package index?
	$(BIN)/python -m pip install -q uv
	$(BIN)/python -m tests.promises

soak: $(VENV)/ready system  ## bad luck of every kind, into docs/reliability.md: make soak [MINUTES=60] [PARTS="kills bits"]
	$(HEADLESS) $(BIN)/python -m tests.soak $(if $(MINUTES),--minutes $(MINUTES)) $(PARTS)

test-german: export LC_ALL := de_DE.UTF-8
test-german: german test  ## as test, where numbers have commas

test-cp1252: export PYTHONIOENCODING := cp1252
test-cp1252: test  ## as test, where a console cannot show every letter

# PySide6; the oldest napari with the lowest version of every dependency; the next napari with
# pre-releases of what has one; the newest of all, for a PYTHON that is newer than the usual one.
RESOLVE_oldest := --resolution lowest-direct
RESOLVE_candidate := --prerelease allow
PARTS_oldest := $(WINDOWS) tests/engine $(FILES)
PARTS_newest := $(FILES)

$(OTHERS): test-%: .venv-%/ready system
	.venv-$*/$(SCRIPTS)/python -m pytest $(PARALLEL) -m "not slow" $(or $(PARTS_$*),$(WINDOWS))

.venv-%/ready: constraints/%.txt pyproject.toml
	$(PYTHON) -m venv .venv-$*
	.venv-$*/$(SCRIPTS)/python -m pip install -q uv
	.venv-$*/$(SCRIPTS)/python -m uv pip install -q $(RESOLVE_$*) -e . -r $<
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
	$(BIN)/numpydoc lint $$(find src training -name '*.py')

workflows: $(VENV)/ready  ## what only runs elsewhere is at least valid
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff

docs: $(VENV)/docs-ready  ## the pages of docs/, into build/site; warnings are errors
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir build/site

pictures: $(VENV)/ready system  ## the README's and the pages' pictures, from the real window; minutes
	$(HEADLESS) $(BIN)/python docs/make_pictures.py $(PICTURES)

tables: $(VENV)/ready  ## train tables for photographs: make tables IMAGES=folder [DEVICE=cpu]
	for recipe in natural-x4 natural-x4-fast natural-x4-light natural-x2 natural-x2-light natural-x3; do \
	  $(BIN)/napari-autolut train $(IMAGES) --recipe $$recipe --device $(or $(DEVICE),cuda) \
	    --out luts/$$recipe.safetensors --overwrite || exit 1; \
	done

denoisers: $(VENV)/ready  ## train the denoisers: make denoisers PHOTOGRAPHS="folders" MICROGRAPHS="folders" [DEVICE=cpu]
	mkdir -p build/denoisers
	find $(PHOTOGRAPHS) -name '*.webp' -o -name '*.jpg' | xargs cp -t build/denoisers
	for folder in $(MICROGRAPHS); do $(BIN)/python training/denoiser_images.py $$folder build/denoisers || exit 1; done
	for name in denoise-10 denoise-3 denoise-10-light denoise-3-light; do \
	  $(BIN)/napari-autolut train build/denoisers --recipe $$name --device $(or $(DEVICE),cuda) \
	    --out luts/$$name.safetensors --overwrite || exit 1; \
	done
	for sigma in 10 3; do \
	  light=denoise-$$sigma-light.safetensors; \
	  cp luts/$$light build/$$light && \
	  $(BIN)/napari-autolut train build/denoisers --recipe denoise-counts-light --noise $$sigma \
	    --start build/$$light --out luts/$$light --overwrite || exit 1; \
	done

micro: $(VENV)/ready  ## train the tables for micrographs: make micro PHOTOGRAPHS=folder MICROGRAPHS="folders"
	for scale in 2 4; do \
	  pairs=build/micro-x$$scale; \
	  $(BIN)/python training/micro_pairs.py $$scale $$pairs $(PHOTOGRAPHS) $(MICROGRAPHS) && \
	  for light in "" -light; do \
	    noise="10 3"; \
	    [ $$light ] || noise="10=$$pairs/10.safetensors 3=$$pairs/3.safetensors"; \
	    for kind in $$([ $$light ] || echo 10 3) clean; do \
	      recipe=$$([ $$kind = clean ] && echo micro || echo micro-noisy); \
	      start=$$([ $$kind = 3 ] && echo $$pairs/10.safetensors || echo natural-x4$${light:--fast}); \
	      part="$$pairs/$$kind/hr --lr $$pairs/$$kind/lr --scale $$scale --overwrite"; \
	      first=$$pairs/first.safetensors; \
	      $(BIN)/napari-autolut train $$part --recipe $$recipe --start $$start --out $$first && \
	      $(BIN)/napari-autolut train $$part --recipe $$recipe-last --start $$first \
	        --out $$pairs/$$kind$$light.safetensors || exit 1; \
	    done && \
	    $(BIN)/python training/noisy_model.py luts/micro-x$$scale$$light.safetensors \
	      $$pairs/clean$$light.safetensors $$noise || exit 1; \
	  done; \
	done
	$(BIN)/python training/expected_error.py $(firstword $(MICROGRAPHS)) $(PHOTOGRAPHS) luts/micro-*.safetensors

# On Debian as root (or with SUDO=sudo): what Qt and a display without a screen need. Elsewhere: nothing.
system:
	@if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; }; then \
	  dpkg -s $(DEBIAN) >/dev/null 2>&1 || \
	  { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $(DEBIAN) >/dev/null; }; \
	fi

german:
	@locale -a | grep -qix "de_DE.utf-\?8" || $(SUDO) localedef -i de_DE -f UTF-8 de_DE.UTF-8

# Readers of microscopes' files that ask for more than they need: clouds (which hold back fsspec and
# python-dateutil), numpy below 2, films.
READERS := bioio-nd2 bioio-sldy bioio-imageio

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q "$(TORCH)"
	$(BIN)/python -m pip install -q -e ".[dev]"
	$(BIN)/python -m pip install -q --no-deps $(READERS)
	touch $@

$(VENV)/docs-ready: $(VENV)/ready
	$(BIN)/python -m pip install -q -e ".[docs]"
	touch $@

dist: $(VENV)/ready  ## source archive and wheel, into dist/
	rm -rf dist
	$(BIN)/python -m build

check-tag: $(VENV)/ready  ## is TAG, such as v1.2.3, the version of this tree?
	test "$(TAG)" = "v$$($(BIN)/python -c 'import napari_autolut as a; print(a.__version__)')"

benchmarks: $(VENV)/bench-ready  ## speed, into benchmarks/results/
	$(BIN)/python benchmarks/engine.py $(INTO)
	$(BIN)/python benchmarks/networks.py $(INTO)

speed-pages: INTO := --readme
speed-pages: benchmarks  ## the same into README and docs; with nothing beside it, under five minutes

$(VENV)/bench-ready: $(VENV)/ready
	$(BIN)/python -m pip install -q -e ".[bench]"
	touch $@

clean:
	rm -rf $(VENV) .venv-zoo $(OTHERS:test-%=.venv-%) build dist *.egg-info src/*.egg-info
