// SPDX-License-Identifier: GPL-2.0-only
/* sink_run.c - see sink_run.h. */
#include "delivery/sink_run.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/tally.h"
#include "base/write_quietly.h"
#include "delivery/dead_letter.h"
#include "delivery/sink_table.h"
#include "delivery/spool_reader.h"

#define LEAST_PAUSE 500
#define MOST_PAUSE  60000

struct batch {
	struct sink_event *at;
	size_t count, room, bytes;
};

struct sink_run {
	const struct sink_settings *s;
	const struct sink_kind *kind;
	struct sink_run_options o;
	void *sink;
	struct spool_reader readers[SPOOL_STREAMS];
	struct batch batch;
	uint64_t split; /* events that may be sent at once; 0: as many as there are */
	pthread_t thread;
	atomic_bool stop;

	pthread_mutex_t mutex; /* of the rest */
	struct spool_cursor cursor;
	struct sink_state state;
};

uint64_t sink_run_pause(uint64_t tries, uint32_t random)
{
	uint64_t ms = tries > 7 ? MOST_PAUSE : (uint64_t)LEAST_PAUSE << tries;

	if (ms > MOST_PAUSE)
		ms = MOST_PAUSE;
	return ms - random % (ms / 2 + 1);
}

/* ---- the batch ---- */

static void free_event(struct sink_event *e)
{
	if (e->text != e->body)
		free((char *)e->text);
	free((char *)e->id);
	free((char *)e->body);
}

static void empty(struct batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		free_event(&b->at[i]);
	b->count = b->bytes = 0;
}

/* Set what is sent of an event. */
static int encode(struct sink_event *e, const json_t *v, enum encoding encoding)
{
	struct buf text = BUF_INIT;

	if (encoding == ENCODING_ECS) {
		e->text = e->body;
		e->text_len = e->body_len;
		return e->body ? 0 : -ENOMEM;
	}
	if (encoding == ENCODING_OCSF)
		encode_ocsf(&text, v);
	else
		encode_cef(&text, v);
	e->text_len = text.len;
	e->text = buf_take(&text);
	return e->text ? 0 : -ENOMEM;
}

static int add(struct batch *b, const struct spool_record *record, const json_t *v,
	       enum encoding encoding)
{
	struct sink_event *e;
	int err;

	if (b->count == b->room) {
		size_t room = b->room ? b->room * 2 : 64;
		struct sink_event *more = reallocarray(b->at, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		b->at = more;
		b->room = room;
	}
	e = &b->at[b->count];
	*e = (struct sink_event){ .id = strndup(record->id, record->id_len),
				  .body = strndup(record->body, record->body_len),
				  .body_len = record->body_len };
	b->count++;
	err = encode(e, v, encoding);
	b->bytes += e->text_len;
	return e->id && e->body ? err : -ENOMEM;
}

/* A spool that somebody else has written can hold anything; receivers get objects in one line, with
 * ids that need no quoting. */
static bool is_sound(const struct spool_record *r, const json_t *v)
{
	for (size_t i = 0; i < r->id_len; i++)
		if (!ascii_alnum(r->id[i]) && !strchr("-_.:", r->id[i]))
			return false;
	return r->id_len && json_is_object(v) && !memchr(r->body, '\n', r->body_len) &&
	       !memchr(r->body, '\0', r->body_len);
}

static const char *text_of(const json_t *v, const char *object, const char *member)
{
	return json_string_value(json_object_get(json_object_get(v, object), member)) ?: "";
}

static bool has_kind(uint64_t kinds, const json_t *v)
{
	const char *kind = text_of(v, "event", "action");

	for (size_t i = 0; sink_event_kinds[i]; i++)
		if (strcmp(sink_event_kinds[i], kind) == 0)
			return kinds >> i & 1;
	return false;
}

static bool has_rule(const struct json_form_list *rules, const json_t *v)
{
	const char *rule = text_of(v, "rule", "id");

	for (size_t i = 0; i < rules->count; i++)
		if (strcmp(((char **)rules->at)[i], rule) == 0)
			return true;
	return false;
}

static bool is_wanted(const struct sink_run *r, const struct spool_record *record, const json_t *v,
		      enum spool_stream stream)
{
	json_t *severity = json_object_get(json_object_get(v, "event"), "severity");

