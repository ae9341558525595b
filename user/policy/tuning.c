// SPDX-License-Identifier: GPL-2.0-only
/* tuning.c - see tuning.h. */
#include "policy/tuning.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "policy/names.h"
#include "policy/rule_check.h"
#include "policy/rule_parse.h"
#include "policy/rule_read.h"

#define DAY 86400 /* seconds */

static int read_set_enum(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct tuning *t = base;

	*(k->names == action_name ? &t->set_action : &t->set_severity) = true;
	return read_enum(rd, k, v, base);
}

static int read_enabled(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct tuning *t = base;

	(void)k;
	if (!json_is_boolean(v))
		return reader_wrong(rd, "must be true or false");
	t->set_enabled = true;
	t->enabled = json_is_true(v);
	return 0;
}

/* Whether the tuning adds an exception. */
static bool excepts(const struct rule *change)
{
	return change->unless_path.count || change->unless_path_of.count ||
	       change->unless_new_directory.count || change->unless_exe.count ||
	       change->unless_package.count || change->unless_places;
}

static int read_tuned_unless(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	return read_unless(rd, k, v, &((struct tuning *)base)->change);
}

static int read_date(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);
	struct tm tm = { 0 };
	char again[16] = "";
	const char *end = text && strlen(text) == 10 ? strptime(text, "%Y-%m-%d", &tm) : NULL;

	/* strptime() takes the 31st of June; normalised, it comes out as another day. */
	if (end && !*end) {
		struct tm norm = tm;

		timegm(&norm);
		strftime(again, sizeof(again), "%Y-%m-%d", &norm);
	}
	if (!end || strcmp(again, text) != 0)
		return reader_wrong(rd, "must be a date, YYYY-MM-DD");
	*FIELD(char *, base, k) = strdup(text);
	return *FIELD(char *, base, k) ? 0 : -ENOMEM;
}

#define TUNE(field) offsetof(struct tuning, field)

static const struct key tuning_keys[] = {
	{ "tune", read_word, TUNE(tune), .required = true },
	{ "reason", read_text, TUNE(reason), .kind = TEXT_LINES, .required = true },
	{ "expires", read_date, TUNE(expires), .required = true },
	{ "severity", read_set_enum, TUNE(change.severity), .names = severity_name },
	{ "action", read_set_enum, TUNE(change.action), .names = action_name },
	{ "enabled", read_enabled, 0, .kind = 0 },
	{ "unless", read_tuned_unless, 0, .kind = 0 },
};

void tuning_done(struct tuning *t)
{
	free(t->tune);
	free(t->reason);
	free(t->expires);
	free(t->file);
	rule_done(&t->change);
	*t = (struct tuning){ 0 };
}

int tuning_parse(struct tuning *ret, json_t *object, const char *file, struct error *e)
{
	CLEANUP(tuning_done) struct tuning t = { 0 };
	struct reader rd = { .file = file, .e = e };
	const struct rule *c = &t.change;
	int r = read_object(&rd, tuning_keys, ARRAY_SIZE(tuning_keys), object, &t);

	if (r < 0)
		return r;
	if (!t.set_severity && !t.set_action && !t.set_enabled && !excepts(c))
		return reader_wrong(&rd,
				    "changes nothing: needs severity, action, unless or enabled");
	t.file = strdup(file);
	if (!t.file)
		return -ENOMEM;
	*ret = t;
	t = (struct tuning){ 0 };
	return 0;
}

long tuning_days_left(const struct tuning *t, time_t now)
{
	struct tm tm = { 0 };

	strptime(t->expires, "%Y-%m-%d", &tm);
	return (long)(timegm(&tm) / DAY - now / DAY);
}

static int append(struct strings *to, const struct strings *from)
{
	for (size_t i = 0; i < from->count; i++) {
		int r = strings_add(to, from->at[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int tuning_apply(const struct tuning *t, struct rule *r, struct error *e)
{
	_free_ char *before = TAKE_PTR(r->tuned);
	char action[64] = "", severity[64] = "";
	const struct rule *c = &t->change;
	int ret;

	if (t->set_action) {
		snprintf(action, sizeof(action), "action %s -> %s, ", action_name(r->action),
			 action_name(c->action));
		r->action = c->action;
	}
	if (t->set_severity) {
		snprintf(severity, sizeof(severity), "severity %s -> %s, ",
			 severity_name(r->severity), severity_name(c->severity));
		r->severity = c->severity;
	}
	if ((ret = append(&r->unless_path, &c->unless_path)) < 0 ||
	    (ret = append(&r->unless_path_of, &c->unless_path_of)) < 0 ||
	    (ret = append(&r->unless_new_directory, &c->unless_new_directory)) < 0 ||
	    (ret = append(&r->unless_exe, &c->unless_exe)) < 0 ||
	    (ret = append(&r->unless_package, &c->unless_package)) < 0)
		return ret;
	if (asprintf(&r->tuned, "%s%s%s%s%suntil %s (%s): %s", before ?: "", before ? "; " : "",
		     action, severity, excepts(c) ? "exceptions, " : "", t->expires, t->file,
		     t->reason) < 0) {
		r->tuned = NULL;
		return -ENOMEM;
	}
	r->unless_places |= c->unless_places;
	/* A tuning can invalidate a rule: by `hide` for a connection, or by an exception that does
	 * not apply to its operations. */
	return rule_check_named(r, t->file, e);
}
