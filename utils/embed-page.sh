#!/bin/bash
# Prints the status page FOLDER/page.{html,css,js} as C: one HTML text with style
# and script inside, and a Content-Security-Policy that allows these two by their
# hashes. In page.html the lines @style@ and @script@ stand for them.
# usage: embed-page.sh FOLDER
set -euo pipefail
cd "$1"

inside() { # file: as it stands between its tags
	printf '\n%s\n' "$(cat "$1")"
}

source_of() { # file: as a policy names it
	local hex
	hex=$(inside "$1" | sha256sum | fold -w 2 | head -n 32 | sed 's/^/\\x/' | tr -d '\n')
	printf "'sha256-%s'" "$(printf '%b' "$hex" | base64 -w 0)"
}

page() {
	while IFS= read -r line; do
		case $line in
			@style@) printf '<style>' && inside page.css && echo '</style>' ;;
			@script@) printf '<script>' && inside page.js && echo '</script>' ;;
			*) printf '%s\n' "$line" ;;
		esac
	done <page.html
}

if grep -qi '</s' page.css page.js; then
	echo "$1: a closing tag inside of style or script" >&2
	exit 1
fi
cat <<C
/* Generated from $1/. */
#include "frt_page.h"
__typeof__(frt_page_html_len) frt_page_html_len = $(page | wc -c);
__typeof__(frt_page_csp[0]) frt_page_csp[] =
	"default-src 'none'; script-src $(source_of page.js); "
	"style-src $(source_of page.css); img-src data:; connect-src 'self'; "
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
__typeof__(frt_page_html[0]) frt_page_html[] = {
C
page | od -An -v -tx1 | sed "s/ \([0-9a-f][0-9a-f]\)/0x\1,/g"
echo "0};"
