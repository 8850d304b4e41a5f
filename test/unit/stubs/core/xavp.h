/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands in for the core's header in unit tests: nothing of it is needed.
 */
