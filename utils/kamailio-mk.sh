#!/bin/bash
# Writes what the build must know of the installed Kamailio: make variables to
# FILE (build/kamailio.mk), the same for scripts next to it (.env).
# usage: kamailio-mk.sh FILE      environment: KAMAILIO=, KAMAILIO_MODULES=, KSRC=,
# KAM_ROOT= (the folder below which a Kamailio lies that will lie in /)
#
# The daemon compares two strings of a module with its own. They are read from
# an installed module and turned into the macros that core/ver_defs.h makes
# them from, so no release's flags are written down here.
set -euo pipefail
out=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

die() { echo "kamailio-mk: $*" >&2; exit 1; }

export KAMAILIO=${KAMAILIO:-$(PATH=$PATH:/usr/sbin:/usr/local/sbin command -v kamailio || true)}
[[ -x $KAMAILIO ]] || die "no kamailio found: give KAMAILIO=path"
moddir=${KAMAILIO_MODULES:-$("$KAMAILIO" -h 2>&1 |
	sed -nE 's/.*Modules search path \(default: ([^):]+).*/\1/p')}
tm=$moddir/tm.so
[[ -f $tm ]] || die "no tm.so in '$moddir': give KAMAILIO_MODULES=folder"

# By size and inode too: a package keeps old times when it replaces a file.
id="$(stat -c '%n %s %i %Y %Z' "$KAMAILIO" "$tm" "$here"/kamailio-*.sh | md5sum) ${KSRC:-}"
src=$(sed -n 's/^KAM_SRC := //p' "$out" 2>/dev/null || true)
if [[ -n $src && -f $src/core/sr_module.h ]] && grep -qxF "# id: $id" "$out"; then
	exit 0
fi

src=$("$here/kamailio-headers.sh")

one() { # the only string of tm.so that matches $2
	local found
	found=$(strings -a "$tm" | grep -E "$2" | sort -u || true)
	[[ -n $found && $found != *$'\n'* ]] || die "cannot tell the $1 of $tm: '$found'"
	echo "$found"
}
full=$(one version '^[^ ]+ [0-9]+\.[0-9]+\.[^ ]+ \([^/ ]+/[^) ]+\)$')
flags=$(one flags '^[A-Z][A-Z0-9_-]+(, [A-Z][A-Z0-9_-]+){4,}$')
[[ $full =~ ^([^ ]+)\ (([0-9]+)\.([0-9]+)\.([0-9]+)[^ ]*)\ \(([^/]+)/([^\)]+)\)$ ]]
name=${BASH_REMATCH[1]} version=${BASH_REMATCH[2]}
major=${BASH_REMATCH[3]} minor=${BASH_REMATCH[4]} patch=${BASH_REMATCH[5]}
arch=${BASH_REMATCH[6]} os=${BASH_REMATCH[7]}

# The strings do not tell whether the headers' structures are the daemon's.
if [[ -f $src/Makefile.defs ]]; then
	tree=$(awk -F'[ \t]*=[ \t]*' '/^(VERSION|PATCHLEVEL|SUBLEVEL)[ \t]*=/ {
		v = v sep $2 + 0; sep = "." } END {print v}' "$src/Makefile.defs")
	[[ $tree == "$major.$minor.$patch" ]] ||
		die "headers in $src are of $tree, the daemon is $version"
fi

defs=(-DNAME="'\"$name\"'" -DVERSION="'\"$version\"'" -DARCH="'\"$arch\"'"
	-DOS_QUOTED="'\"$os\"'" -DOS="'${os,,}_'" "-D__CPU_$arch" "-D__OS_${os,,}"
	-DVERSIONVAL=$((major * 1000000 + minor * 1000 + patch)))
