#!/bin/bash
# The lines and branches of the engine that the unit tests reach, by gcov: a
# table, and a failure below LINES or BRANCHES per cent (95 and 90).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
out=build/unit/bounds

rm -rf "$out"
make --no-print-directory -j"$(nproc)" unit UNIT_SAN=bounds UNIT_EXTRA='--coverage -O0' \
	>build/coverage.log 2>&1 || { tail -n 20 build/coverage.log; exit 1; }
python3 -B utils/coverage.py "$out" "${LINES_MIN:-95}" "${BRANCHES_MIN:-90}"
