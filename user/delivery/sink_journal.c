// SPDX-License-Identifier: GPL-2.0-only
/*
 * sink_journal.c - by libsystemd, where the build has it. Best effort: journald limits the rate of
 * a service, and says nothing of what it leaves out.
 */
#include "delivery/sink_journal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "delivery/json_path.h"

static const struct row {
	const char *field, *from;
	const struct encoding_word *words; /* NULL: as it is */
} rows[] = {
	{ "MESSAGE", .from = "message" },
	{ "PRIORITY", "event.severity",
	  (const struct encoding_word[]){
		  { "21", 5 }, { "47", 4 }, { "73", 3 }, { "99", 2 }, { NULL, 6 } } },
	{ "WORMSIGN_EVENT_ID", .from = "event.id" },
	{ "WORMSIGN_EVENT_KIND", .from = "event.kind" },
	{ "WORMSIGN_ACTION", .from = "event.action" },
	{ "WORMSIGN_SESSION", .from = "wormsign.session" },
	{ "WORMSIGN_VERDICT", .from = "wormsign.verdict" },
	{ "WORMSIGN_EFFECT", .from = "wormsign.effect" },
	{ "WORMSIGN_RULE", .from = "rule.id" },
	{ "WORMSIGN_PACKAGE", .from = "package.name" },
	{ "WORMSIGN_PACKAGE_VERSION", .from = "package.version" },
	{ "WORMSIGN_FILE", .from = "file.path" },
	{ "WORMSIGN_DESTINATION", .from = "destination.address" },
	{ "WORMSIGN_PID", .from = "process.pid" },
	{ "WORMSIGN_EXECUTABLE", .from = "process.executable" },
	{ "WORMSIGN_COMMAND_LINE", .from = "process.command_line" },
};

void journal_fields(struct buf *out, const json_t *event, const char *body)
{
	buf_adds(out, "SYSLOG_IDENTIFIER=wormsign");
	buf_addc(out, '\0');
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const json_t *v = json_path_get(event, rows[i].from);

		if (rows[i].words)
			buf_addf(out, "%s=%d", rows[i].field, encoding_word(rows[i].words, v));
		else if (json_is_string(v))
			buf_addf(out, "%s=%s", rows[i].field, json_string_value(v));
		else if (json_is_integer(v))
			buf_addf(out, "%s=%" JSON_INTEGER_FORMAT, rows[i].field,
				 json_integer_value(v));
		else
			continue;
		buf_addc(out, '\0');
	}
	buf_addf(out, "WORMSIGN_JSON=%s", body);
	buf_addc(out, '\0');
}

#define PACKAGE "libsystemd-dev"

#ifdef WORMSIGN_JOURNAL
#include <systemd/sd-journal.h>
#include <unistd.h>

/* Where there is no journal, libsystemd sends nothing, and reports success. */
#define SOCKET "/run/systemd/journal/socket"

static int check(const struct sink_settings *s, struct error *e)
{
	if (strcmp(s->target, "local") != 0)
		return error_set(e, -EINVAL, "the target of a journal is \"local\"");
	return 0;
}

static int journal_open(void **ret, const struct sink_settings *s, struct error *e)
{
	(void)e;
	*ret = (void *)s;
	return 0;
}

static int send_one(const struct sink_event *event)
{
	_json_ json_t *v = json_loadb(event->body, event->body_len, 0, NULL);
	struct iovec parts[JOURNAL_FIELDS];
	_buf_ struct buf fields = BUF_INIT;
	int n = 0;

	journal_fields(&fields, v, event->text);
	if (fields.failed)
		return -ENOMEM;
	for (size_t at = 0; at < fields.len && n < JOURNAL_FIELDS; n++) {
		size_t len = strlen(fields.at + at);

		parts[n] = (struct iovec){ fields.at + at, len };
		at += len + 1;
	}
	return sd_journal_sendv(parts, n);
}

static void journal_send(void *sink, struct sink_event *events, size_t count,
			 struct sink_result *ret)
{
	int err = access(SOCKET, F_OK) < 0 ? -errno : 0;

	(void)sink;
	for (size_t i = 0; i < count && err >= 0; i++) {
		err = send_one(&events[i]);
		if (err >= 0)
			events[i].fate = SINK_DONE;
	}
	if (err < 0)
		sink_why(ret, SOCKET ": %s", strerror(-err));
}

static void journal_close(void *sink)
{
	(void)sink;
}

const struct sink_kind sink_journal = {
	.name = "journal",
	.target = "local",
	.best_effort = true,
	.package = PACKAGE,
	.encodings = ENCODING_JSON,
	.check = check,
	.open = journal_open,
	.send = journal_send,
	.close = journal_close,
};
#else

static int check(const struct sink_settings *s, struct error *e)
{
	(void)s;
	return error_set(e, -EINVAL,
			 "this wormsign was built without libsystemd: install " PACKAGE
			 " and build it again");
}

const struct sink_kind sink_journal = {
	.name = "journal",
	.target = "local (not in this build)",
	.best_effort = true,
	.package = PACKAGE,
	.encodings = ENCODING_JSON,
	.check = check,
};
#endif
