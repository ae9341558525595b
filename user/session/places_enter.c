// SPDX-License-Identifier: GPL-2.0-only
/* places_enter.c - open each place, ask for its identity, and enter that. */
#include "session/places_enter.h"

#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "decide.h"
#include "session/path_below.h"

static struct ws_place_entry *find_entry(struct ws_session *s, const struct ws_id *id)
{
	for (size_t i = 0; i < s->place_count; i++)
		if (s->places[i].id.ino == id->ino && s->places[i].id.dev == id->dev)
			return &s->places[i];
	return NULL;
}

/* Add a kind of place to those that a directory is already. */
static uint32_t with(uint32_t places, enum ws_place place)
{
	if (place != WS_PLACE_HOME)
		return places | WS_PLACE_BIT(place);
	/* only temporary directories of the system come before the homes: containers often set
	 * HOME=/tmp, and scripts must go on writing there */
	return places & WS_PLACE_BIT(WS_PLACE_TMP)
		       ? places | WS_PLACES_TILDE
		       : places | WS_PLACE_BIT(WS_PLACE_HOME) | WS_PLACES_TILDE;
}

/* The path of an open directory as the kernel knows it; "" when that cannot be read. */
static void name_of(int fd, char *ret, size_t room)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, ret, room - 1);
	ret[n > 0 ? n : 0] = 0;
}

int places_enter(struct ws_session *s, const struct places *p, places_identify_fn identify,
		 void *arg, size_t *ret_left_out, struct error *e)
{
	char tools_at[WS_PLACES_MAX][256];
	size_t tool_count = 0;

	*ret_left_out = 0;
	if (p->home_tree)
		s->flags |= WS_SESSION_HOME_TREE;
	for (size_t i = 0; i < p->count; i++) {
		_close_ int fd = open(p->at[i].path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		struct ws_place_entry *entry;
		char name[PATH_MAX];
		struct ws_id id;
		bool known = false;
		int r;

		if (fd < 0)
			continue;
		name_of(fd, name, sizeof(name));
		if (strcmp(name, "/") == 0)
			continue;
		/* the kernel searches the list at every directory of a walk: leave out tools
		 * that lie inside of others */
		for (size_t t = 0; p->at[i].place == WS_PLACE_TOOLS && !known && t < tool_count;
		     t++)
			known = path_below(name, tools_at[t]);
		if (known)
			continue;
		r = identify(arg, fd, &id);
		if (r < 0)
			return error_set(e, r, "the identity of %s cannot be found: %s",
					 p->at[i].path, strerror(-r));
		entry = find_entry(s, &id);
		if (entry) {
			entry->places = with(entry->places, p->at[i].place);
			continue;
		}
		if (s->place_count == WS_PLACES_MAX) {
			++*ret_left_out;
			continue;
		}
		s->places[s->place_count].id = id;
		s->places[s->place_count++].places = with(0, p->at[i].place);
		ws_bloom_add(s->place_bloom, id.ino);
		if (p->at[i].place == WS_PLACE_TOOLS && strlen(name) < sizeof(tools_at[0]))
			strcpy(tools_at[tool_count++], name);
	}
	return 0;
}
