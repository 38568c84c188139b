# Two commands matter: `make run` starts the demo, `make test` tests everything. Both bring what they need.
# Everything is built with one profile (dev), so that nothing is compiled twice.

.DELETE_ON_ERROR:
.PHONY: help run build test assets faces packages journeys screenshots failures bench bench-lists bench-vision fuzz fmt lint

# The demo keeps its data here; a second start goes on with it.
DATA ?= data/demo
PROGRAM := target/debug/baokao

help:
	@echo "make run          fetch, build and start the demo on http://127.0.0.1:8080"
	@echo "make test         all tests: SQLite, PostgreSQL, browser"
	@echo "make assets       fetch style sheets, models and fonts (run and test do it by themselves)"
	@echo "make screenshots  pictures of every page in ./screenshots"
	@echo "make failures     what a candidate sees for each code of docs/FAILURES.md, in ./screenshots/failures"
	@echo "make bench        how fast it is"
	@echo "make bench-lists  how fast the console is with a million registrations, on both databases"
	@echo "make bench-vision how well and how fast documents and faces are read, beside RapidOCR"
	@echo "make fuzz         every parser of untrusted input, ten minutes each (SECONDS=…)"
	@echo "make fmt lint     format; check with clippy"

run: build
	@BAOKAO_DATA="$${BAOKAO_DATA:-$(DATA)}" $(PROGRAM) demo

build: assets
	@cargo build

# Each script does nothing when what it fetches is there already.
assets:
	@scripts/fetch-node.sh
	@scripts/fetch-models.sh
	@scripts/fetch-fonts.sh

# Photographs of real faces, for tests only.
faces:
	@scripts/fetch-faces.sh

# PostgreSQL, Chromium and a Chinese font, from Debian: installed where missing and allowed.
packages:
	@scripts/need-debian.sh

test: packages assets faces
	cargo test --workspace
	@$(MAKE) --no-print-directory journeys

# The journeys in Chromium; they drive the program that `cargo test` has just built.
journeys:
	node --test --test-concurrency=2 tests/browser/

screenshots: packages assets faces
	@cargo build
	SCREENSHOTS=screenshots node --test --test-concurrency=1 tests/browser/manual.test.mjs tests/browser/pages.test.mjs tests/browser/school.test.mjs tests/browser/review.test.mjs

failures: packages assets faces
	@cargo build
	SCREENSHOTS=screenshots/failures node tests/browser/failures/main.mjs

# The same profile as everything else: dependencies and crates/* are optimised in it.
bench: assets faces
	@scripts/fetch-wheels.sh openpyxl
	cargo bench --profile dev --bench speed
	cargo test --workspace --test it -- --ignored --nocapture --test-threads=1 load::

# Half an hour and some gigabytes; BAOKAO_LOAD_CANDIDATES for fewer.
bench-lists: packages assets
	cargo test --workspace --test it -- --ignored --nocapture --test-threads=1 registrations_lists::

# Some 2,000 pictures are drawn and read, and 400 of them read twice more by RapidOCR: an hour and 1.5 GB in target/tmp.
bench-vision: assets faces
	@scripts/fetch-wheels.sh rapidocr
	cargo bench --profile dev --bench vision
	cargo bench --profile dev --bench faces

# A workspace of its own with a build of its own: see scripts/fuzz.sh.
fuzz:
	@scripts/fuzz.sh $(or $(SECONDS),600)

fmt:
	cargo fmt --all
	cargo fmt --all --manifest-path fuzz/Cargo.toml

lint: assets
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	@if command -v cargo-deny >/dev/null; then cargo deny check; else echo "cargo-deny is not installed: licences and advisories were not checked"; fi
