#!/usr/bin/env bash
# What a tree of 200 children costs to compile, in the macro and by hand. Two packages that differ in nothing else are made in a
# temporary directory; what they depend on is built first. Then each alone is built again and again, the two in turns and in
# changing order, because machines are noisy. Rounds: the first argument, 9 without it.
set -euo pipefail
rounds=${1:-9}
repository=$(cd "$(dirname "$0")/.." && pwd)
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

mkdir -p "$place"/{in_macro,by_hand}/src
cp "$repository/Cargo.lock" "$place/"
printf '[workspace]\nresolver = "3"\nmembers = ["in_macro", "by_hand"]\n' >"$place/Cargo.toml"
for package in in_macro by_hand; do
    cat >"$place/$package/Cargo.toml" <<EOF
[package]
name = "$package"
version = "0.1.0"
edition = "2024"

[dependencies]
regrow = { path = "$repository/crates/regrow" }
EOF
    cat >"$place/$package/src/main.rs" <<'EOF'
use regrow::*;
use std::time::Duration;

async fn run(ctx: Context) {
    ctx.stopped().await;
}

async fn up(ctx: Context, notify: NotifyStart) -> Result<(), BoxError> {
    notify.ready();
    ctx.stopped().await;
    Ok(())
}

async fn serve(ctx: Context, shard: u32, every: Duration) -> Result<(), BoxError> {
    println!("shard {shard} every {every:?}");
    ctx.stopped().await;
    Ok(())
}

fn sit(ctx: ThreadContext) {
    ctx.stopped();
}

EOF
done

# One worker in the macro and by hand: $1 says which, $2 is its number.
worker() {
    local name="w$2"
    case "$1-$(($2 % 6))" in
    in_macro-0) echo "Worker { name: \"$name\", start: run, restart: Transient, shutdown: 10s, backoff: Backoff::exponential(100ms, 30s) }," ;;
    by_hand-0) echo ".child(Worker::new(\"$name\", run).restart(Restart::Transient).shutdown(Duration::from_secs(10)).backoff(Backoff::exponential(Duration::from_millis(100), Duration::from_secs(30))))" ;;
    in_macro-1) echo "Worker { name: \"$name\", start: |ctx| serve(ctx, $2, 5s), shutdown: 250ms, own_tolerance: (3, 1m), on_abandoned: Overlap }," ;;
    by_hand-1) echo ".child(Worker::new(\"$name\", |ctx| serve(ctx, $2, Duration::from_secs(5))).shutdown(Duration::from_millis(250)).own_tolerance((3, Duration::from_secs(60))).on_abandoned(OnAbandoned::Overlap))" ;;
    in_macro-2) echo "Worker { name: \"$name\", start: up, notify_start: true, start_timeout: 1m, shutdown: 5s, restart: Transient }," ;;
    by_hand-2) echo ".child(Worker::with_notify_start(\"$name\", up).start_timeout(Duration::from_secs(60)).shutdown(Duration::from_secs(5)).restart(Restart::Transient))" ;;
    in_macro-3) echo "Worker { name: \"$name\", thread: sit, shutdown: 1m30s, restart: Temporary, on_abandoned: Overlap }," ;;
    by_hand-3) echo ".child(Worker::thread(\"$name\", sit).shutdown(Duration::from_secs(90)).restart(Restart::Temporary).on_abandoned(OnAbandoned::Overlap))" ;;
    in_macro-4) echo "Worker { name: \"$name\", start: move |ctx: Context| async move { ctx.stopped().await }, drain: 2s, shutdown: 10s, capture_panic: true, restart: Permanent, backoff: Backoff::constant(1s) }," ;;
    by_hand-4) echo ".child(Worker::new(\"$name\", move |ctx: Context| async move { ctx.stopped().await }).drain(Duration::from_secs(2)).shutdown(Duration::from_secs(10)).capture_panic(true).restart(Restart::Permanent).backoff(Backoff::constant(Duration::from_secs(1))))" ;;
    in_macro-5) echo "Worker { name: \"$name\", start: run, restart: Transient, shutdown: Kill, own_tolerance: Tolerance::new(5, 1m).then(StayDown) }," ;;
    by_hand-5) echo ".child(Worker::new(\"$name\", run).restart(Restart::Transient).shutdown(Shutdown::Kill).own_tolerance(Tolerance::new(5, Duration::from_secs(60)).then(AtLimit::StayDown)))" ;;
    esac
}

