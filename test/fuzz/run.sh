#!/bin/bash
# Runs fuzz targets, each for so many seconds: usage: run.sh PROGRAM...
# FUZZ_SECONDS=60 (of each), or RUNS=1000000 (of each, however long it takes),
# JOBS=1 (at a time). What is found by the way goes to build/fuzz/corpus, what
# fails to build/fuzz/found; both are kept between runs.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
export ASAN_OPTIONS=${ASAN_OPTIONS:-abort_on_error=1:detect_leaks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
limit=(-max_total_time="${FUZZ_SECONDS:-60}")
[[ -z ${RUNS:-} ]] || limit=(-runs="$RUNS")
dir=build/fuzz
mkdir -p "$dir"/{corpus,found,log}

fuzz_one() { # program
	local name=${1##*/fuzz_} status=0 from=$SECONDS runs
	local seeds=("test/fuzz/corpus/$name")
	[[ $name != xml ]] || seeds=(test/unit/xml/good test/unit/xml/bad test/unit/xml/range)
	mkdir -p "$dir/corpus/$name" "$dir/found/$name"
	# what failed once must not fail again
	"$1" -timeout=10 -rss_limit_mb=2048 -max_len=4096 "${limit[@]}" \
		-artifact_prefix="$dir/found/$name/" "$dir/corpus/$name" "${seeds[@]}" \
		"$dir/found/$name" >"$dir/log/$name" 2>&1 || status=$?
	if ((status == 0)); then
		runs=$(sed -n 's/^Done \([0-9]*\) runs.*/\1/p' "$dir/log/$name")
		printf '%-12s ok      %s runs in %s s\n' "$name" "${runs:-?}" $((SECONDS - from))
	else
		printf '%-12s FAILED  exit status %s\n' "$name" "$status"
		grep -v '^#' "$dir/log/$name" | tail -n 40 | sed 's/^/    | /'
	fi
	return "$status"
}

passed=0 failed=0
pids=()
reap() {
	if wait "${pids[0]}"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
	pids=("${pids[@]:1}")
}
for program in "$@"; do
	((${#pids[@]} < ${JOBS:-1})) || reap
	fuzz_one "$program" &
	pids+=($!)
done
while ((${#pids[@]})); do reap; done
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
