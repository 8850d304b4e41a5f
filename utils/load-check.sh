#!/bin/bash
# Checks that Kamailio loads a module: usage: load-check.sh MODULE.so
# A module whose version or flags differ keeps the whole server from starting.
set -euo pipefail
module=$(realpath "$1")
kamailio=${KAMAILIO:-$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v kamailio)}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cat >"$tmp/cfg" <<CFG
#!KAMAILIO
loadmodule "$module"
request_route { exit; }
CFG

# A module built with AddressSanitizer needs its runtime loaded first.
preload=
if readelf -d "$module" | grep -q 'NEEDED.*libasan'; then
	preload=$(gcc -print-file-name=libasan.so)
fi
if ! LD_PRELOAD=$preload ASAN_OPTIONS=detect_leaks=0 "$kamailio" -c -f "$tmp/cfg" \
	>"$tmp/log" 2>&1; then
	cat "$tmp/log" >&2
	echo "load-check: Kamailio refuses $1" >&2
	exit 1
fi
