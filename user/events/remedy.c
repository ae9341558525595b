// SPDX-License-Identifier: GPL-2.0-only
/* remedy.c - see remedy.h. */
#include "events/remedy.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

#define SITE_RULES  "/etc/wormsign/rules.d"
#define PERMIT_DAYS 90
#define DAY	    86400 /* seconds */

/* At most so many dependencies are named. */
#define NAMES_MOST 3

/* A word of characters that no shell interprets, and no option. */
static bool is_harmless(const char *value)
{
	return value && value[0] && value[0] != '-' &&
	       strspn(value, LETTERS "@._/-") == strlen(value);
}

/* "name" or "@scope/name". `npm uninstall a/b` would mean a repository, `.` a directory. */
static bool is_package(const char *name)
{
	const char *rest = name;
	size_t n;

	if (!is_harmless(name))
		return false;
	if (name[0] == '@') {
		n = strspn(name + 1, LETTERS "._-");
		if (!n || name[1] == '.' || name[1 + n] != '/')
			return false;
		rest = name + n + 2;
	}
	return rest[0] && rest[0] != '.' && rest[0] != '-' &&
	       strspn(rest, LETTERS "._-") == strlen(rest);
}

/* Whether c belongs to a word: PACKAGE in NPM_PACKAGE or YOURPACKAGE is no placeholder. */
static bool in_word(char c)
{
	return c && (ascii_alnum(c) || strchr("_-", c));
}

void remedy_fill(struct buf *out, const char *remedy, const char *package, const char *log,
		 const struct manager_commands *commands)
{
	const struct {
		const char *word, *value;
	} placeholders[] = {
		{ "PACKAGE", is_package(package) ? package : NULL },
		{ "LOG", is_harmless(log) ? log : NULL },
		{ "REINSTALL", commands->clean_install },
	};
	const char *at = remedy;

	while (*at) {
		size_t skip = 0;

		for (size_t i = 0; i < ARRAY_SIZE(placeholders) && !skip; i++) {
			size_t n = strlen(placeholders[i].word);

			if (!placeholders[i].value || strncmp(at, placeholders[i].word, n) != 0 ||
			    in_word(at[n]) || (at > remedy && in_word(at[-1])))
				continue;
			buf_adds(out, placeholders[i].value);
			skip = n;
		}
		if (!skip) {
			buf_addc(out, *at);
			skip = 1;
		}
		at += skip;
	}
}

void remedy_text(struct buf *out, const char *remedy, const char *package, const char *log)
{
	remedy_fill(out, remedy, package, log, manager_commands(0, false));
}

/* ---- removing ---- */

/* Append `remove` with these names, and what it needs before. */
static void add_command(struct buf *out, const struct manager_commands *c,
			const struct dependents *d, size_t count)
{
	if (c->remove_needs_lock && !d->lock)
		buf_addf(out, "%s && ", c->install);
	buf_adds(out, c->remove);
	for (size_t i = 0; i < count; i++)
		buf_addf(out, " %s", d->names[i]);
	buf_addf(out, " %s", c->no_scripts);
	if (d->workspace[0])
		buf_addf(out, " -w %s", d->workspace);
}

static bool can_be_removed(const struct dependents *d, const struct manager_commands *c)
{
	size_t known = d->found < DEPENDENTS_MAX ? d->found : DEPENDENTS_MAX;

	for (size_t i = 0; i < known && i < NAMES_MOST; i++)
		if (!is_package(d->names[i]))
			return false;
	/* only npm's form for workspaces was tried */
	return d->found &&
	       (!d->workspace[0] || (strcmp(c->name, "npm") == 0 && is_harmless(d->workspace)));
}

/* "Remove it: ...", "core brings it in; remove that: ...". */
static void add_removal(struct buf *out, const char *package, const struct dependents *d,
			const struct manager_commands *c)
{
	size_t count = d->found < NAMES_MOST ? d->found : NAMES_MOST;
	bool direct = d->found == 1 && strcmp(d->names[0], package) == 0;

	if (direct)
		buf_adds(out, "Remove it: ");
	for (size_t i = 0; i < count && !direct; i++)
		buf_addf(out, "%s%s", i ? ", " : "", d->names[i]);
	if (d->found > count)
		buf_addf(out, " and %zu more", d->found - count);
	if (!direct)
		buf_addf(out, " bring%s it in. Remove %s: ", d->found == 1 ? "s" : "",
			 d->found == 1 ? "that" : "them");
	add_command(out, c, d, count);
	if (d->found > count)
		buf_addf(out, " (all: %s %s)", c->why, package);
}

