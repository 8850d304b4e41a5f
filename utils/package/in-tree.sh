#!/bin/bash
# Copies the module into a Kamailio source tree, as a submission upstream would have
# it; the tree's make or CMake builds it then. usage: in-tree.sh TREE
# The README is made by the tree's own way out of the docbook (xsltproc, docbook-xsl,
# lynx).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

die() { echo "in-tree: $*" >&2; exit 1; }

tree=$(cd "${1:?usage: in-tree.sh TREE}" && pwd) || exit
[[ -f $tree/src/core/sr_module.h && -d $tree/src/modules/tm ]] ||
	die "$tree is no Kamailio source tree: no src/core, src/modules/tm in it"
dest=$tree/src/modules/failover_route

rm -rf "$dest"
mkdir -p "$dest"
tar -c -C modules/failover_route --exclude='*.o' --exclude='*.so' . | tar -x -C "$dest"
# The status page is a file of C, made of page/.
if [[ -d modules/failover_route/page ]]; then
	utils/embed-page.sh modules/failover_route/page >"$dest/frt_page_html.c"
fi
if [[ -f $tree/doc/docbook/Makefile.module ]]; then
	make -s --no-print-directory -C "$dest/doc" README >"$dest/doc/log" 2>&1 ||
		{ tail -n 5 "$dest/doc/log" >&2; die "the tree cannot make README of the docbook"; }
	rm -f "$dest"/doc/{log,*.d}
else
	echo "in-tree: no README, the tree has no doc/docbook"
fi
echo "in-tree: $dest; to build it:"
[[ ! -f $tree/CMakeLists.txt ]] ||
	echo "  cmake -S $tree -B BUILD -DINCLUDE_MODULES=failover_route && cmake --build BUILD -t failover_route"
[[ ! -f $tree/src/Makefile.modules ]] ||
	echo "  make -C $tree/src modules modules=modules/failover_route"
