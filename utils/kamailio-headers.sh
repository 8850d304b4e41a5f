#!/bin/bash
# Prints the folder of the headers that belong to the installed Kamailio: that
# of KSRC=, or of Debian's source package, fetched once below build/ksrc.
# /etc/apt is read, never changed. Needs no root.
# environment: WHOLE=1: of all of the source, below build/ktree
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

die() { echo "kamailio-headers: $*" >&2; exit 1; }

if [[ -n ${KSRC:-} ]]; then
	for dir in "$KSRC/src" "$KSRC"; do
		[[ -f $dir/core/sr_module.h ]] || continue
		(cd "$dir" && pwd)
		exit 0
	done
	die "KSRC=$KSRC is no Kamailio source tree: no src/core/sr_module.h in it"
fi

version=${KAM_SOURCE_VERSION:-$(dpkg-query -W -f='${source:Version}' kamailio 2>/dev/null)} ||
	die "Kamailio is not from a package: say where its source is, KSRC=path"
upstream=${version%-*}
folder=ksrc
[[ ! ${WHOLE:-} ]] || folder=ktree
dest=$PWD/build/$folder/${version//[^A-Za-z0-9.+-]/_}
if [[ -f $dest/src/core/sr_module.h ]]; then
	echo "$dest/src"
	exit 0
fi

mkdir -p build/ksrc "${dest%/*}"
tmp=$(mktemp -d "$PWD/build/ksrc/tmp.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
log=$PWD/build/ksrc/fetch.log
: >"$log"
mkdir -p "$tmp"/{parts,lists/partial,cache/archives/partial,get}

# The machine's own sources, turned into deb-src; both formats of apt.
shopt -s nullglob
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
	[[ -f $file ]] || continue
	copy=$tmp/parts/${file##*/}
	[[ $copy != */sources.list ]] || copy=$tmp/parts/main.list
	case $file in
		*.sources) sed 's/^Types:.*/Types: deb-src/I' "$file" >"$copy" ;;
		*) sed -nE '/cdrom:/d; s/^[[:space:]]*deb(-src)?([[:space:]].*)/deb-src\2/p' \
			"$file" | sort -u >"$copy" ;;
	esac
done

# The version wanted is the one installed, so an old mirror does no harm.
apt=(-q -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$tmp/parts"
	-o "Dir::State::lists=$tmp/lists" -o "Dir::Cache=$tmp/cache"
	-o APT::Sandbox::User="$(id -un)" -o Acquire::Check-Valid-Until=false)
get() { # version
	local dsc file
	rm -f "$tmp"/get/*
	(cd "$tmp/get" && apt-get "${apt[@]}" --only-source --download-only \
		source "kamailio=$1") >>"$log" 2>&1 || true
	dsc=$(find "$tmp/get" -name '*.dsc')
	[[ -n $dsc ]] || return 1
	while read -r file; do
		[[ ! -f $tmp/get/$file ]] || continue
		# Some mirrors lack upstream's signature, which is not looked at.
		[[ $file == *.asc ]] || return 1
		sed -i "/ $file\$/d" "$dsc"
	done < <(awk '/^[^ ]/ {on = /^Files:/} on && NF == 3 {print $3}' "$dsc")
}

echo "kamailio-headers: fetching the source of kamailio $version" >&2
# A third-party source without deb-src fails here and does not matter.
apt-get "${apt[@]}" update >>"$log" 2>&1 || true
if ! get "$version"; then
	# A mirror drops superseded revisions; the same upstream release will do.
	found=
	while read -r other; do
		[[ $other != "$version" && ${other%-*} == "$upstream" ]] || continue
		if get "$other"; then
			found=$other
			break
		fi
	done < <(apt-cache "${apt[@]}" showsrc --only-source kamailio 2>>"$log" |
		awk '$1 == "Version:" {print $2}')
	if [[ -z $found ]]; then
		tail -n 5 "$log" >&2
		die "no source of kamailio $version; see $log, or give KSRC=path"
	fi
	echo "kamailio-headers: $version is gone, took $found" >&2
fi

dpkg-source -x --no-check "$tmp"/get/*.dsc "$tmp/tree" >>"$log" 2>&1 ||
	{ tail -n 5 "$log" >&2; die "cannot unpack the source, see $log"; }
if [[ ! ${WHOLE:-} ]]; then
	# Only headers are used, and the file that tells the version.
	find "$tmp/tree" -type f ! -name '*.h' ! -name Makefile.defs -delete
	find "$tmp/tree" -type l -delete
	find "$tmp/tree" -type d -empty -delete
fi
rm -rf "$dest"
mv "$tmp/tree" "$dest"
echo "$dest/src"
