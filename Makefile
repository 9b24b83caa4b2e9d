# What developers do. From a clean clone it needs Python 3.10 or newer with pip, git and make; the first run downloads
# the packages of uv.lock into .venv. PYTHON=python3.12 names the Python to take.

.DEFAULT_GOAL := test
.PHONY: bench corpus moves demo test test-frameworks test-live lint texts schemas sdk-table profiles-crosscheck provider-pages gotcha-pages lock clean test-browser docs reference-pages terminal-picture

# The tests start the program a thousand times: it must not be compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
UV = $$(command -v uv || echo $(BIN)/uv)
PYTHONS = $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python3.10 python

demo: $(READY)
	@$(BIN)/llm-migrate demo

test: lint
	$(BIN)/python scripts/texts.py --check
	$(BIN)/pytest -n auto --dist loadfile

# Runs migrated code with the frameworks themselves, which the first run installs below build.
test-frameworks: $(READY)
	$(BIN)/pytest --frameworks tests/test_frameworks_run.py

# Opens the HTML pages in a Chromium that is on this machine; CHROMIUM names one in another place.
test-browser: $(READY)
	$(UV) sync --frozen --all-extras --group browser --quiet
	$(BIN)/pytest tests/test_browser.py

# Checks servers that others wrote (llama.cpp with a small model, LiteLLM and more), which the first run installs below
# build.
test-live: $(READY)
	$(BIN)/pytest --live tests/test_live_servers.py

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/python scripts/provider_pages.py --check
	$(BIN)/python scripts/gotcha_pages.py --check
	$(BIN)/python scripts/schemas.py --check
	$(BIN)/python scripts/reference_pages.py --check
	$(BIN)/python scripts/terminal_picture.py --check

# Collects new texts into the Chinese catalogue and compiles it.
texts: $(READY)
	$(BIN)/python scripts/texts.py

# Writes cli/llm_migrate/schemas: what profiles and settings may say, and what the commands print.
schemas: $(READY)
	$(BIN)/python scripts/schemas.py

# Generates the table of OpenAI's API again from the published SDKs.
sdk-table: $(READY)
	$(BIN)/python scripts/generate_openai_api.py

# Holds the profiles against the newest LiteLLM, installed below build/, and against OPINION, a file in the form that
# scripts/litellm_opinion.py prints. Fails if a disagreement has no reason in scripts/crosscheck.toml.
profiles-crosscheck: $(READY)
	$(BIN)/python scripts/crosscheck.py $(if $(OPINION),--opinion "$(OPINION)")

# Writes docs/providers and docs/zh/providers from the profiles.
provider-pages: $(READY)
	$(BIN)/python scripts/provider_pages.py

# Writes docs/gotchas.md and docs/zh/gotchas.md: what breaks, the rules for it, and the cases of these.
gotcha-pages: $(READY)
	$(BIN)/python scripts/gotcha_pages.py

# Writes docs/reference and docs/zh/reference from the program itself.
reference-pages: $(READY)
	$(BIN)/python scripts/reference_pages.py

# Draws docs/terminal.svg and docs/zh/terminal.svg, the pictures in the README.
terminal-picture: $(READY)
	$(BIN)/python scripts/terminal_picture.py

# Builds the documentation's site below build/site; the first run installs its generator (Python 3.11 or newer).
docs: $(READY)
	$(UV) sync --frozen --all-extras --group docs --quiet
	$(BIN)/zensical build --strict

# Measures scan on labelled repositories. CORPUS is a folder of checkouts, LABELS one of labels, SCORE the script that
# scores.
corpus: $(READY)
	$(BIN)/python scripts/corpus.py "$(CORPUS)" --labels "$(LABELS)" --score "$(SCORE)"

# Moves copies of the checkouts below CORPUS to the providers of TO (default: all eight), and takes them back. PARTS is
# a TOML table that says which part of a checkout counts.
moves: $(READY)
	$(BIN)/python scripts/moves.py "$(CORPUS)" $(if $(PARTS),--parts "$(PARTS)") $(if $(TO),--to $(TO))

# Times the scan of a large tree of packages, which the first run installs. BENCH names another place for it: not
# below this folder, whose .gitignore the other finders obey.
BENCH = $${TMPDIR:-/tmp}/llm-migrate-tree
bench: $(READY)
	$(UV) sync --frozen --all-extras --group bench --quiet
	@[ -d "$(BENCH)" ] || $(BIN)/python benchmarks/tree.py "$(BENCH)"
	@missed=0; for script in "scan.py $(BENCH)" linear.py hook.py check.py rewrite.py; do \
		echo; echo "== $$script"; $(BIN)/python benchmarks/$$script || missed=1; \
	done; exit $$missed

lock: $(READY)
	$(UV) lock

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache build dist
	find cli codemods tests scripts benchmarks -name __pycache__ -prune -exec rm -rf {} +

# The environment is up to date as long as this file is newer than what it was made from.
$(READY): pyproject.toml uv.lock
	@python=; if ! $(BIN)/python -c '' 2>/dev/null; then \
		for name in $(PYTHONS); do \
			if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then python=$$name; break; fi; \
		done; \
		if [ -z "$$python" ]; then \
			echo "make: no Python 3.10 or newer found; install one, or name it: make PYTHON=/path/to/python3" >&2; exit 1; \
		fi; \
		echo "making $(VENV) with $$("$$python" --version)"; \
		"$$python" -m venv --clear $(VENV) || exit 1; \
	fi
	@if ! [ -x "$(UV)" ]; then \
		$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip --upgrade || exit 1; \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9' || exit 1; \
	fi
	$(UV) sync --frozen --all-extras
	@touch $@
