#!/bin/bash
# Builds the Debian packages for the Kamailio that is installed, out of a copy of
# this tree with the headers that were fetched. usage: deb.sh FOLDER
# The package's version is ours with Kamailio's behind it, so that what was built
# for a newer Kamailio takes the place of what was built for an older one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
here=$PWD
mkdir -p "${1:?usage: deb.sh FOLDER}"
out=$(cd "$1" && pwd)

die() { echo "deb: $*" >&2; exit 1; }

# shellcheck source=/dev/null
. build/kamailio.env
kamailio=$(dpkg-query -W -f='${Version}' kamailio 2>/dev/null) ||
	die "Kamailio is not from a package, so no package can depend on it: use make install"
[[ $(dpkg-query -S "$KAM_BIN" 2>/dev/null) == kamailio:* ]] ||
	die "$KAM_BIN is not the daemon of the package kamailio"

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
