// SPDX-License-Identifier: GPL-2.0-only
/* own_event.c - see own_event.h. */
#include "delivery/own_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/cleanup.h"
#include "events/event.h"
#include "events/host_id.h"

static void time_now(char ret[40])
{
	struct timespec now;
	struct tm utc;
	size_t len;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &utc);
	len = strftime(ret, 40, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(ret + len, 40 - len, ".%03dZ", (int)(now.tv_nsec / 1000000));
}

static json_t *host_here(void)
{
	json_t *host = json_object();
	char id[HOST_ID_LEN];
	struct utsname uts;

	if (uname(&uts) == 0)
		json_object_set_new(host, "name", json_string(uts.nodename));
	host_id_here(id);
	if (id[0])
		json_object_set_new(host, "id", json_string(id));
	return host;
}

void own_event_id(char ret[OWN_EVENT_ID], const struct own_event *o)
{
	snprintf(ret, OWN_EVENT_ID, "%s-%016" PRIx64 "-%" PRIu64, o->action, o->origin,
		 o->sequence);
}

json_t *own_event_new(const struct own_event *o, const char *message)
{
	char time[40], id[OWN_EVENT_ID];

	time_now(time);
	own_event_id(id, o);
	return json_pack("{s:s,s:s,s:{s:s},s:{s:s,s:s,s:s,s:s,s:s,s:I,s:[s],s:[s]},s:o,"
			 "s:{s:s,s:s}}",
			 "@timestamp", time, "message", message, "ecs", "version", EVENT_ECS,
			 "event", "id", id, "kind", o->kind, "module", "wormsign", "dataset",
			 "wormsign.delivery", "action", o->action, "sequence",
			 (json_int_t)o->sequence, "category", "host", "type", "info", "host",
			 host_here(), "wormsign", "schema", EVENT_SCHEMA, "version",
			 WORMSIGN_VERSION);
}

void own_event_write(struct buf *out, json_t *event)
{
	_free_ char *text = event ? json_dumps(event, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;

	if (text)
		buf_adds(out, text);
	else
		out->failed = true;
	json_decref(event);
}
