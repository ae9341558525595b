// SPDX-License-Identifier: GPL-2.0-only
/* refusal.c - see refusal.h. */
#include "session/refusal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

static size_t read_of(uint32_t tid, const char *name, char *ret, size_t room)
{
	char path[48];
	_close_ int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%" PRIu32 "/%s", tid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, ret, room);
	return n < 0 ? 0 : (size_t)n;
}

/* The process of the thread, and its user. */
static void set_process(struct ws_head *h, uint32_t tid)
{
	char text[4096], *line;
	size_t n = read_of(tid, "status", text, sizeof(text) - 1);

	text[n] = 0;
	h->tid = h->pid = tid;
	for (line = text; line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
		sscanf(line, "Tgid: %" SCNu32, &h->pid);
		sscanf(line, "Uid: %" SCNu32, &h->uid);
		sscanf(line, "Gid: %" SCNu32, &h->gid);
	}
	n = read_of(tid, "comm", h->comm, sizeof(h->comm));
	h->comm[n ? n - 1 : 0] = 0; /* a line's end */
}

/* As the kernel side writes it: from the last component to the first, each followed by '/'. */
static void set_path(struct ws_rec_verdict *r, int fd)
{
	char link[32], path[PATH_MAX], *slash;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n <= 0 || path[0] != '/') {
		r->head.flags |= WS_F_PATH_UNREAD;
		return;
	}
	path[n] = 0;
	while ((slash = strrchr(path, '/'))) {
		size_t len = strlen(slash + 1);

		memcpy(r->path.bytes + r->path.len, slash + 1, len);
		r->path.len += (uint32_t)len;
		r->path.bytes[r->path.len++] = '/';
		*slash = 0;
	}
}

void refusal_record(struct ws_rec_verdict *ret, uint32_t rule, const struct admission_package *p,
		    uint32_t tid, int fd)
{
	*ret = (struct ws_rec_verdict){
		.head = { .size = sizeof(*ret),
			  .version = WS_WIRE_VERSION,
			  .kind = WS_REC_VERDICT,
			  .flags = WS_F_IDENTITY,
			  .parent = p->task.parent,
			  .time = clock_ns(CLOCK_MONOTONIC),
			  .session = p->task.session,
			  .scope = p->task.script,
			  .started = p->task.started,
			  .actor = WS_ACTOR_PACKAGE,
			  .backend = WS_BACKEND_WATCH },
		.op = WS_OP_READ,
		.rule = rule,
		.action = WS_HIDE,
		.effect = WS_EFFECT_REFUSED,
		.place = WS_PLACE_ELSEWHERE, /* no rule for such files asks where they lie */
		.mode = p->mode,
		.labels = p->labels,
		.session_labels = p->session_labels,
		.argv_valid = 1,
	};
	ret->fired.w[rule / 64] = 1ULL << rule % 64;
	set_process(&ret->head, tid);
	ret->argv.len = ret->argv.total =
		(uint32_t)read_of(tid, "cmdline", ret->argv.bytes, sizeof(ret->argv.bytes));
	set_path(ret, fd);
}
