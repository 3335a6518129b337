# DeepSeek Trading Dashboard. `make` alone lists the targets.
# Needs Python 3.11 or newer and make; everything else goes into .venv.

PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
RUN := .venv/bin/python
NODE := $(shell command -v node 2>/dev/null)
FAST := -m "not simulator and not browser and not faults and not soak"

.DEFAULT_GOAL := help
.PHONY: alarms-test doctor help setup demo dashboard start stop restart maintenance update install-service emergency-stop resume backup restore restore-drill restart-feed status metrics test test-fast test-all check bench chaos format test-faults incident-bundle

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1|/' | \
		awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

.venv/runtime.stamp: requirements.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.11 or newer found. Install one, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "Setting up .venv with $(PYTHON) (once; under a minute on a fast line) ..."
	@test -x $(RUN) && $(RUN) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || $(PYTHON) -m venv --clear .venv
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/runtime.stamp
	@echo "Adding what the checks and tests need ..."
	@$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

directories:
	@mkdir -p data/cache logs backups reports
.PHONY: directories

setup: .venv/runtime.stamp directories  ## build .venv and the run-time directories

demo: setup  ## start everything on the built-in exchange simulator: no network, no key
	@$(RUN) main.py demo

dashboard: setup  ## serve the page in the foreground (http://127.0.0.1:8050)
	@$(RUN) main.py dashboard

start: setup  ## start engine and dashboard in the background, supervised
	@$(RUN) main.py start

stop: setup  ## end every process of this installation, demo or live
	@$(RUN) main.py stop

maintenance: setup  ## back up and clean up now, as the engine does each night; ARGS=--weekly, --monthly
	@$(RUN) main.py maintenance $(ARGS)

update: setup  ## after new code was checked out: back up, migrate, check, restart what ran
	@$(RUN) main.py update

install-service: setup  ## write a systemd user unit or launchd agent; ARGS="--enable", "--print", "--uninstall"
	@$(RUN) main.py install-service $(ARGS)

restart: setup  ## stop what runs, demo or live, and start the same again
	@$(RUN) main.py restart

emergency-stop:  ## end all trading at once, back up; REASON="..." is kept
	@$(RUN) main.py emergency-stop $${REASON:+--reason "$$REASON"}

resume: setup  ## let the engine trade again after an emergency stop or a drawdown; REASON="..."
	@$(RUN) main.py resume $${REASON:+--reason "$$REASON"}

backup: setup  ## back up journal, configuration and reports to backups/; SECRETS=1 with .env, encrypted
	@$(RUN) main.py backup $${SECRETS:+--secrets}

restore: setup  ## restore BACKUP=name or latest; STOP=1 ends what runs first, SECRETS=1 with .env
	@test -n "$$BACKUP" || { echo "Name it: make restore BACKUP=latest, or BACKUP=backup_20261121_160000"; exit 2; }
	@$(RUN) main.py restore $${STOP:+--stop} $${SECRETS:+--secrets} -- "$$BACKUP"

restore-drill: setup  ## try the newest backup, or BACKUP=name, in a scratch home and compare
	@$(RUN) main.py restore-drill -- "$${BACKUP:-latest}"

incident-bundle: setup  ## pack logs, health, configuration and versions, without secrets
	@$(RUN) main.py incident-bundle

alarms-test: setup  ## send a test message to every address of ALARM_URLS
	@$(RUN) main.py alarms test

restart-feed: setup  ## replace the sockets of the running engine, without ending it
	@$(RUN) main.py restart-feed

status: setup  ## tell what runs
	@$(RUN) main.py status || [ $$? -eq 3 ]

doctor:  ## look the installation over and say what to do; changes nothing
	@test -x $(RUN) || { echo "problem  python           there is no .venv yet -> make setup"; exit 1; }
	@$(RUN) main.py doctor

metrics: setup  ## print the success metrics
	@$(RUN) scripts/compute_success_metrics.py

format: .venv/dev.stamp  ## format and fix what can be fixed
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

LINT := .venv/bin/ruff format --check . && .venv/bin/ruff check . && .venv/bin/mypy && \
	.venv/bin/mypy main.py && .venv/bin/lint-imports

lint: .venv/dev.stamp
	@$(LINT)
.PHONY: lint

check: lint test-fast  ## format, lint, types, import direction, fast tests

# Tests start Python a few hundred times: let it keep what it has compiled, whatever was exported.
check test test-fast test-faults test-all: export PYTHONDONTWRITEBYTECODE =

test-fast: .venv/dev.stamp directories  ## fast tests only, about a minute and a half
	@.venv/bin/pytest -q $(FAST)

# Processes mostly wait and browser tests run in Chromium: both beside the rest, each told at its end.
LANE = .venv/bin/pytest -q -p no:cacheprovider -m
test: .venv/dev.stamp directories  ## checks, fast, simulator, process and browser tests: what CI runs
	@echo "Browser and process tests run beside the checks and the rest, and report last ..."
	@$(LANE) "browser and not faults" >reports/test-browser.log 2>&1 & browser=$$!; \
		$(LANE) "product and not faults and not browser and not soak" >reports/test-product.log 2>&1 & product=$$!; \
		trap 'kill $$browser $$product 2>/dev/null' EXIT; trap 'exit 130' INT TERM; status=0; \
		{ $(LINT); } || exit; \
		.venv/bin/pytest -q -m "not soak and not faults and not browser and not product" || status=$$?; \
		for lane in $$browser $$product; do wait $$lane || status=$$?; done; \
		cat reports/test-browser.log reports/test-product.log; exit $$status

test-faults: .venv/dev.stamp directories  ## each fault of exchange and machine, with a short soak
	@.venv/bin/pytest -q -m "faults and not soak"

chaos: .venv/dev.stamp  ## let seeded faults strike a demo of its own, and tell what was lost; SEED=1 ROUNDS=8
	@$(RUN) -m tests.faults.chaos $(if $(SEED),--seed $(SEED)) $(if $(ROUNDS),--rounds $(ROUNDS))

test-all: test test-faults  ## all that, then random faults for SOAK_MINUTES (10) and chaos
	@.venv/bin/pytest -q -m soak
	@$(MAKE) --no-print-directory chaos

bench: .venv/dev.stamp directories  ## measure; writes reports/bench.json and says which targets hold
	@$(RUN) -m benchmarks
