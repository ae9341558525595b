/* SPDX-License-Identifier: GPL-2.0-only */
/* event_kind.h - the bit of a kind of event in the filter of a sink, by its name. */
#ifndef WORMSIGN_TEST_EVENT_KIND_H
#define WORMSIGN_TEST_EVENT_KIND_H

#include <stdint.h>

uint64_t event_kind(const char *name);

#endif
