#!/bin/bash
# Installs what was built, or removes it again. Both walk through one list, so
# uninstall removes exactly what install put; folders only when they are empty.
# usage: install.sh install|uninstall
# environment, of make: MODULE CLI MODDIR prefix DESTDIR ZSH_DIR, KAMCLI_DIR (may be empty)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
what=${1:-}
: "${MODULE:?}" "${CLI:?}" "${prefix:?}" "${ZSH_DIR:?}"
: "${MODDIR:?where does the module lie? A tree that was not built does not know: KAM_MODDIR=folder}"
DESTDIR=${DESTDIR:-}
share=$prefix/share
ours=$share/failover_route

list() { # mode, what was built, where it goes
	echo "644|$MODULE|$MODDIR/failover_route.so"
	echo "755|$CLI|$prefix/bin/failover-route"
	echo "644|build/completion.bash|$share/bash-completion/completions/failover-route"
	echo "644|build/completion.zsh|$ZSH_DIR/_failover-route"
	echo "644|build/completion.fish|$share/fish/vendor_completions.d/failover-route.fish"
	echo "644|utils/failover-route.8|$share/man/man8/failover-route.8"
	echo "644|build/failover_route.7|$share/man/man7/failover_route.7"
	echo "644|build/failover_route.xml.5|$share/man/man5/failover_route.xml.5"
	echo "644|build/operations.md|$ours/operations.md"
	local file
	while read -r file; do echo "644|$file|$ours/${file#etc/}"; done \
		< <(find etc -type f | sort)
	for file in utils/kamcli/*; do
		[[ -f $file ]] || continue
		echo "644|$file|$ours/${file#utils/}"
		[[ -z ${KAMCLI_DIR:-} || $file != *.py ]] ||
			echo "644|$file|$KAMCLI_DIR/${file##*/}"
	done
}

case $what in
	install)
		for shell in bash zsh fish; do
			"$CLI" completion $shell >build/completion.$shell
		done
		utils/package/man-pages.py build
		# as it is read on a server: without what the tests do in between
		sed -e '/^<!-- lab:.*-->$/d' -e '/^<!-- lab:/,/^-->$/d' -e 's|(\(\.\./\)*etc/|(|g' \
			modules/failover_route/doc/operations.md >build/operations.md
		list | while IFS='|' read -r mode file dest; do
			install -D -m "$mode" "$file" "$DESTDIR$dest"
			echo "$DESTDIR$dest"
		done
		;;
	uninstall)
		list | while IFS='|' read -r _ _ dest; do
			[[ -e $DESTDIR$dest ]] || continue
			rm -f "$DESTDIR$dest"
			echo "removed $DESTDIR$dest"
		done
		# Only folders that are the module's own, and only what nobody else uses.
		[[ ! -d $DESTDIR$ours ]] || find "$DESTDIR$ours" -depth -type d -empty -delete
		;;
	*) echo "usage: $0 install|uninstall" >&2; exit 2 ;;
esac
