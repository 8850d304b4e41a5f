#!/bin/bash
# Installs the Debian packages that are missing; does nothing when none is.
# usage: setup.sh [build|deb|testdeb|smoke|scenario|test|testdb|matrix]
set -euo pipefail

build=(binutils gcc libc6-dev make pkg-config libxml2-dev zlib1g-dev dpkg-dev
	libjansson-dev libncurses-dev libsqlite3-dev python3)
# What runs the plainest scenarios; all of them, and unit tests.
smoke=(netbase iproute2 procps util-linux mount)
scenario=("${smoke[@]}" kamailio-lua-modules kamailio-python3-modules kamailio-sqlite-modules
	kamailio-utils-modules kamailio-extra-modules kamailio-tls-modules
	kamailio-websocket-modules
	openssl sip-tester libcmocka-dev tmux kamcli
	dnsmasq-base curl)
test=("${scenario[@]}" tcpdump tshark valgrind jq
	prometheus xsltproc libxml2-utils docbook-xml clang clang-format
	clang-tidy cppcheck libclang-rt-dev shellcheck chromium)
deb=(build-essential debhelper fakeroot)
testdeb=(debootstrap debian-archive-keyring util-linux lintian dpkg-dev cmake flex bison
	xsltproc docbook-xml docbook-xsl libxml2-utils lynx)
# Servers of their own, for test/db/run only.
testdb=(postgresql mariadb-server kamailio-postgres-modules kamailio-mysql-modules)

want=("${build[@]}")
# A daemon of the user's own (KAMAILIO=path) takes the place of the package.
[[ -n ${KAMAILIO:-} ]] || want+=(kamailio)
case ${1:-build} in
	build) ;;
	smoke) want+=("${smoke[@]}") ;;
	scenario) want+=("${scenario[@]}") ;;
	testdeb) want+=("${deb[@]}" "${testdeb[@]}") ;;
	deb) want+=("${deb[@]}") ;;
	test) want+=("${test[@]}") ;;
	matrix) want=(debootstrap debian-archive-keyring util-linux) ;;
	testdb) want+=("${test[@]}" "${testdb[@]}") ;;
	*) echo "usage: $0 [build|deb|testdeb|smoke|scenario|test|testdb|matrix]" >&2; exit 2 ;;
esac
browser=
case ${1:-build} in
	test | testdb)
		browser=1
		# Node.js need not come from Debian.
		command -v node >/dev/null || want+=(nodejs)
		command -v npm >/dev/null || want+=(npm)
		;;
esac

if ! command -v dpkg-query >/dev/null; then
	echo "setup: not a Debian system; needed are: ${want[*]}" >&2
	exit 0
fi

# ${Provides} matters where a package has become a virtual one.
mapfile -t missing < <(comm -23 <(printf '%s\n' "${want[@]}" | sort -u) \
	<(dpkg-query -W -f='${db:Status-Abbrev}${Package}, ${Provides}\n' |
		sed -n 's/^ii //p' | sed 's/([^)]*)//g' | tr -s ', ' '\n' | sort -u))

cd "$(dirname "${BASH_SOURCE[0]}")/.."

# What the browser tests are driven with, into build/page. Without a registry
# these are skipped, and all others run.
npm_packages() {
	local lock=test/page/package-lock.json
	[[ -n $browser ]] || return 0
	! cmp -s "$lock" build/page/installed || return 0
	# Not at every make: without a network it takes a while to fail.
	[[ -z $(find build/page/failed -mmin -60 2>/dev/null) ]] || return 0
	rm -rf build/page
	mkdir -p build/page
	cp test/page/package.json "$lock" build/page/
	echo "setup: npm packages of test/page"
	if (cd build/page && timeout 120 npm ci --ignore-scripts --no-audit \
		--no-fund --fetch-retries=1) >build/page.log 2>&1 </dev/null; then
		cp "$lock" build/page/installed
	else
		touch build/page/failed
		tail -n 5 build/page.log >&2
		echo "setup: NO BROWSER TESTS: npm failed, see build/page.log" >&2
	fi
}

((${#missing[@]})) || {
	npm_packages
	exit
}

if ((EUID)); then
	echo "setup: missing packages; as root, run:" >&2
	echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
	exit 1
fi

mkdir -p build
log=$PWD/build/setup.log
: >"$log"

# No package may start a daemon here: Kamailio's would take port 5060.
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
	printf '#!/bin/sh\nexit 101\n' >"$policy"
	chmod 755 "$policy"
	trap 'rm -f "$policy"' EXIT
fi

install() {
	DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=300 \
		install --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null
}

echo "setup: installing ${missing[*]}"
# The package lists may be missing or older than the mirror.
install || { apt-get -o DPkg::Lock::Timeout=300 update >>"$log" 2>&1 && install; } || {
	tail -n 15 "$log" >&2
	echo "setup: apt-get failed, see $log" >&2
	exit 1
}
npm_packages
