#!/usr/bin/env bash
# kv beside a real Redis, with redis-benchmark, in one run and in turn: `just kv-bench [ROUNDS]`.
# Prints the median of each, in thousands of requests a second, and kv's share of each Redis.
set -euo pipefail
cd "$(dirname "$0")/../.."
rounds=${1:-5}
cargo build --release --example kv
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$scratch"' EXIT
mkdir "$scratch/plain" "$scratch/log"

kv() { exec target/release/examples/kv --listen "127.0.0.1:$1" --dir "$scratch/$1" --fsync "$2"; }
redis() { exec redis-server --port "$1" --save "" --dir "$scratch/$2" "${@:3}"; }
kv 6490 no >/dev/null &
redis 6491 plain --appendonly no >/dev/null &
redis 6492 log --appendonly yes --appendfsync no >/dev/null &
kv 6493 everysec >/dev/null &
redis 6494 plain --appendonly yes --appendfsync everysec --appenddirname everysec >/dev/null &
for port in 6490 6491 6492 6493 6494; do
  for _ in $(seq 100); do redis-cli -p $port ping >/dev/null 2>&1 && break || sleep 0.1; done
done

for _ in $(seq "$rounds"); do
  for port in 6490 6491 6492 6493 6494; do
    redis-benchmark -p $port -t set,get,incr -P 16 -n 500000 -r 10000 --csv | tr -d '"' |
      awk -F, -v port=$port '/^(SET|GET|INCR),/ { print port, $1, $2 }'
  done
done | sort -k1,2 -k3n | awk '
  { key = $1 " " $2; all[key] = all[key] " " $3; count[key]++ }
  function median(port, test,   values) {
    split(all[port " " test], values, " ")
    return values[int((count[port " " test] + 1) / 2)]
  }
  function row(name, port, other,   test, line) {
    line = sprintf("%-36s", name)
    for (test = 1; test <= 3; test++)
      line = line (other ? sprintf("%9.2f", median(port, tests[test]) / median(other, tests[test])) \
                         : sprintf("%9.0f", median(port, tests[test]) / 1000))
    print line
  }
  END {
    split("SET GET INCR", tests, " ")
    printf "%-36s%9s%9s%9s\n", "", tests[1], tests[2], tests[3]
    row("kv --fsync no (k requests/s)", 6490)
    row("Redis without a log", 6491)
    row("Redis, appendfsync no", 6492)
    row("kv --fsync everysec", 6493)
    row("Redis, appendfsync everysec", 6494)
    row("kv / Redis without a log", 6490, 6491)
    row("kv / Redis, both without fsync", 6490, 6492)
    row("kv / Redis, both everysec", 6493, 6494)
  }'
