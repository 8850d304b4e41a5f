#!/bin/bash
# Runs cmocka programs and counts their tests: usage: run.sh PROGRAM...
# A crash counts what had not run yet as failed; so does a leak found at exit, and who
# hangs. The longest has a minute of work, and `make test` leaves it what others leave.
set -uo pipefail

export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=0:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0

for program in "$@"; do
	timeout -k 5 "${UNIT_TIMEOUT:-1500}" "$program" >"$log" 2>&1
	status=$?
	read -r ran ok skip < <(awk '
		/^\[==========\].* Running [0-9]+ test/ {
			for(i = 1; i < NF; i++) if($i == "Running") ran += $(i + 1) }
		/^\[       OK \]/ { ok++ }
		# A skipped test is named once more in the summary.
		/^\[ RUN      \]/ { running = 1 }
		/^\[  SKIPPED \]/ { skip += running; running = 0 }
		END { print ran + 0, ok + 0, skip + 0 }' "$log")
	bad=$((ran - ok - skip))
	((bad >= 0)) || bad=1
	((status == 0 || bad > 0)) || bad=1
	((ran > 0 || bad > 0)) || bad=1
	printf '%-28s %d passed, %d failed' "${program##*/}" "$ok" "$bad"
	((skip == 0)) || printf ', %d skipped' "$skip"
	echo
	if ((bad > 0)); then
		case $status in
			124 | 137) echo "    no end after ${UNIT_TIMEOUT:-1500} s" ;;
			*) echo "    exit status $status" ;;
		esac
		grep -v '^\[       OK \]\|^\[ RUN      \]' "$log" | sed 's/^/    /'
	fi
	passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + skip))
done

printf '%d passed, %d failed' "$passed" "$failed"
((skipped == 0)) || printf ', %d skipped' "$skipped"
echo
((failed == 0 && passed > 0))
