# The course from nothing: `make book` makes what one reads, `make test` proves that it is right.
# Each step is a plain command that works without make too; the README lists them.

PYTHON ?= python3
PORT ?= 8000

VENV := .venv
# The environment's programs lie in Scripts on Windows.
BIN := $(if $(filter Windows_NT,$(OS)),$(VENV)/Scripts,$(VENV)/bin)
RUN := $(BIN)/python
CHECK := $(RUN) book/_tools/check.py

.DEFAULT_GOAL := help
.PHONY: help env notebooks book pdf epub serve test lint format types unit nbval portability pages links \
        kernels corpus experiments results clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

env: $(VENV)/.installed ## make the virtual environment and install everything pinned

$(VENV)/.installed: requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; v = sys.version_info[:2]; v >= (3, 11) or \
	  sys.exit(f'Python 3.11 or newer is needed, this is {v[0]}.{v[1]}: make PYTHON=python3.12')"
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet -r requirements.txt
	$(RUN) -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(RUN) -c "import pathlib; pathlib.Path('$@').touch()"

notebooks: env ## bring notebooks/ up to date with book/ and rnnlab/ (FORCE=1 executes all anew)
	$(RUN) book/_tools/notebooks.py $(if $(FORCE),--force)

book: notebooks pages ## build the book to read, from executed notebooks
	@$(RUN) -c "import pathlib; print('\nThe book:', pathlib.Path('_build/html/index.html').resolve().as_uri())"
	@echo "or: make serve"

pages: env
	@$(CHECK) book

serve: ## show the built book on localhost (PORT=8000)
	$(RUN) -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

pdf: book ## print the whole book: _build/rnnlab.pdf (needs Chromium)
	$(RUN) book/_tools/pdf.py

epub: book ## the whole book as an e-book: _build/rnnlab.epub (needs Chromium)
	$(RUN) book/_tools/epub.py

test: env ## run every check
	@$(CHECK)

lint: env ## formatting and lint, of the chapters' code too
	@$(CHECK) lint

format: env ## put the code's formatting right
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --exclude notebooks .
	$(RUN) book/_tools/cells.py

types: env ## mypy, strict on rnnlab
	@$(CHECK) types

unit: env ## unit and property tests with coverage
	@$(CHECK) unit

nbval: env ## every notebook against its stored outputs, strictly
	@$(CHECK) nbval

portability: env ## the same on one and two threads, and on older instruction sets
	OMP_NUM_THREADS=1 $(CHECK) nbval
	OMP_NUM_THREADS=2 $(CHECK) nbval
	ATEN_CPU_CAPABILITY=default $(CHECK) nbval
	ATEN_CPU_CAPABILITY=avx2 $(CHECK) nbval

links: env ## links inside the built book
	@$(CHECK) links

kernels: env ## run the Triton kernels without a GPU, in Triton's interpreter (Linux)
	$(RUN) -m pip install --quiet --no-build-isolation --editable ".[triton]" # pyproject.toml has the pin
	$(RUN) -m pytest tests/test_gpu_kernels.py

corpus: env ## freeze the book's prose anew as the text that its models train on
	$(RUN) book/_tools/corpus.py

experiments: env ## do those runs of the experiments that have not been done here, on all cores
	$(RUN) benchmarks/gaps.py
	$(RUN) benchmarks/remembering.py
	$(RUN) benchmarks/variants.py
	$(RUN) benchmarks/choosing.py
	$(RUN) benchmarks/pretraining.py

results: env ## run the benchmarks anew and write their result files
	$(RUN) benchmarks/step_time.py
	$(RUN) benchmarks/character_models.py
	$(RUN) benchmarks/utterances.py
	$(RUN) benchmarks/directions.py
	$(RUN) benchmarks/depth.py
	$(RUN) benchmarks/direction_cost.py
	$(RUN) benchmarks/dates.py
	$(RUN) benchmarks/reber.py
	$(RUN) benchmarks/padding.py
	$(RUN) benchmarks/lengths.py
	$(RUN) benchmarks/decoding.py
	$(RUN) benchmarks/alignment.py
	$(RUN) benchmarks/self_attention.py
	$(MAKE) experiments
	$(RUN) benchmarks/layers.py
	$(RUN) benchmarks/ladder.py
	$(RUN) benchmarks/roofline.py
	$(RUN) benchmarks/parallel_scan.py
	$(RUN) benchmarks/page_speed.py # needs the built book, and Chromium
	$(RUN) benchmarks/memorising.py # these three need the text: see "Data sheets" in the book
	$(RUN) benchmarks/predicting.py
	$(RUN) benchmarks/language_models.py
	-$(RUN) benchmarks/gpu_layers.py # needs a GPU: without one it says so and writes nothing

clean: ## remove what was built (not the environment, not notebooks/)
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