/* Installed globally, or fetched by npx: the project's npm would not find it. */
static void add_outside(struct buf *out, const struct dependents *d)
{
	_buf_ struct buf line = BUF_INIT;

	buf_addf(&line, "This project does not bring it in. Remove what was installed: rm -rf %s",
		 d->outside);
	if (is_harmless(d->outside) && d->outside[0] == '/' && !strstr(d->outside, "/../") &&
	    line.len <= REMEDY_MAX)
		buf_add(out, line.at, line.len);
	else
		buf_adds(out,
			 "This project does not bring it in: remove it where it was installed.");
}

/* By the manager's own sentence about a package called NAME. */
static void add_removal_of(struct buf *out, const char *package, const char *removal)
{
	const char *name = strstr(removal, "NAME");

	if (!name || !is_package(package)) {
		buf_adds(out, "Take what brings it in out of the project's dependencies.");
		return;
	}
	buf_add(out, removal, (size_t)(name - removal));
	buf_addf(out, "%s%s", package, name + strlen("NAME"));
}

void remedy_remove(struct buf *out, const char *package, const struct dependents *d,
		   const struct manager_commands *c)
{
	_buf_ struct buf line = BUF_INIT;
	struct dependents self = { .found = 1, .lock = d && d->lock };

	if (!package || !package[0])
		return;
	if (c->removal) {
		add_removal_of(&line, package, c->removal);
		if (line.len <= REMEDY_MAX)
			buf_add(out, line.at, line.len);
		return;
	}
	/* other managers keep the project's packages in stores elsewhere */
	if (d && !d->found && d->outside[0] && strcmp(c->name, "npm") == 0) {
		add_outside(out, d);
		return;
	}
	/* without a manifest nothing can bring it in: it was put there */
	if (d && !d->found && !d->manifest && is_package(package)) {
		strncat(self.names[0], package, DEPENDENTS_NAME - 1);
		self.lock = true;
		d = &self;
	}
	if (is_package(package) && d && can_be_removed(d, c))
		add_removal(&line, package, d, c);
	else if (is_package(package) && (!d || !d->found))
		buf_addf(&line,
			 "See what brings it in: %s && %s %s. Remove that dependency: %s NAME %s",
			 c->install, c->why, package, c->remove, c->no_scripts);
	if (line.len && line.len <= REMEDY_MAX)
		buf_add(out, line.at, line.len);
	else
		buf_addf(out,
			 "Take the dependency that brings it in out of package.json by hand, then: "
			 "%s",
			 c->install);
}

/* ---- permitting ---- */

bool remedy_permit(struct buf *out, const struct verdict_rule *v, const char *package,
		   const char *exe, time_t now)
{
	bool by_name = v->rule && !(v->rule->actors & ~ACTORS_NAMED);
	const char *key = by_name ? "package" : "exe", *what = by_name ? package : exe;
	time_t last = now + PERMIT_DAYS * DAY;
	_buf_ struct buf line = BUF_INIT;
	_free_ char *text = NULL;
	_json_ json_t *tuning = NULL;
	char date[16];
	struct tm tm;

	if (!v->rule || !(by_name ? is_package(what) : is_harmless(what)) ||
	    !gmtime_r(&last, &tm) || !strftime(date, sizeof(date), "%Y-%m-%d", &tm))
		return false;
	tuning = json_pack("{s:s,s:{s:[s]},s:s,s:s}", "tune", v->id, "unless", key, what, "reason",
			   "a false alarm, reviewed", "expires", date);
	text = tuning ? json_dumps(tuning, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	if (!text)
		return false;
	buf_addf(&line, SITE_RULES "/%s.json: %s", v->id, text);
	if (line.failed || line.len > REMEDY_MAX)
		return false;
	buf_add(out, line.at, line.len);
	return true;
}
