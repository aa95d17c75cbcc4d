# A thin front for tools/build.py; `make help` lists everything.
FLAVOUR ?= release
T ?=
A ?=
export FLAVOUR
BUILD := python3 tools/build.py
STAGES := prerequisites toolchain sources native-python libs wasm-python configure-cache profile stdlib \
  bridge js wheels packages xbuildenv dist

.DEFAULT_GOAL := dist
.PHONY: $(STAGES) run test package-tests conformance bench serve lint format clean help

$(STAGES):
	@$(BUILD) $@

run bench package-tests conformance serve lint format clean:
	@$(BUILD) $@ $(A)

test:
	@$(BUILD) test $(T) $(A)

help:
	@$(BUILD) help
	@echo
	@echo "make STAGE runs a stage. FLAVOUR=dev builds with assertions;"
	@echo "make test T=tests/bridge/test_jsproxy_calls.py runs one test file;"
	@echo "A=... gives a stage further arguments (make serve A=\"--port 9000\")."
