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

# Random trees under random faults: as many seeds as one likes. One seed, with all of its events: `CHAOS_SEED=7 just chaos 1`.
chaos seeds="100000":
    CHAOS_SEEDS={{seeds}} cargo test -p regrow-tests --test chaos the_laws_hold_for_many_seeds -- --nocapture

# Shows that each law kills its own mutant.
mutants:
    tests/mutants.sh

# What a tree of 200 children costs to compile, in the macro and by hand. Run it when the machine has nothing else to do.
compile-cost rounds="9":
    tests/compile_cost.sh {{rounds}}

# How the cases of the acceptance catalogues stand, by what a run really executed. Fails when a test does, or a case is claimed twice.
acceptance:
    #!/usr/bin/env bash
    set -euo pipefail
    run=$(mktemp)
    trap 'rm -f "$run"' EXIT
    # A failed test is the joiner's to tell; a crate that does not build shows as a run without tests.
    cargo test -p regrow-tests --no-fail-fast 2>&1 | tee "$run" | grep -E '^(error|test result)' || true
    cargo run -q -p regrow-tests --bin acceptance -- "$run"

# Licences, advisories, and who may depend on whom.
deny:
    cargo deny check

# The flagship.
kv *args:
    cargo run --release --example kv -- {{args}}

# The flagship beside a real Redis, in one run (packages redis-server and redis-tools).
kv-bench rounds="5":
    examples/kv/bench.sh {{rounds}}

# Five minutes for what kv reads from clients, five for what it reads from its log. What is found stands in tests/fuzz/artifacts; what is
# new goes into the corpora, which the ordinary tests try. Needs a C++ compiler, and `cargo install cargo-fuzz`.
fuzz seconds="300":
    cargo fuzz run --fuzz-dir tests/fuzz -s none parser -- -max_len=4096 -max_total_time={{seconds}}
    cargo fuzz run --fuzz-dir tests/fuzz -s none log -- -max_len=4096 -max_total_time={{seconds}}
