// SPDX-License-Identifier: GPL-2.0-only
/* event_kind.c - see event_kind.h. */
#include "event_kind.h"

#include <string.h>

#include "cmocka_all.h"
#include "delivery/sink_settings.h"

uint64_t event_kind(const char *name)
{
	size_t i = 0;

	while (sink_event_kinds[i] && strcmp(sink_event_kinds[i], name) != 0)
		i++;
	if (!sink_event_kinds[i])
		fail_msg("there is no kind of event %s", name);
	return UINT64_C(1) << i;
}
