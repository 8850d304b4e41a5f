/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: nothing of it is needed,
 * but locks come before whatever includes the core's.
 */
#ifndef FRT_STUB_SR_MODULE_H
#define FRT_STUB_SR_MODULE_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../core/str.h"
#include "locking.h"
#include "parser/msg_parser.h"

#endif
