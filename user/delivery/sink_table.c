// SPDX-License-Identifier: GPL-2.0-only
/* sink_table.c - the table of the kinds of sinks. */
#include "delivery/sink_table.h"

#include <string.h>

#include "base/cleanup.h"
#include "delivery/sink_file.h"
#include "delivery/sink_http.h"
#include "delivery/sink_journal.h"
#include "delivery/sink_kafka.h"
#include "delivery/sink_syslog.h"

static const struct sink_kind *const kinds[] = {
	&sink_file,    &sink_elastic, &sink_splunk_hec, &sink_otlp,  &sink_loki,
	&sink_webhook, &sink_syslog,  &sink_relp,	&sink_kafka, &sink_journal,
};

const struct sink_kind *sink_kind_at(size_t i)
{
	return i < ARRAY_SIZE(kinds) ? kinds[i] : NULL;
}

const struct sink_kind *sink_kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	return NULL;
}

const char *sink_kind_names(void)
{
	static char names[256];

	names[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		strcat(names, i ? ", " : "");
		strcat(names, kinds[i]->name);
	}
	return names;
}
