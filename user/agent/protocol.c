// SPDX-License-Identifier: GPL-2.0-only
/* protocol.c - send, receive and check messages. */
#include "agent/protocol.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

_Static_assert(sizeof(struct ws_rec_verdict) <= AGENT_RECORD_MAX, "AGENT_RECORD_MAX");
_Static_assert(sizeof(struct agent_end) <= sizeof(union agent_message), "agent_end");

int protocol_connect(int *ret, const char *path, struct error *e)
{
	_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct ucred who;
	socklen_t len = sizeof(who);

	if (strlen(path) >= sizeof(at.sun_path))
		return error_set(e, -ENAMETOOLONG, "%s is too long for a socket", path);
	strcpy(at.sun_path, path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0)
		return error_set(e, -errno, "the agent at %s cannot be reached: %s", path,
				 strerror(errno));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0 || who.uid != 0)
		return error_set(e, -EPERM, "who listens at %s is not root", path);
	*ret = TAKE_FD(fd);
	return 0;
}

int protocol_send(int socket, const void *head, size_t head_len, const void *rest, size_t rest_len,
		  const int *fds, size_t count, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * AGENT_FDS_MAX)];
	} control = { 0 };
	struct iovec parts[2] = { { (void *)head, head_len }, { (void *)rest, rest_len } };
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = rest_len ? 2 : 1 };

	if (count > AGENT_FDS_MAX)
		return -E2BIG;
	if (count) {
		struct cmsghdr *c = &control.align;

		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * count);
	}
	for (;;) {
		if (sendmsg(socket, &m, flags | MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno != EINTR)
			return -errno;
	}
}

void protocol_refuse(int socket, const struct error *e, int err)
{
	struct agent_refused m = { .head.kind = AGENT_REFUSED };

	snprintf(m.text, sizeof(m.text), "%s", e->text[0] ? e->text : strerror(-err));
	protocol_send(socket, &m, sizeof(m), NULL, 0, NULL, 0, MSG_DONTWAIT);
}

/* Take the descriptors out of the control data; those that find no room are closed. */
static bool take_fds(struct msghdr *m, int *fds, size_t room, size_t *ret_count)
{
	bool all = true;

	*ret_count = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (*ret_count < room) {
				fds[(*ret_count)++] = fd;
			} else {
				close(fd);
				all = false;
			}
		}
	}
	return all;
}

