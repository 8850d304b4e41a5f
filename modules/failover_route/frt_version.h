/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The version, in this place only: the module's first log line, failover-route
 * --version and the packages have it from here. See CHANGELOG.md for what its
 * three numbers promise.
 */
#ifndef FRT_VERSION_H
#define FRT_VERSION_H

#define FRT_VERSION "0.9.0"

#endif