	if (r->s->kinds && !has_kind(r->s->kinds, v))
		return false;
	if (record->kind == SPOOL_OWN)
		return !r->s->alerts_only && !r->kind->alerts_only;
	if ((r->s->alerts_only || r->kind->alerts_only) && stream != SPOOL_ALERTS)
		return false;
	return (uint64_t)json_integer_value(severity) >= r->s->min_severity &&
	       (!r->s->rules.count || has_rule(&r->s->rules, v));
}

/* ---- dead letters ---- */

static int bury(struct sink_run *r, const struct sink_event *e, const char *why)
{
	return dead_letter_add(r->o.dir, r->s->name, e->id, e->body, e->body_len, why);
}

/* ---- one batch ---- */

static void say(const struct sink_run *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(const struct sink_run *r, const char *format, ...)
{
	_buf_ struct buf line = BUF_INIT;
	va_list ap;

	buf_addf(&line, "wormsign: sink %s: ", r->s->name);
	va_start(ap, format);
	buf_addv(&line, format, ap);
	va_end(ap);
	buf_addc(&line, '\n');
	write_quietly(STDERR_FILENO, line.at, line.len);
}

/* Count a failed try, and wait. */
static void fail(struct sink_run *r, const struct sink_result *result)
{
	uint32_t random = 0;
	uint64_t tries, ms;

	pthread_mutex_lock(&r->mutex);
	tries = ++r->state.tries;
	snprintf(r->state.why, sizeof(r->state.why), "%s", result->why);
	pthread_mutex_unlock(&r->mutex);
	if (getrandom(&random, sizeof(random), GRND_NONBLOCK) < 0)
		random = (uint32_t)(uintptr_t)result;
	ms = sink_run_pause(tries - 1, random);
	if (result->wait_ms > ms)
		ms = result->wait_ms;
	if (tally_worth(tries, 1))
		say(r, "%s; kept in the spool, next try in %.1f s", result->why, ms / 1000.0);
	if (!atomic_load(&r->stop))
		spool_wait(r->o.spool, NULL, (int)ms);
}

/* Take what is settled out of the batch. Whether something was. */
static bool settle(struct sink_run *r, const struct sink_result *result)
{
	struct batch *b = &r->batch;
	uint64_t done = 0, refused = 0;
	size_t left = 0;

	for (size_t i = 0; i < b->count; i++) {
		struct sink_event *e = &b->at[i];

		if (e->fate == SINK_REFUSED && bury(r, e, result->why) < 0)
			e->fate = SINK_KEPT; /* no room for it: it stays in the spool */
		if (e->fate == SINK_KEPT) {
			b->at[left++] = *e;
			continue;
		}
		b->bytes -= e->text_len;
		done += e->fate == SINK_DONE;
		refused += e->fate == SINK_REFUSED;
		free_event(e);
	}
	b->count = left;
	if (refused)
		say(r, "%" PRIu64 " events refused for good, kept in %s.dead: %s", refused,
		    r->s->name, result->why);
	pthread_mutex_lock(&r->mutex);
	if (done || refused)
		r->state.tries = 0;
	r->state.delivered += done;
	r->state.refused += refused;
	pthread_mutex_unlock(&r->mutex);
	return done || refused;
}

static void send_batch(struct sink_run *r)
{
	while (r->batch.count && !atomic_load(&r->stop)) {
		struct sink_result result = { .why = "no answer" };
		size_t n = r->batch.count;

		if (r->kind->most_events && n > r->kind->most_events)
			n = r->kind->most_events;
		if (r->split && n > r->split)
			n = r->split;
		r->kind->send(r->sink, r->batch.at, n, &result);
		sink_hide(&result, r->s);
		if ((result.split || result.slow) && n > 1)
			r->split = n / 2;
		if (result.split && n > 1) {
			/* what is sent next may be less, and the rest keeps its fate */
			sink_all(r->batch.at, n, SINK_KEPT);
			continue;
		}
		if (!settle(r, &result))
			fail(r, &result);
	}
	r->split = 0;
}

/* ---- the thread ---- */

/* Fill the batch. 1: something was read, be it wanted or not; 0: nothing is there. */
static int collect(struct sink_run *r, struct error *e)
{
	struct batch *b = &r->batch;
	int any = 0;

	for (int i = 0; i < SPOOL_STREAMS; i++) {
		uint64_t end = spool_end(r->o.spool, i);
		struct spool_record record;
		int n = 0;

		while (b->count < r->s->batch_events && b->bytes < r->s->batch_bytes &&
		       !atomic_load(&r->stop) &&
		       (n = spool_reader_next(&r->readers[i], end, &record, e)) > 0) {
			_json_ json_t *v = json_loadb(record.body, record.body_len, 0, NULL);

			any = 1;
			if (record.time < r->o.since)
				continue;
			if (!is_sound(&record, v)) {
				struct sink_event odd = { .id = "",
							  .body = record.body,
							  .body_len = record.body_len };

				if (bury(r, &odd, "no event of wormsign's") < 0)
					return error_set(e, -EIO, "%s.dead cannot be written",
							 r->s->name);
				pthread_mutex_lock(&r->mutex);
				r->state.refused++;
				pthread_mutex_unlock(&r->mutex);
			} else if (is_wanted(r, &record, v, i) &&
				   add(b, &record, v, r->s->encoding) < 0) {
				return error_set(e, -ENOMEM, "out of memory");
			}
		}
		if (n < 0)
			return n;
	}
	return any;
}

static void move_cursor(struct sink_run *r)
{
	struct spool_cursor c;
	struct error e = { 0 };

	for (int i = 0; i < SPOOL_STREAMS; i++)
		c.next[i] = r->readers[i].next;
	/* On failure what was delivered is sent again by the next process. */
	if (!r->o.since && spool_cursor_write(r->o.dir, r->s->name, &c, &e) < 0)
		say(r, "%s", e.text);
	pthread_mutex_lock(&r->mutex);
	r->cursor = c;
	pthread_mutex_unlock(&r->mutex);
}

/* Read from the cursor on again. */
static void rewind_readers(struct sink_run *r)
{
	for (int i = 0; i < SPOOL_STREAMS; i++) {
		spool_reader_close(&r->readers[i]);
		spool_reader_open(&r->readers[i], r->o.dir, i, r->cursor.next[i]);
	}
	empty(&r->batch);
}

/* Here, because a sink that cannot be opened (any more) must not keep the others from starting. */
static void open_sink(struct sink_run *r)
{
	while (!r->sink && !atomic_load(&r->stop)) {
		struct sink_result result = { 0 };
		struct error e = { 0 };

		if (r->kind->open(&r->sink, r->s, &e) == 0)
			return;
		r->sink = NULL;
		sink_why(&result, "%s", e.text);
		sink_hide(&result, r->s);
		fail(r, &result);
	}
}

static void *work(void *arg)
{
	struct sink_run *r = arg;

	open_sink(r);
	while (!atomic_load(&r->stop)) {
		struct error e = { 0 };
		int n = collect(r, &e);

		if (n < 0) {
			struct sink_result result = { 0 };

			sink_why(&result, "%s", e.text);
			fail(r, &result);
			rewind_readers(r);
			continue;
		}
		send_batch(r);
		if (r->batch.count)
			break; /* asked to stop */
		if (n)
			move_cursor(r);
		else
			spool_wait(r->o.spool, &r->cursor, 1000);
	}
	return NULL;
}

/* ---- start and end ---- */

/* Where a sink that has no cursor begins: with the oldest record. */
static int begin_at(struct sink_run *r, struct error *e)
{
	int err = r->o.since ? -ENOENT : spool_cursor_read(&r->cursor, r->o.dir, r->s->name, e);

	if (err == -EBADMSG) {
		say(r, "its cursor is damaged: all is delivered again");
		err = -ENOENT;
	}
	for (int i = 0; err == 0 && i < SPOOL_STREAMS; i++)
		if (r->cursor.next[i] > spool_end(r->o.spool, i)) {
			say(r, "its cursor is behind the spool's end: all is delivered again");
			err = -ENOENT;
		}
	if (err != -ENOENT)
		return err;
	err = spool_cursor_oldest(&r->cursor, r->o.dir, e);
	if (err < 0)
		return err;
	/* From now on segments wait for this sink. */
	return r->o.since ? 0 : spool_cursor_write(r->o.dir, r->s->name, &r->cursor, e);
}

int sink_run_start(struct sink_run **ret, const struct sink_settings *settings,
		   const struct sink_run_options *o, struct error *e)
{
	struct sink_run *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return error_set(e, -ENOMEM, "out of memory");
	r->s = settings;
	r->o = *o;
	r->kind = sink_kind_find(settings->type);
	pthread_mutex_init(&r->mutex, NULL);
	for (int i = 0; i < SPOOL_STREAMS; i++)
		spool_reader_open(&r->readers[i], o->dir, i, 1);
	err = begin_at(r, e);
	for (int i = 0; i < SPOOL_STREAMS; i++)
		r->readers[i].next = r->cursor.next[i];
	if (err == 0) {
		err = -pthread_create(&r->thread, NULL, work, r);
		if (err < 0)
			error_set(e, err, "a thread cannot be made: %s", strerror(-err));
	}
	if (err < 0) {
		pthread_mutex_destroy(&r->mutex);
		free(r);
		return err;
	}
	*ret = r;
	return 0;
}

void sink_run_state(struct sink_run *r, struct sink_state *ret)
{
	uint64_t end[SPOOL_STREAMS];

	for (int i = 0; i < SPOOL_STREAMS; i++)
		end[i] = spool_end(r->o.spool, i);
	pthread_mutex_lock(&r->mutex);
	*ret = r->state;
	for (int i = 0; i < SPOOL_STREAMS; i++)
		ret->pending[i] = end[i] > r->cursor.next[i] ? end[i] - r->cursor.next[i] : 0;
	pthread_mutex_unlock(&r->mutex);
}

const char *sink_run_name(const struct sink_run *r)
{
	return r->s->name;
}

void sink_run_stop(struct sink_run *r)
{
	atomic_store(&r->stop, true);
}

void sink_run_free(struct sink_run *r)
{
	if (!r)
		return;
	pthread_join(r->thread, NULL);
	if (r->sink)
		r->kind->close(r->sink);
	for (int i = 0; i < SPOOL_STREAMS; i++)
		spool_reader_close(&r->readers[i]);
	empty(&r->batch);
	free(r->batch.at);
	pthread_mutex_destroy(&r->mutex);
	free(r);
}
