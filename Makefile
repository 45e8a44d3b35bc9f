# Short targets; the work is in cargo. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help run demo test check contract lint openapi examples sdk release-document bench postgres browser java node python openssl

CARGO ?= cargo

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## build, seed a sandbox once, and serve it on 127.0.0.1:8080
	LONJA_ENVIRONMENT=sandbox $(CARGO) run -p lonja -- serve --seed

demo: ## play the main job with the SDK against the running sandbox
	$(CARGO) build -p lonja
	LONJA_ENVIRONMENT=sandbox $(CARGO) run -p lonja-sdk --example main_job -- target/debug/lonja

test: postgres browser java target/python openapi/node_modules/.package-lock.json ## the whole suite, on SQLite and on PostgreSQL
	$(CARGO) run -q -p lonja-tests --bin suite

check: lint postgres openssl target/python ## format, lints, docs, fresh document and SDK, no silent break, file sizes, contract
	@git rev-parse --is-inside-work-tree >/dev/null
	$(CARGO) fmt --all --check
	$(CARGO) clippy -q --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc -q --workspace --no-deps --document-private-items
	$(CARGO) run -q -p lonja -- openapi | diff -u openapi/openapi.json - \
		|| { echo "openapi/openapi.json is stale: run make openapi sdk"; exit 1; }
	$(CARGO) run -q -p lonja-openapi -- check openapi/openapi.json sdk/src/generated
	@$(CARGO) run -q -p lonja-openapi -- breaks openapi/released.json openapi/openapi.json
	@for features in "" blocking tracing webhooks rustls native-tls; do \
		$(CARGO) check -q -p lonja-sdk --lib --no-default-features --features "$$features" || exit 1; done
	@# What the SDK promised with its last release still holds, once there is one.
	@tag=$$(git tag --list 'sdk-v*' --sort=-v:refname | head -n 1); [ -z "$$tag" ] || { \
		{ command -v cargo-semver-checks >/dev/null || $(CARGO) install -q --locked cargo-semver-checks@0.51.0; } && \
		$(CARGO) semver-checks -p lonja-sdk --baseline-rev "$$tag"; }
	@git ls-files '*.rs' | grep -v '/generated/' | xargs wc -l \
		| awk '$$2 != "total" && $$1 > 500 { print "over 500 lines: " $$2; bad = 1 } END { exit bad }'
	$(CARGO) run -q -p lonja-tests --bin contract -- quick

lint: openapi/node_modules/.package-lock.json ## the document under the rules of Spectral (OpenAPI, OWASP) and Redocly
	@cd openapi && node_modules/.bin/spectral lint openapi.json --fail-severity=warn --quiet
	@cd openapi && REDOCLY_SUPPRESS_UPDATE_NOTICE=true NO_COLOR=1 node_modules/.bin/redocly lint openapi.json

examples: postgres ## record the document's examples anew from what the service takes and answers
	$(CARGO) test -q -p lonja-tests --test it -- --ignored record_examples
	$(MAKE) openapi

release-document: ## make the present document the one that no later one may break silently
	$(CARGO) run -q -p lonja-openapi -- breaks openapi/released.json openapi/openapi.json
	cp openapi/openapi.json openapi/released.json

openapi: ## write openapi/openapi.json from the service
	$(CARGO) run -q -p lonja -- openapi > openapi/openapi.json.new
	mv openapi/openapi.json.new openapi/openapi.json

sdk: ## generate sdk/src/generated from openapi/openapi.json
	$(CARGO) run -q -p lonja-openapi -- generate openapi/openapi.json sdk/src/generated

contract: postgres target/python ## the service against its document, ten minutes a run: schemathesis, all checks
	$(CARGO) build -q -p lonja
	$(CARGO) run -q -p lonja-tests --bin contract -- $(or $(SECONDS),600) $(SEED)

bench: postgres ## reads and writes through the API beside pgbench doing the same statements
	$(CARGO) build -q --release -p lonja
	$(CARGO) run -q --release -p lonja-tests --bin bench

# Programs of other languages that the suite asks to check what Lonja made.
target/python: tests/requirements.txt | python
	python3 -m venv $@ && $@/bin/pip install -q --disable-pip-version-check -r $< && touch $@

# The linters of the document, as the lockfile pins them.
openapi/node_modules/.package-lock.json: openapi/package-lock.json | node
	@cd openapi && npm ci --silent

# $(call need,TEST,PACKAGES,WORDS): unless the test holds, installs the packages of Debian; where it does not hold then, or
# there is no apt, says what is needed.
need = @holds() { { $(1); } >/dev/null 2>&1; }; holds || { \
	if command -v apt-get >/dev/null 2>&1; then \
		SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
		$$SUDO apt-get update -qq; $$SUDO env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(2); \
	fi; \
	holds || { echo "$(3)"; exit 1; }; }

node:
	$(call need,command -v npm && node -e 'process.exit(+(parseInt(process.versions.node) < 20))',nodejs npm,The linters and the clients in other languages need Node 20 or later and npm.)

# The generator of clients in other languages is a Java program.
java:
	$(call need,command -v java,default-jre-headless,The suite makes clients in other languages with a Java program: install Java 17 or later.)

python:
	$(call need,python3 -c 'import ensurepip',python3-venv,The suite needs Python 3.11 or later with venv.)

# For the SDK's feature `native-tls`.
openssl:
	$(call need,pkg-config --exists openssl || [ "$$(uname)" != Linux ],libssl-dev pkg-config,The SDK with native-tls needs the headers of OpenSSL and pkg-config.)

browser:
	$(call need,command -v chromedriver,chromium chromium-driver,The pages are tested in Chromium: install it and its driver.)

# The suite needs the server's programs, not a running server.
postgres:
	$(call need,[ -n "$$TEST_DATABASE_URL" ] || command -v pg_ctl || ls /usr/lib/postgresql/*/bin/pg_ctl,postgresql,The suite needs PostgreSQL: install its server package or set TEST_DATABASE_URL.)
