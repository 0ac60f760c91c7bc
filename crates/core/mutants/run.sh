#!/usr/bin/env bash
# Shows that each law bites: applies each patch to a copy of the crate, lets the explorer search the
# slices that the patch names, and expects the law that it names to fail. `just mutants` runs it.
#
#   run.sh [PART OF A FILE NAME]
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}/mutants
export RUST_BACKTRACE=0
unset EXPLORE

# A workspace of this crate alone; it is built often and searches little, so it is optimised less.
mkdir -p "$copy/crates/core"
sed -e 's|^members = .*|members = ["crates/core"]|' -e 's|^opt-level = 3|opt-level = 1|' \
  "$root/Cargo.toml" >"$copy/Cargo.toml"
printf '\n[profile.test]\ndebug = false\nincremental = false\n' >>"$copy/Cargo.toml"
cp "$root/Cargo.lock" "$copy/"
cp -r "$root/crates/core/"{Cargo.toml,tests} "$copy/crates/core/"

failed=0
echo "| mutant | law | killed by | seconds |"
echo "|---|---|---|---|"
for patch in "$here"/*"${1:-}"*.patch; do
  name=$(basename "$patch" .patch)
  law=$(sed -n 's/^law: //p' "$patch")
  read -ra slices <<<"$(sed -n 's/^slices: //p' "$patch")"
  rm -rf "$copy/crates/core/src"
  cp -r "$root/crates/core/src" "$copy/crates/core/"
  if ! (cd "$copy" && git apply "$patch" 2>&1); then
    echo "| $name | $law | does not apply | - |"
    failed=1
    continue
  fi
  begun=$SECONDS
  output=$(cd "$copy" && timeout 300 cargo test --quiet -p regrow-core --test explore -- \
    --exact "${slices[@]/#/slices::}" 2>&1)
  killers=$(sed -n 's/^law \([0-9]*\): .*/law \1/p' <<<"$output" | sort -u | paste -sd, -)
  echo "| ${name#*-} | $law | ${killers:-nothing} | $((SECONDS - begun)) |"
  if [[ $killers != "law $law" ]]; then
    failed=1
    tail -n 20 <<<"$output" >&2
  fi
done
exit $failed