ssize_t protocol_receive(int socket, union agent_message *ret, int *fds, size_t room,
			 size_t *ret_count, int flags)
{
	union {
		struct cmsghdr align;
		/* the kernel passes on 253 at most: take them all, so that none is left open */
		char bytes[CMSG_SPACE(sizeof(int) * 253)];
	} control;
	struct iovec part = { ret, sizeof(*ret) };
	struct msghdr m;
	ssize_t n;

	*ret_count = 0;
	do {
		m = (struct msghdr){ .msg_iov = &part,
				     .msg_iovlen = 1,
				     .msg_control = control.bytes,
				     .msg_controllen = sizeof(control.bytes) };
		n = recvmsg(socket, &m, flags | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if (take_fds(&m, fds, room, ret_count) && !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return n;
	while (*ret_count)
		close(fds[--*ret_count]);
	return -EBADMSG;
}

/* ---- checks ---- */

#define ENDS(array) (memchr((array), 0, sizeof(array)) != NULL)

static int bad(struct error *e, const char *what)
{
	return error_set(e, -EBADMSG, "%s", what);
}

static int check_version(const char (*version)[32], struct error *e)
{
	if (!ENDS(*version))
		return bad(e, "the version has no end");
	if (strcmp(*version, WORMSIGN_VERSION) != 0)
		return error_set(e, -EBADMSG,
				 "this wormsign is version %s, the agent " WORMSIGN_VERSION
				 ": root runs `wormsign reload` after an upgrade",
				 *version);
	return 0;
}

static int check_start(const struct agent_start *s, size_t fds, struct error *e)
{
	int err = check_version(&s->version, e);

	if (err < 0)
		return err;
	if (s->mode > WS_MODE_AUDIT || s->tools > 1 || s->grace_ms > AGENT_GRACE_MAX ||
	    s->places > WS_PLACES_MAX || s->home_tree > 1)
		return bad(e, "a member of the first message is out of range");
	if (fds != 1 + s->places)
		return bad(e, "the first message has another number of descriptors than it says");
	for (uint32_t i = 0; i < s->places; i++)
		if (s->place[i] < WS_PLACE_PROJECT || s->place[i] > WS_PLACE_TOOLS ||
		    s->place[i] == WS_PLACE_MODULES)
			return bad(e, "a place is of a kind that does not exist");
	return 0;
}

static bool is_good_know(const struct agent_know *k)
{
	return ENDS(k->class) && known_class(k->class);
}

static bool is_good_place(const struct agent_place *p)
{
	return p->place == WS_PLACE_PROJECT || p->place == WS_PLACE_HOME ||
	       p->place == WS_PLACE_CACHE || p->place == WS_PLACE_TOOLS;
}

int protocol_check_from_client(const union agent_message *m, size_t len, size_t fds,
			       struct error *e)
{
	if (len < sizeof(m->head))
		return bad(e, "a message is too short");
	switch (m->head.kind) {
	case AGENT_START:
		return len == sizeof(m->start)
			       ? check_start(&m->start, fds, e)
			       : bad(e, "the first message is of another length: another build?");
	case AGENT_GUARD:
		return len == sizeof(m->head) && fds == 1 ? 0 : bad(e, "a bad message GUARD");
	case AGENT_KNOW:
		return len == sizeof(m->know) && fds == 1 && is_good_know(&m->know)
			       ? 0
			       : bad(e, "a bad message KNOW");
	case AGENT_PLACE:
		return len == sizeof(m->place) && fds == 1 && is_good_place(&m->place)
			       ? 0
			       : bad(e, "a bad message PLACE");
	case AGENT_HURRY:
		return len == sizeof(m->head) && fds == 0 ? 0 : bad(e, "a bad message HURRY");
	case AGENT_FACTS:
		return len == sizeof(m->facts) && fds == 1 ? 0 : bad(e, "a bad message FACTS");
	case AGENT_ENDED:
		return len == sizeof(m->ended) && fds == 0 ? 0 : bad(e, "a bad message ENDED");
	case AGENT_STATUS:
	case AGENT_STOP:
	case AGENT_RELOAD:
		if (len != sizeof(m->ask) || fds)
			return bad(e, "a question of another length: another build?");
		/* that is how an agent comes to the client's version */
		return m->head.kind == AGENT_RELOAD ? 0 : check_version(&m->ask.version, e);
	}
	return bad(e, "a message of an unknown kind");
}

static bool is_good_sessions(const struct agent_sessions *s)
{
	if (s->count > AGENT_SESSIONS_MAX)
		return false;
	for (uint32_t i = 0; i < s->count; i++)
		if (s->at[i].mode > WS_MODE_AUDIT || s->at[i].stopped >= AGENT_STOPPED_MAX ||
		    s->at[i].residue_known > 2)
			return false;
	return true;
}

static bool is_good_part(const struct agent_part *p)
{
	return p->backend <= WS_BACKEND_WATCH && ENDS(p->version) && ENDS(p->rules_dirs) &&
	       ENDS(p->not_admitted);
}

int protocol_check_from_agent(const union agent_message *m, size_t len, size_t fds, struct error *e)
{
	bool good = false;

	if (len < sizeof(m->head))
		return bad(e, "a message of the agent is too short");
	switch (m->head.kind) {
	case AGENT_STARTED:
		good = len == sizeof(m->started) && fds == 1 && ENDS(m->started.rules_dirs) &&
		       ENDS(m->started.not_admitted) && ENDS(m->started.files_open) &&
		       ENDS(m->started.calls_open) && m->started.backend <= WS_BACKEND_WATCH;
		break;
	case AGENT_REFUSED:
		good = len == sizeof(m->refused) && fds == 0 && ENDS(m->refused.text);
		break;
	case AGENT_GUARDED:
	case AGENT_DONE:
		good = len == sizeof(m->head) && fds == 0;
		break;
	case AGENT_RECORD: /* the record itself is checked by ring_check() */
		good = len > sizeof(m->head) && fds == 0;
		break;
	case AGENT_LEFTOVER:
		good = len == sizeof(m->leftover) && fds == 0;
		break;
	case AGENT_REPORT:
		good = len == sizeof(m->report) && fds == 0;
		break;
	case AGENT_RESIDUE:
		good = len == sizeof(m->residue) && fds == 0 && ENDS(m->residue.path) &&
		       m->residue.place < residue_place_count && m->residue.made <= 1;
		break;
	case AGENT_END:
		good = len == sizeof(m->end) && fds == 0 && ENDS(m->end.leftovers.names) &&
		       m->end.stopped < AGENT_STOPPED_MAX;
		break;
	case AGENT_SESSIONS:
		good = len == sizeof(m->sessions) && fds == 0 && is_good_sessions(&m->sessions);
		break;
	case AGENT_PART:
		good = len == sizeof(m->part) && fds == 0 && is_good_part(&m->part);
		break;
	}
	return good ? 0 : bad(e, "a message of the agent is malformed");
}
