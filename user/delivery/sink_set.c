// SPDX-License-Identifier: GPL-2.0-only
/* sink_set.c - see sink_set.h. */
#include "delivery/sink_set.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/sink_table.h"

int sink_set_start(struct sink_set *ret, const struct delivery_config *c,
		   const struct sink_run_options *o, struct error *e)
{
	struct sink_set s = { .at = calloc(c->sinks.count + 1, sizeof(*s.at)) };

	if (!s.at)
		return error_set(e, -ENOMEM, "out of memory");
	for (size_t i = 0; i < c->sinks.count; i++) {
		const struct sink_settings *settings = delivery_config_sink(c, i);
		struct error why = { 0 };
		int err = sink_run_start(&s.at[s.count], settings, o, &why);

		if (err < 0) {
			sink_set_end(&s, o->spool);
			return error_set(e, err, "sink %s: %s", settings->name, why.text);
		}
		s.count++;
	}
	*ret = s;
	return 0;
}

int sink_set_try(const struct delivery_config *c, struct error *e)
{
	for (size_t i = 0; i < c->sinks.count; i++) {
		const struct sink_settings *settings = delivery_config_sink(c, i);
		const struct sink_kind *kind = sink_kind_find(settings->type);
		struct error why = { 0 };
		void *sink;
		int err = kind->open(&sink, settings, &why);

		if (err < 0)
			return error_set(e, err, "sink %s: %s", settings->name, why.text);
		kind->close(sink);
	}
	return 0;
}

void sink_set_state(const struct sink_set *s, struct sink_state *ret)
{
	*ret = (struct sink_state){ 0 };
	for (size_t i = 0; i < s->count; i++) {
		struct sink_state one;

		sink_run_state(s->at[i], &one);
		for (int k = 0; k < SPOOL_STREAMS; k++)
			if (one.pending[k] > ret->pending[k])
				ret->pending[k] = one.pending[k];
		ret->refused += one.refused;
		ret->delivered += one.delivered;
	}
}

bool sink_set_done(const struct sink_set *s)
{
	struct sink_state all;

	sink_set_state(s, &all);
	return !all.pending[SPOOL_ALERTS] && !all.pending[SPOOL_EVENTS];
}

void sink_set_explain(const struct sink_set *s, struct buf *out)
{
	for (size_t i = 0; i < s->count; i++) {
		struct sink_state one;

		sink_run_state(s->at[i], &one);
		if (!one.pending[SPOOL_ALERTS] && !one.pending[SPOOL_EVENTS])
			continue;
		buf_addf(
			out, "%s: %" PRIu64 " alerts, %" PRIu64 " other events not delivered%s%s\n",
			sink_run_name(s->at[i]), one.pending[SPOOL_ALERTS],
			one.pending[SPOOL_EVENTS], one.tries ? ": " : "", one.tries ? one.why : "");
	}
}

void sink_set_end(struct sink_set *s, struct spool *spool)
{
	for (size_t i = 0; i < s->count; i++)
		sink_run_stop(s->at[i]);
	spool_wake(spool);
	for (size_t i = 0; i < s->count; i++)
		sink_run_free(s->at[i]);
	free(s->at);
	*s = (struct sink_set){ 0 };
}
