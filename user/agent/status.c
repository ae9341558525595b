// SPDX-License-Identifier: GPL-2.0-only
/* status.c - see status.h. */
#include "agent/status.h"

#include <sys/socket.h>

struct sending {
	int client;
	uid_t uid;
	uint32_t sent;
	bool failed; /* the client does not take it */
	struct agent_sessions m;
};

static void flush(struct sending *s)
{
	if (!s->m.count || s->failed)
		return;
	s->failed = protocol_send(s->client, &s->m, sizeof(s->m), NULL, 0, NULL, 0, MSG_DONTWAIT) <
		    0;
	s->sent += s->m.count;
	s->m = (struct agent_sessions){ .head.kind = AGENT_SESSIONS };
}

static void add(struct sending *s, const struct agent_session *one)
{
	if (s->uid != 0 && s->uid != one->uid)
		return;
	s->m.at[s->m.count++] = *one;
	if (s->m.count == AGENT_SESSIONS_MAX)
		flush(s);
}

void status_send(int client, uid_t uid, const struct jobs *jobs, struct loader *l,
		 const struct agent_part *part)
{
	static struct sending s;
	struct agent_part last = *part;

	s = (struct sending){ .client = client, .uid = uid, .m.head.kind = AGENT_SESSIONS };
	for (struct job *job = jobs->first; job && !s.failed; job = job->next) {
		job_look(job, l);
		add(&s, &job->seen);
	}
	for (unsigned i = 0; i < JOBS_RECENT && i < jobs->ended && !s.failed; i++)
		add(&s, &jobs->recent[(jobs->ended - 1 - i) % JOBS_RECENT]);
	flush(&s);
	last.sessions = s.sent;
	loader_lost(l, last.lost, &last.missed);
	if (!s.failed)
		protocol_send(client, &last, sizeof(last), NULL, 0, NULL, 0, MSG_DONTWAIT);
}
