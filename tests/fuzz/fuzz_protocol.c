// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_protocol.c - arbitrary bytes as messages of a client and of the agent, as a process's
 * status, as a request for metrics, as an image of rules and as facts of a session: whatever the
 * checks let through is within its bounds.
 *
 * The first byte says which; the second how many descriptors come with a message.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "agent/admit.h"
#include "agent/facts.h"
#include "agent/metrics_serve.h"
#include "agent/protocol.h"
#include "cmd/status_print.h"
#include "policy/ruleset_image.h"

static void need(bool true_)
{
	if (!true_)
		abort();
}

static void from_client(const union agent_message *m, size_t len, size_t fds)
{
	struct error e = { 0 };

	if (protocol_check_from_client(m, len, fds, &e) < 0) {
		need(e.text[0]); /* each refusal has its words */
		return;
	}
	if (m->head.kind == AGENT_STATUS || m->head.kind == AGENT_STOP)
		need(!fds && strcmp(m->ask.version, WORMSIGN_VERSION) == 0);
	if (m->head.kind == AGENT_KNOW)
		need(fds == 1 && known_class(m->know.class));
	if (m->head.kind != AGENT_START)
		return;
	need(m->start.places <= WS_PLACES_MAX && fds == 1 + m->start.places);
	need(m->start.grace_ms <= AGENT_GRACE_MAX && m->start.mode <= WS_MODE_AUDIT);
	need(strlen(m->start.version) < sizeof(m->start.version));
	for (uint32_t i = 0; i < m->start.places; i++)
		need(m->start.place[i] && m->start.place[i] < WS_PLACE_UNKNOWN);
}

/* What `wormsign status` would make of it. */
static void print_status(const union agent_message *m)
{
	struct control_status s = { 0 };
	_buf_ struct buf out = BUF_INIT;

	if (m->head.kind == AGENT_SESSIONS)
		s = (struct control_status){ .sessions = (struct agent_session *)m->sessions.at,
					     .session_count = m->sessions.count };
	else
		s = (struct control_status){ .parts = (struct agent_part *)&m->part,
					     .part_count = 1 };
	status_print_text(&out, &s, 0);
	status_print_json(&out, &s);
}

static void from_agent(const union agent_message *m, size_t len, size_t fds)
{
	if (protocol_check_from_agent(m, len, fds, NULL) < 0)
		return;
	if (m->head.kind == AGENT_REFUSED)
		need(strlen(m->refused.text) < sizeof(m->refused.text));
	if (m->head.kind == AGENT_END)
		need(strlen(m->end.leftovers.names) < sizeof(m->end.leftovers.names));
	if (m->head.kind == AGENT_SESSIONS || m->head.kind == AGENT_PART)
		print_status(m);
}

static void status(const char *bytes, size_t len)
{
	char *text = strndup(bytes, len);
	struct admit_status s;
	struct peer p = { .pid = 70, .uid = 1000, .gid = 100, .pidfd = -1 };

	if (admit_parse_status(&s, text) == 0 && admit_check(&s, &p, NULL) == 0)
		need(s.parent == 70 && s.uids[1] == 1000 && !s.capabilities && s.threads == 1);
	free(text);
}

static void image(const char *bytes, size_t len)
{
	struct ruleset *r = NULL;

	if (ruleset_from_image(&r, bytes, len, NULL) < 0)
		return;
	for (size_t i = 0; i < r->count; i++)
		need(r->rules[i].id && r->rules[i].why && r->rules[i].action < WS_ACTION_MAX);
	ruleset_free(r);
}

/* The facts of a session, in a file. */
static void read_facts(const uint8_t *bytes, size_t len)
{
	static int fd = -1;
	struct agent_facts m;
	struct facts f;

	if (len < sizeof(m))
		return;
	memcpy(&m, bytes, sizeof(m));
	if (fd < 0)
		fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (ftruncate(fd, 0) < 0 ||
	    pwrite(fd, bytes + sizeof(m), len - sizeof(m), 0) != (ssize_t)(len - sizeof(m)) ||
	    facts_read(&f, &m, fd, NULL) < 0)
		return;
	for (uint32_t i = 0; i < m.words; i++)
		need(strlen(f.command[i]) < len);
	for (uint32_t i = 0; i < m.variables; i++)
		need(strlen(f.environment[i]) < len);
	need(!f.command[m.words] && !f.environment[m.variables] && strlen(f.cwd) < len);
	facts_free(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static union agent_message m;
	size_t fds;

	if (size < 2)
		return 0;
	fds = data[1];
	data += 2;
	size -= 2;
	switch (data[-2] % 5) {
	case 0:
	case 1:
		memset(&m, 0, sizeof(m));
		memcpy(&m, data, size < sizeof(m) ? size : sizeof(m));
		if (data[-2] % 5)
			from_agent(&m, size, fds);
		else
			from_client(&m, size, fds);
		break;
	case 2:
		status((const char *)data, size);
		metrics_request((const char *)data, size);
		break;
	case 3:
		image((const char *)data, size);
		break;
	case 4:
		read_facts(data, size);
		break;
	}
	return 0;
}
