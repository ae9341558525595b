// SPDX-License-Identifier: GPL-2.0-only
/* heartbeat.c - see heartbeat.h. */
#include "delivery/heartbeat.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/tally.h"
#include "delivery/json_path.h"
#include "delivery/own_event.h"

#define NAME  "heartbeat"
#define FRESH "heartbeat.new"
#define DAY   (UINT64_C(86400) * 1000000000)

/* ---- the file ---- */

static bool load(struct heartbeat *h)
{
	_close_ int fd =
		openat(h->dir, NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	char text[256], end;
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	struct heartbeat saved = *h;

	if (n < 0)
		return false;
	text[n] = 0;
	if (sscanf(text,
		   "wormsign-heartbeat 1 origin %" SCNx64 " sequence %" SCNu64 " inventory %" SCNx64
		   " at %" SCNu64 "%c",
		   &saved.origin, &saved.sequence, &saved.inventory, &saved.inventory_at,
		   &end) != 5 ||
	    end != '\n')
		return false;
	*h = saved;
	return true;
}

static int save(const struct heartbeat *h, struct error *e)
{
	_close_ int fd =
		openat(h->dir, FRESH, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	char text[256];
	int err, len = snprintf(text, sizeof(text),
				"wormsign-heartbeat 1 origin %016" PRIx64 " sequence %" PRIu64
				" inventory %016" PRIx64 " at %" PRIu64 "\n",
				h->origin, h->sequence, h->inventory, h->inventory_at);

	if (fd >= 0 && write(fd, text, len) == len && renameat(h->dir, FRESH, h->dir, NAME) == 0)
		return 0;
	err = errno ?: ENOSPC;
	unlinkat(h->dir, FRESH, 0);
	return error_set(e, -err, "heartbeats cannot be counted: %s", strerror(err));
}

void heartbeat_open(struct heartbeat *ret, int dir, uint64_t interval_ms)
{
	*ret = (struct heartbeat){ .dir = dir, .interval_ms = interval_ms };
	if (!load(ret) && getrandom(&ret->origin, sizeof(ret->origin), 0) != sizeof(ret->origin))
		ret->origin = clock_ns(CLOCK_REALTIME);
	if (interval_ms)
		ret->next = clock_ms() + (int64_t)interval_ms;
}

/* ---- an event ---- */

/* Counted before it is written: no two have the same id, whatever happens between. */
static int append(struct heartbeat *h, struct spool *s, const struct own_event *o, json_t *event,
		  struct error *e)
{
	_buf_ struct buf body = BUF_INIT;
	char id[OWN_EVENT_ID];
	struct spool_record record = { .kind = SPOOL_OWN, .id = id };
	int err;

	own_event_id(id, o);
	own_event_write(&body, event);
	if (body.failed)
		return error_set(e, -ENOMEM, "no memory for a heartbeat");
	err = save(h, e);
	record.id_len = strlen(id);
	record.body = body.at;
	record.body_len = body.len;
	err = err ?: spool_append_record(s, SPOOL_EVENTS, &record, e);
	return err < 0 ? err : 1;
}

int heartbeat_pause(const struct heartbeat *h, int most)
{
	int64_t left = h->next - clock_ms();

	if (!h->next || left > most)
		return most;
	return left > 0 ? (int)left : 0;
}

static void add_sinks(json_t *wormsign, const struct sink_set *sinks, json_int_t *delivered,
		      json_int_t *refused)
{
	json_t *list = json_array();

	for (size_t i = 0; i < sinks->count; i++) {
		struct sink_state one;

		sink_run_state(sinks->at[i], &one);
		*delivered += (json_int_t)one.delivered;
		*refused += (json_int_t)one.refused;
		json_array_append_new(
			list, json_pack("{s:s,s:I,s:I,s:I}", "name", sink_run_name(sinks->at[i]),
					"alerts", (json_int_t)one.pending[SPOOL_ALERTS], "events",
					(json_int_t)one.pending[SPOOL_EVENTS], "tries",
					(json_int_t)one.tries));
	}
	json_object_set_new(wormsign, "sinks", list);
}

int heartbeat_beat(struct heartbeat *h, struct spool *s, const struct heartbeat_counts *n,
		   const struct sink_set *sinks, struct error *e)
{
	json_int_t delivered = 0, refused = 0;
	struct own_event o = { .action = "heartbeat", .kind = "metric", .origin = h->origin };
	_buf_ struct buf text = BUF_INIT;
	json_t *event, *wormsign;

	if (!h->next || clock_ms() < h->next)
		return 0;
	h->next = clock_ms() + (int64_t)h->interval_ms;
	o.sequence = ++h->sequence;
	buf_addf(&text,
		 "delivery is alive: %" PRIu64 " alerts and %" PRIu64
		 " other events taken, %" PRIu64 " lost",
		 n->alerts, n->events, n->lost);
	event = own_event_new(&o, text.at);
	wormsign = json_object_get(event, "wormsign");
	add_sinks(wormsign, sinks, &delivered, &refused);
	json_object_set_new(wormsign, "interval", json_real((double)h->interval_ms / 1000));
	json_object_set_new(wormsign, "counts",
			    json_pack("{s:I,s:I,s:I,s:I}", "alerts", (json_int_t)n->alerts,
				      "events", (json_int_t)n->events, "delivered", delivered,
				      "refused", refused));
	json_object_set_new(wormsign, "lost", json_pack("{s:I}", "events", (json_int_t)n->lost));
	return append(h, s, &o, event, e);
}

/* ---- the inventory ---- */

static const char *const inventory[] = {
	"host.os.type",	  "host.os.kernel",	 "host.architecture",	  "wormsign.backend",
	"wormsign.rules", "wormsign.rules_dirs", "wormsign.rules_digest",
};

/* Changes with what the inventory says. */
static uint64_t content_of(const json_t *start)
{
	_buf_ struct buf all = BUF_INIT;

	buf_adds(&all, WORMSIGN_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(inventory); i++) {
		json_t *v = json_path_get(start, inventory[i]);
		_free_ char *text = v ? json_dumps(v, JSON_ENCODE_ANY) : NULL;

		buf_addf(&all, "|%s", text ?: "");
	}
	return tally_hash(all.at, all.len);
}

static int tell(struct heartbeat *h, struct spool *s, const json_t *start, struct error *e)
{
	struct own_event o = { .action = "inventory", .kind = "state", .origin = h->origin };
	uint64_t content = content_of(start), now = spool_age(s);
	json_t *event;

	if (h->inventory_at && h->inventory == content && now - h->inventory_at < DAY)
		return 0;
	h->inventory = content;
	h->inventory_at = now ?: 1;
	o.sequence = ++h->sequence;
	event = own_event_new(&o, "what this machine runs: version, kernel, backend and rules");
	for (size_t i = 0; event && i < ARRAY_SIZE(inventory); i++)
		json_path_set(event, inventory[i], json_incref(json_path_get(start, inventory[i])));
	return append(h, s, &o, event, e);
}

int heartbeat_look(struct heartbeat *h, struct spool *s, const char *event, size_t len,
		   struct error *e)
{
	static const char mark[] = "\"session-start\"";
	_json_ json_t *v = NULL;
	const char *action;

	if (!memmem(event, len, mark, sizeof(mark) - 1))
		return 0;
	v = json_loadb(event, len, 0, NULL);
	action = json_string_value(json_path_get(v, "event.action"));
	return action && strcmp(action, "session-start") == 0 ? tell(h, s, v, e) : 0;
}
