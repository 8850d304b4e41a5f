/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: all of it is in msg_parser.h.
 */
#include "msg_parser.h"
