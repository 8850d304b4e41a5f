#!/bin/bash
# Makes the module that the installed Kamailio loads, and puts it where the old one
# is, or was: by the packages that deb.sh has built. Restarts nothing.
# usage: rebuild.sh FOLDER (of the packages)
set -euo pipefail
out=$(cd "${1:?usage: rebuild.sh FOLDER}" && pwd)

has() { [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null) == i* ]]; }

# The tool tells that the packages are wanted here, where apt has removed the module.
debs=("$out"/kamailio-failover-route-modules_*.deb)
wanted=
if has failover-route; then
	debs+=("$out"/failover-route_*.deb)
	wanted=1
fi
if has kamailio-failover-route-modules; then
	wanted=1
fi
if ((EUID)) || [[ ! $wanted ]]; then
	echo "rebuild: to install what was built, as root:"
	echo "  apt-get install --reinstall ${debs[*]}"
	exit 0
fi
DEBIAN_FRONTEND=noninteractive apt-get -y --no-remove --reinstall install "${debs[@]}"
