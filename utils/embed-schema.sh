#!/bin/bash
# Prints the schema FILE as a C array, so that the module needs no file at run
# time. The types are those of the header's declarations.
set -euo pipefail
size=$(stat -c %s "$1")
cat <<C
/* Generated from $1. */
#include "frt_schema.h"
__typeof__(frt_schema_rng_len) frt_schema_rng_len = $size;
__typeof__(frt_schema_rng[0]) frt_schema_rng[] = {
C
od -An -v -tx1 "$1" | sed "s/ \([0-9a-f][0-9a-f]\)/'\\\\x\1',/g"
echo "0};"
