#!/bin/bash
# Formatting, static analysis, and the checks. Only files of the repository are
# looked at, never what was built or fetched.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

mapfile -t sources < <(find modules utils test -name '*.[ch]' 2>/dev/null | sort)
mapfile -t code < <(find modules utils -name '*.c' | sort)
failed=0

step() { # name, command...
	local name=$1
	shift
	echo "== $name"
	"$@" || { failed=$((failed + 1)); echo "== $name: failed"; }
}

# With the flags that each file is compiled with: the Makefile knows them, and
# what was looked at before. What does not come to an end is a finding, too.
by_make() { # target
	timeout 1800 make --no-print-directory -k -j "$(nproc)" "$1"
}

# Macros that hide a definition from cppcheck, which sees no Kamailio header.
check_c() {
	cppcheck --quiet --std=c11 -j "$(nproc)" --error-exitcode=1 \
		--enable=warning,performance,portability --inline-suppr \
		--suppress=missingIncludeSystem --suppress=internalAstError \
		-DMODULE_VERSION= '-DFRT_ENUM_DECL(type,list)=' '-DFRT_ENUM_DEFINE(type,list)=' \
		"${code[@]}"
}

step clang-format clang-format --dry-run -Werror "${sources[@]}"
step clang-tidy by_make lint-tidy
step gcc-analyzer by_make lint-analyzer
step cppcheck check_c
step shellcheck shellcheck utils/*.sh utils/package/*.sh debian/*.p{rerm,ostrm,ostinst} test/run test/deb/run test/deb/in-tree test/install/run test/unit/run.sh test/fuzz/run.sh .ci/run
step layers utils/check-layers.sh
step style utils/check-style.sh
step docs utils/check-docs.sh
step db-schema utils/db-schema.py --check
step changelog utils/package/changelog.py --check
((failed == 0)) || { echo "lint: $failed failed"; exit 1; }
echo "lint: ok"
