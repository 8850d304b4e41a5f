#!/bin/bash
# The demonstration: usage: run.sh MODULE.so
# Starts a real Kamailio with etc/kamailio-trunk-cdr.cfg, three gateways and a
# caller on loopback, kills the primary gateway and brings it back, and ends
# by itself. KEEP=1 leaves it running until Ctrl-C.
set -euo pipefail
module=$(realpath "${1:-build/failover_route.so}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=/dev/null
. build/kamailio.env
# SIPp is a package of the tests' set-up, not of the build's.
if ! command -v sipp >/dev/null || ! command -v python3 >/dev/null; then
	utils/setup.sh test
fi
# The system's, if there is one: an own build may lack parts of the library.
python=/usr/bin/python3
[[ -x $python ]] || python=python3
exec "$python" -B utils/demo/main.py "$module" "$KAM_BIN" "$KAM_MODDIR"
