#!/usr/bin/env bash
# Sets up what the checks need and runs every check.
#   scripts/test.sh          everything
#   scripts/test.sh --fast   the inner loop: no slow, browser or notebook tests
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fast=0
for argument in "$@"; do
  case "$argument" in
    --fast) fast=1 ;;
    *) echo "test.sh: unknown option $argument (only --fast)" >&2; exit 2 ;;
  esac
done

scripts/bootstrap.sh --dev
bin=.venv/bin
step() { printf '\n== %s\n' "$*"; }

step "lint"
"$bin/ruff" check .
"$bin/ruff" format --check .
step "types"
"$bin/mypy"
step "layers"
"$bin/lint-imports" --no-cache
step "tests"
if [ "$fast" = 1 ]; then
  "$bin/pytest" -q -n 2 --dist loadgroup -m "not slow and not browser"
else
  "$bin/pytest" -q -n 2 --dist loadgroup
fi