# 20 supervisors, three deep, and 180 workers below them.
number=0
{
    echo "fn shop() -> Supervisor { supervision_tree!(Supervisor { name: \"shop\", strategy: RestForOne, children: ["
    for area in 1 2 3 4; do
        echo "Supervisor { name: \"area-$area\", tolerance: (5, 1m), children: ["
        for ((group = area; group <= 15; group += 4)); do
            echo "Supervisor { name: \"group-$group\", strategy: OneForAll, children: ["
            for _ in {1..12}; do worker in_macro $((number++)); done
            echo "] },"
        done
        echo "] },"
    done
    echo "] }) }"
} >>"$place/in_macro/src/main.rs"
number=0
{
    echo "fn shop() -> Supervisor { Supervisor::new(\"shop\").strategy(Strategy::RestForOne)"
    for area in 1 2 3 4; do
        echo ".child(Supervisor::new(\"area-$area\").tolerance((5, Duration::from_secs(60)))"
        for ((group = area; group <= 15; group += 4)); do
            echo ".child(Supervisor::new(\"group-$group\").strategy(Strategy::OneForAll)"
            for _ in {1..12}; do worker by_hand $((number++)); done
            echo ")"
        done
        echo ")"
    done
    echo "}"
} >>"$place/by_hand/src/main.rs"
printf '\nfn main() {\n    println!("{:#?}", shop());\n}\n' | tee -a "$place"/*/src/main.rs >/dev/null

cd "$place"
export CARGO_TARGET_DIR="$place/target" CARGO_NET_OFFLINE=true
for incremental in 0 1; do
    CARGO_INCREMENTAL=$incremental cargo build -q
    CARGO_INCREMENTAL=$incremental cargo check -q
done
# They are the same tree, else there is nothing to compare.
cmp <(target/debug/in_macro) <(target/debug/by_hand)
test "$(target/debug/by_hand | grep -c ChildSpec)" -eq 199

# Milliseconds of one build of one package alone: with `1` what rustc kept of the last one helps, with `0` nothing does.
once() {
    local begin
    touch "$3/src/main.rs"
    begin=$(date +%s%N)
    CARGO_INCREMENTAL=$2 cargo "$1" -q -p "$3"
    echo $((($(date +%s%N) - begin) / 1000000)) >>"$1-$2-$3"
}

for ((round = 0; round < rounds; round++)); do
    packages=(in_macro by_hand)
    if ((round % 2)); then packages=(by_hand in_macro); fi
    for word in build check; do
        for incremental in 0 1; do
            for package in "${packages[@]}"; do once $word $incremental "$package"; done
        done
    done
done

echo "$rounds rounds, load $(cut -d' ' -f1 /proc/loadavg), $(rustc --version | cut -d' ' -f1,2); medians, and from the least to the most"
middle=$(((rounds + 1) / 2))
for word in build check; do
    for incremental in 0 1; do
        for package in in_macro by_hand; do sort -n "$word-$incremental-$package" >"$package"-sorted; done
        paste in_macro-sorted by_hand-sorted | awk -v middle=$middle -v what="cargo $word, incremental $incremental" '
            NR == 1 { least_in = $1; least_by = $2 }
            NR == middle { in_macro = $1; by_hand = $2 }
            END {
                printf "%-28s in the macro %4d ms (%d to %d), by hand %4d ms (%d to %d): %.2f times\n",
                    what, in_macro, least_in, $1, by_hand, least_by, $2, in_macro / by_hand
            }'
    done
done
