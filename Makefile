# `make demo` and `make test` do all the set-up, system packages included.

PORT ?= 8080
BIN := .build/release/zheng
SWIFT ?= swift

.PHONY: demo consortium test bench format lint soak steady setup release install

demo: release
ifdef ONCE
	$(BIN) demo
else
	$(BIN) demo --serve --listen 127.0.0.1:$(PORT)
endif

# Four validators and three members of etcd on this machine, over TLS: both procedures, and what happens when things fail. etcd is Debian's
# etcd-server, and Go judges a proof; both are installed where they are missing and may be. CONSORTIUM_FLAGS=--peers-only goes without etcd.
consortium: release
	python3 Tests/Consortium/demo.py $(BIN) $(CONSORTIUM_FLAGS)

test: setup
	$(SWIFT) test

release: setup
	$(SWIFT) build -c release --product zheng

# A binary with Swift's libraries in it: the machine it runs on needs libssl3, libsqlite3-0 and libstdc++6, and nothing of Swift.
# Completions for bash, zsh and fish go where those shells look for them.
PREFIX ?= /usr/local
install: setup
	$(SWIFT) build -c release --product zheng --static-swift-stdlib --scratch-path .build/static
	install -D -m 755 .build/static/release/zheng $(DESTDIR)$(PREFIX)/bin/zheng
	for shell in bash zsh fish; do \
	  .build/static/release/zheng --generate-completion-script $$shell > .build/static/completion.$$shell || exit 1; done
	install -D -m 644 .build/static/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/zheng
	install -D -m 644 .build/static/completion.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_zheng
	install -D -m 644 .build/static/completion.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/zheng.fish

# Writes Benchmarks/REPORT.md and its charts anew; BENCH_FLAGS=--long measures 2 million records too.
bench: release
	$(BIN) bench report --out Benchmarks $(BENCH_FLAGS)

format:
	$(SWIFT) format --in-place --recursive Sources Tests Benchmarks Examples Package.swift

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Benchmarks Examples Package.swift

# The long counts: what tests leave out of make test, up to a million inputs a parser, 200 rounds of kill -9 each way, five minutes
# of load, twenty minutes of four validators among which everything fails in turn, 10,000 requests after a node's own description.
# Optimised, the tests take a quarter of an hour on two cores; as make test
# builds them, hours.
soak: setup release
	ZHENG_SOAK=1 ZHENG_FUZZ_INPUTS=1000000 $(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build/soak
	python3 Tests/Soak/kill_rounds.py $(BIN) --rounds 200
	python3 Tests/Soak/kill_rounds.py $(BIN) --rounds 200 --node
	python3 Tests/Soak/load.py $(BIN)
	python3 Tests/Soak/namespaces.py $(BIN) --minutes 20
	python3 Tests/Soak/consortium_figures.py $(BIN)
	python3 -m venv .build/soak-python && .build/soak-python/bin/pip install -q -r Tests/Soak/requirements.txt
	.build/soak-python/bin/python Tests/Soak/described_requests.py $(BIN) --examples 400
	.build/soak-python/bin/python Tests/Soak/foreign_client.py $(BIN)

# All tests, three times beside a process that keeps one core busy and three beside one that takes all cores away now and then.
steady: setup
	Tests/Soak/steady.sh

setup:
	@.ci/setup
