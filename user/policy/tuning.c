// SPDX-License-Identifier: GPL-2.0-only
/* tuning.c - a site's change to a rule of an earlier directory (rule_parse.h): read it, and apply
 * it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "rule_check.h"
#include "rule_parse.h"
#include "rule_read.h"

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

	/* Through the calendar and back: there is no 31st of June. */
	if (end && !*end) {
		struct tm norm = tm;

		norm.tm_hour = 12;
		timegm(&norm);
		strftime(again, sizeof(again), "%Y-%m-%d", &norm);
	}
	if (!text || strcmp(again, text) != 0)
		return reader_wrong(rd, "must be a date, YYYY-MM-DD");
	*FIELD(char *, base, k) = strdup(text);
	return *FIELD(char *, base, k) ? 0 : -ENOMEM;
}

#define TUNE(field) offsetof(struct tuning, field)

static const struct key tuning_keys[] = {
	{ "tune", read_word, TUNE(tune), .required = true },
	{ "reason", read_text, TUNE(reason), .kind = 1, .required = true },
	{ "expires", read_date, TUNE(expires), .required = true },
	{ "severity",
	  read_set_enum,
	  TUNE(change.severity),
	  { severity_from_name },
	  severity_name,
	  false },
	{ "action", read_set_enum, TUNE(change.action), { action_from_name }, action_name, false },
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

int tuning_parse(struct tuning *ret, json_t *object, const char *file, const char *today,
		 struct error *e)
{
	CLEANUP(tuning_done) struct tuning t = { 0 };
	struct reader rd = { .file = file, .e = e };
	const struct rule *c = &t.change;
	int r = read_object(&rd, tuning_keys, ARRAY_SIZE(tuning_keys), object, &t);

	if (r < 0)
		return r;
	if (strcmp(t.expires, today) < 0) {
		reader_enter(&rd, "/expires");
		return reader_wrong(
			&rd, "expired: decide again, and change the date or delete the file");
	}
	if (!t.set_severity && !t.set_action && !t.set_enabled && !c->unless_path.count &&
	    !c->unless_exe.count && !c->unless_package.count && !c->unless_places)
		return reader_wrong(&rd,
				    "changes nothing: give severity, action, unless or enabled");
	t.file = strdup(file);
	if (!t.file)
		return -ENOMEM;
	*ret = t;
	t = (struct tuning){ 0 };
	return 0;
}

static int append(struct strings *to, struct strings *from)
{
	for (size_t i = 0; i < from->count; i++) {
		int r = strings_add(to, from->at[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

int tuning_apply(struct tuning *t, struct rule *r, struct error *e)
{
	_free_ char *before = TAKE_PTR(r->tuned);
	char action[64] = "", severity[64] = "";
	struct rule *c = &t->change;
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
	    (ret = append(&r->unless_exe, &c->unless_exe)) < 0 ||
	    (ret = append(&r->unless_package, &c->unless_package)) < 0)
		return ret;
	if (asprintf(&r->tuned, "%s%s%s%s%suntil %s (%s): %s", before ?: "", before ? "; " : "",
		     action, severity,
		     c->unless_path.count + c->unless_exe.count + c->unless_package.count ||
				     c->unless_places
			     ? "exceptions, "
			     : "",
		     t->expires, t->file, t->reason) < 0) {
		r->tuned = NULL;
		return -ENOMEM;
	}
	r->unless_places |= c->unless_places;
	/* A tuning can make a rule wrong: `hide` on a connection, an exception that no operation of
	 * it can meet. */
	return rule_check_named(r, t->file, e);
}
