# Everyday commands. On a bare machine: Python 3.11 and make are enough.
PYTHON ?= python3.11
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
# Nothing that is built on here may phone home. Kedro's answer stands in .telemetry, DVC's in
# .dvc/config; the others read the environment.
export DO_NOT_TRACK := true
export MLFLOW_DISABLE_TELEMETRY := true
export ORT_DISABLE_TELEMETRY := 1
export RAY_USAGE_STATS_ENABLED := 0
export HF_HUB_DISABLE_TELEMETRY := 1
STORE := sqlite:///$(CURDIR)/mlflow.db

.DEFAULT_GOAL := help
.PHONY: help run test lint format ui viz clean

help:  ## show these commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

run: .venv/ready  ## set up, run images, molecules and text, show the leaderboards
	kedro run

test: .venv/ready  ## run every test
	python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

lint: .venv/ready  ## style and types
	ruff check .
	ruff format --check .
	mypy

format: .venv/ready  ## mend the style
	ruff check --fix .
	ruff format .

ui: .venv/ready  ## compare recorded runs in MLflow, at http://127.0.0.1:5000
	MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false mlflow ui --workers 1 --backend-store-uri $(STORE)

viz: .venv/ready  ## see the pipeline in kedro-viz, at http://127.0.0.1:4141
	kedro viz run

clean:  ## remove the virtual environment, so that the next command makes it anew
	rm -rf .venv

# Rebuilt when a dependency changes. The file appears last: a set-up that was cut off is repeated.
.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --disable-pip-version-check --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
