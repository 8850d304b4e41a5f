#!/bin/bash
# Builds the Debian packages for the Kamailio that is installed, out of a copy of
# this tree with the headers that were fetched. usage: deb.sh FOLDER [FOR]
# FOR: candidate, the Kamailio that apt would install now, or the file of a package of
# it; so that both can be upgraded in one step, and nothing is installed before.
# The package's version is ours with Kamailio's behind it, so that what was built
# for a newer Kamailio takes the place of what was built for an older one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD
mkdir -p "${1:?usage: deb.sh FOLDER [FOR]}"
out=$(cd "$1" && pwd)

die() { echo "deb: $*" >&2; exit 1; }

installed() {
	# shellcheck source=/dev/null
	. build/kamailio.env
	kamailio=$(dpkg-query -W -f='${Version}' kamailio 2>/dev/null) ||
		die "Kamailio is not from a package, so no package can depend on it: use make install"
	[[ $(dpkg-query -S "$KAM_BIN" 2>/dev/null) == kamailio:* ]] ||
		die "$KAM_BIN is not the daemon of the package kamailio"
}

# Daemon and modules of a package that is not installed, to be asked and linked with.
unpacked() { # candidate, or a file
	local file=$1 source libdir
	export KAM_ROOT=$out/kamailio
	rm -rf "$KAM_ROOT"
	mkdir -p "$KAM_ROOT"
	if [[ $file == candidate ]]; then
		(cd "$KAM_ROOT" && apt-get -q -o APT::Sandbox::User="$(id -un)" download kamailio) >&2 ||
			die "apt cannot fetch kamailio"
		file=$(echo "$KAM_ROOT"/kamailio_*.deb)
	fi
	[[ -f $file ]] || die "no such package: $file"
	dpkg-deb -x "$file" "$KAM_ROOT"
	kamailio=$(dpkg-deb -f "$file" Version)
	# "Source: kamailio (5.6.3-2)" where it was built again without a change.
	source=$(dpkg-deb -f "$file" Source | sed -n 's/.*(\(.*\)).*/\1/p')
	export KAMAILIO=$KAM_ROOT/usr/sbin/kamailio KAM_SOURCE_VERSION=${source:-$kamailio}
	KAMAILIO_MODULES=$(dirname "$(find "$KAM_ROOT" -name tm.so)")
	libdir=$(dirname "$KAMAILIO_MODULES")
	export KAMAILIO_MODULES LD_LIBRARY_PATH=$libdir
	KAM_SRC=$(utils/kamailio-headers.sh)
}

if [[ ${2:-} ]]; then unpacked "$2"; else installed; fi
export KAM_PACKAGE_VERSION=$kamailio

rm -rf "$out/src" "$out"/*.{deb,changes,buildinfo}
mkdir -p "$out/src/build/kamailio"
tar -c --exclude=./build --exclude=./.git --exclude=__pycache__ . | tar -x -C "$out/src"
(cd "$KAM_SRC" && find . -name '*.h' -o -name Makefile.defs) |
	tar -c -C "$KAM_SRC" -T - | tar -x -C "$out/src/build/kamailio"
if [[ ${DEBEMAIL:-} ]]; then # whoever builds it may answer for it
	sed -i "s|^Maintainer: .*|Maintainer: ${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>|" \
		"$out/src/debian/control"
fi
"$out/src/utils/package/changelog.py" "+kamailio${kamailio%-*}" >"$out/src/debian/changelog"

log=$out/build.log
echo "deb: building for kamailio $kamailio, log in $log"
(cd "$out/src" && unset MAKEFLAGS MFLAGS MAKELEVEL &&
	DEB_BUILD_OPTIONS="parallel=$(nproc) ${DEB_BUILD_OPTIONS:-}" \
		dpkg-buildpackage -b -us -uc) >"$log" 2>&1 ||
	{ tail -n 25 "$log" >&2; die "the build failed"; }
cd "$here"
ls "$out"/*.deb
[[ ! ${2:-} ]] || echo "deb: to upgrade both in one step, as root:
  apt-get install $(echo "$out"/kamailio-failover-route-modules_*.deb) kamailio"
