#!/bin/bash
# Prints which packages of Kamailio load a module that was built for VERSION, as
# Debian's Depends says it. usage: kamailio-range.sh VERSION (of the package)
# The daemon compares the upstream version, so a Debian revision with a security
# fix is fine, and the next release is not.
set -euo pipefail
upstream=${1%-*}
if [[ $upstream =~ ^([0-9]+\.[0-9]+\.)([0-9]+)$ ]]; then
	next=${BASH_REMATCH[1]}$((BASH_REMATCH[2] + 1))
	echo "kamailio (>= $upstream), kamailio (<< $next~)"
else # a snapshot, a release candidate: which others would do is not known
	echo "kamailio (= $1)"
fi
