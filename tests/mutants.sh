#!/usr/bin/env bash
# Shows that each law bites: applies each patch of crates/*/mutants to a copy of the workspace, lets the test search that checks the laws
# of that crate, and expects it to fail by the law that the patch names. `just mutants` runs it.
#
#   mutants.sh [PART OF A PATH]
set -uo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}/mutants
export RUST_BACKTRACE=0
unset EXPLORE CHAOS_SEED

# It is built often and searches little, so it is optimised less.
(cd "$root" && git ls-files -z --cached --others --exclude-standard -- ':!tests/fuzz' |
  xargs -0 cp --parents --target-directory="$copy")
sed -i -e 's|^opt-level = 3|opt-level = 1|' "$copy/Cargo.toml"
printf '\n[profile.test]\ndebug = false\nincremental = false\n' >>"$copy/Cargo.toml"

# The laws that a test names in its output.
named() { grep -oE '^(seed [0-9]+: | *)law [0-9]+:' | grep -oE 'law [0-9]+' | sort -u | paste -sd, -; }

# The engine: in the slices that the patch names, no other law may be broken.
core() {
  local slices
  read -ra slices <<<"$(sed -n 's/^slices: //p' "$1")"
  cargo test --quiet -p regrow-core --test explore -- --exact "${slices[@]/#/slices::}"
}

# The shell: chaos, where one mistake breaks many laws.
supervisor() {
  CHAOS_SEEDS=1500 cargo test --quiet -p regrow-tests --test chaos -- the_laws_hold_for_many_seeds
}

failed=0
echo "| crate | mutant | law | killed by | seconds |"
echo "|---|---|---|---|---|"
for patch in "$root"/crates/*/mutants/*.patch; do
  [[ $patch == *"${1:-}"* ]] || continue
  name=$(basename "$patch" .patch)
  crate=$(basename "$(dirname "$(dirname "$patch")")")
  law=$(sed -n 's/^law: //p' "$patch")
  rm -rf "$copy/crates/$crate/src"
  cp -r "$root/crates/$crate/src" "$copy/crates/$crate/"
  if ! (cd "$copy" && git apply "$patch" 2>&1); then
    echo "| $crate | $name | $law | does not apply | - |"
    failed=1
    continue
  fi
  begun=$SECONDS
  output=$(cd "$copy" && export -f core supervisor && timeout 300 bash -c "$crate '$patch'" 2>&1)
  killers=$(named <<<"$output")
  echo "| $crate | ${name#*-} | $law | ${killers:-nothing} | $((SECONDS - begun)) |"
  rm -rf "$copy/crates/$crate/src"
  cp -r "$root/crates/$crate/src" "$copy/crates/$crate/"
  case $crate in
    core) [[ $killers == "law $law" ]] ;;
    *) [[ ,$killers, == *",law $law,"* ]] ;;
  esac && continue
  failed=1
  tail -n 20 <<<"$output" >&2
done
exit $failed
