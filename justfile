# The one door: CI calls these words and no others.

# Everything that must be green before a commit.
check: fmt lint test doc

# What a fresh clone runs.
test:
    cargo test --workspace

fmt:
    cargo fmt --all --check

lint:
    cargo clippy --workspace --all-targets --all-features -- -D warnings

doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Every interleaving of three interferences (the ordinary tests search two).
explore:
    EXPLORE=3 cargo test --release -p regrow-core --test explore -- --nocapture

# Shows that each law kills its own mutant.
mutants:
    crates/core/mutants/run.sh

# Joins the acceptance catalogues with what the tests really ran.
acceptance:
    mkdir -p target
    cargo test -p regrow-tests --no-fail-fast 2>&1 | tee target/acceptance.log | tail -n 3
    cargo run -q -p regrow-tests --bin acceptance -- target/acceptance.log

# Licences, advisories, and who may depend on whom.
deny:
    cargo deny check

# The flagship.
kv *args:
    cargo run --release --example kv -- {{args}}
