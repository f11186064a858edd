# What people type. Every target sets up what it needs; see README.md.
.PHONY: help setup build start demo test lint format package bench bench-dynamodb bench-s3 bench-lambda bench-gateway bench-load bench-packages fuzz clean

SWIFT_FLAGS := --explicit-target-dependency-import-check error
RELEASE := .build/release
VENV := .build/venv
PEERS := .build/peers
FUZZ_SECONDS ?= 600

help:
	@echo "make start    build and run the emulator with the Mumble functions"
	@echo "make demo     the whole journey: speech, transcript, picture, gallery, like"
	@echo "make test     every check: format, unit tests, real clients over sockets"
	@echo "make package  one zip per function for AWS Lambda, without Docker"
	@echo "make bench    the numbers of the README, measured here; make bench-dynamodb the tables alone, make bench-s3 S3, make bench-lambda functions, make bench-gateway the gateway, make bench-packages the zips, make bench-load 1,000 clients for BENCH_SECONDS=180"
	@echo "make fuzz     libFuzzer on parsers and encodings, FUZZ_SECONDS=600 for each"
	@echo "make format   format all sources"

setup:
	@scripts/setup.sh run

build: setup
	@echo "==> building emulator and functions (release)"
	@swift build -c release $(SWIFT_FLAGS)

start: build
	@$(RELEASE)/emulator start

demo: build
	@python3 scripts/demo.py

package: build
	@$(RELEASE)/emulator package --skip-build

lint:
	@echo "==> swift format lint"
	@git ls-files '*.swift' | xargs swift format lint --strict --parallel

format:
	@git ls-files '*.swift' | xargs swift format --in-place --parallel

$(VENV)/ready: Tests/Clients/requirements.txt
	@echo "==> installing the test clients (PyPI)"
	@python3 -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check -r Tests/Clients/requirements.txt
	@touch $@

setup-tests: setup
	@scripts/setup.sh test

test: setup-tests lint build $(VENV)/ready
	@echo "==> unit tests"
	@# One after another: suites of timers and child processes say what happens within a time.
	@python3 scripts/unit-tests.py --no-parallel $(SWIFT_FLAGS)
	@echo "==> real clients against the emulator: tools, crashes, documents, conformance of DynamoDB, S3 and Lambda"
	@$(VENV)/bin/python scripts/client-tests.py
	@echo "==> fuzzing, a short run"
	@scripts/fuzz.sh 10

fuzz: setup-tests
	@scripts/fuzz.sh $(FUZZ_SECONDS)

# In an environment of their own, since each pins its own versions of what it needs.
$(PEERS)/ready: Benchmarks/requirements.txt
	@echo "==> installing the servers to compare with (PyPI)"
	@python3 -m venv $(PEERS)
	@$(PEERS)/bin/pip install --quiet --disable-pip-version-check -r Benchmarks/requirements.txt
	@touch $@

bench: setup-tests build $(PEERS)/ready bench-dynamodb bench-s3 bench-lambda bench-gateway bench-packages
	@BENCH_PEERS=$(PEERS)/bin python3 Benchmarks/run.py

bench-dynamodb: setup-tests build $(PEERS)/ready
	@BENCH_PEERS=$(PEERS)/bin python3 Benchmarks/dynamodb.py

bench-s3: setup build $(PEERS)/ready
	@scripts/setup.sh bench
	@BENCH_PEERS=$(PEERS)/bin python3 Benchmarks/objects.py

bench-lambda: setup build $(PEERS)/ready
	@scripts/setup.sh bench
	@BENCH_PEERS=$(PEERS)/bin python3 Benchmarks/functions.py

bench-gateway: setup build $(PEERS)/ready
	@scripts/setup.sh bench
	@BENCH_PEERS=$(PEERS)/bin python3 Benchmarks/gateway.py

bench-load: setup build
	@python3 Benchmarks/load.py

bench-packages: setup build $(PEERS)/ready
	@BENCH_PEERS=$(PEERS)/bin python3 Benchmarks/packages.py

clean:
	@rm -rf .build