for flag in ${flags//[,-]/ }; do # FAST_LOCK-ADAPTIVE_WAIT is two macros
	[[ $flag != TLS_PTHREAD_MUTEX_SHARED ]] || flag=KSR_PTHREAD_MUTEX_SHARED
	defs+=("-D$flag")
done
if [[ $flags == *ADAPTIVE_WAIT* ]]; then
	loops=$("$KAMAILIO" -V | sed -nE 's/.*ADAPTIVE_WAIT_LOOPS ([0-9]+).*/\1/p')
	defs+=("-DADAPTIVE_WAIT_LOOPS=${loops:-1024}")
fi
# Not in the strings, but always given by Kamailio's own build, and headers
# look at them: statistics, inline assembler, what Linux has.
for macro in CC_GCC_LIKE_ASM STATISTICS USE_CORE_STATS MALLOC_STATS \
	HAVE_GETHOSTBYNAME2 HAVE_UNION_SEMUN HAVE_SCHED_YIELD \
	HAVE_MSG_NOSIGNAL HAVE_MSGHDR_MSG_CONTROL HAVE_ALLOCA_H HAVE_TIMEGM \
	HAVE_SCHED_SETSCHEDULER HAVE_IP_MREQN HAVE_EPOLL HAVE_SIGIO_RT \
	HAVE_SELECT; do
	[[ " ${defs[*]} " == *" -D$macro "* ]] || defs+=("-D$macro")
done
# From modules/tm both "../../core/x.h" and "../tm/x.h" resolve as in the tree.
include="-isystem $src -isystem $src/modules/tm"

xml_cflags=$(pkg-config --cflags libxml-2.0) || die "libxml2-dev is not installed"
xml_libs=$(pkg-config --libs libxml-2.0)

# The database API: up to 5.8 a library of Kamailio's own, found at run time by the
# path that its modules have in them too; since 6.0 the daemon has it.
srdb1=$(find "$moddir/.." "$moddir" -maxdepth 1 -name 'libsrdb1.so.*' 2>/dev/null |
	sort | head -n 1)
if [[ -n $srdb1 ]]; then
	libdir=$(cd "$(dirname "$srdb1")" && pwd)
	db_libs="-L$libdir -l:${srdb1##*/} -Wl,-rpath,${libdir#"${KAM_ROOT:-}"}"
else
	nm -D "$KAMAILIO" | grep ' T db_bind_mod$' >/dev/null ||
		die "no libsrdb1.so next to $moddir, and none in $KAMAILIO"
	db_libs=
fi

# Proof: a module of two lines gets the same strings, and the daemon loads it.
# Not in /tmp, where a server may forbid to run anything.
mkdir -p "$(dirname "$out")"
tmp=$(mktemp -d "$(dirname "$out")/proof.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
cat >"$tmp/proof.c" <<'C'
#include "../../core/sr_module.h"
MODULE_VERSION
struct module_exports exports = {.name = "proof"};
C
eval "${CC:-gcc} -std=gnu11 -fPIC -shared -pthread $include ${defs[*]}" \
	-o "$tmp/proof.so" "$tmp/proof.c" || die "the headers in $src do not compile"
for string in "$full" "$flags"; do
	strings -a "$tmp/proof.so" | grep -qxF -- "$string" || {
		echo "installed: $string" >&2
		echo "built:     $(strings -a "$tmp/proof.so" | grep -F "${string:0:9}")" >&2
		die "the macros do not give the installed module's string"
	}
done
"$here/load-check.sh" "$tmp/proof.so"

cat >"$tmp/mk" <<MK
# Generated by utils/kamailio-mk.sh.
# id: $id
KAM_BIN := $KAMAILIO
KAM_VERSION := $version
KAM_MODDIR := ${moddir#"${KAM_ROOT:-}"}
KAM_SRC := $src
KAM_INCLUDES := $include
KAM_DEFS := ${defs[*]}
KAM_DB_LIBS := $db_libs
XML_CFLAGS := ${xml_cflags//-I/-isystem }
XML_LIBS := $xml_libs
MK
cat >"$tmp/env" <<ENV
# Generated by utils/kamailio-mk.sh.
KAM_BIN=$KAMAILIO
KAM_VERSION=$version
KAM_MODDIR=${moddir#"${KAM_ROOT:-}"}
KAM_SRC=$src
ENV
mv "$tmp/env" "${out%.mk}.env"
mv "$tmp/mk" "$out"
echo "kamailio-mk: $full, headers in $src"
