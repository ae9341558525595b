// SPDX-License-Identifier: GPL-2.0-only
/* records.c - records as the kernel would send them, for tests. */
#include "records.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

uint32_t wire_path(char *at, const char *path)
{
	size_t end = strlen(path), n = 0;

	while (end > 0) {
		size_t start = end;

		while (start > 0 && path[start - 1] != '/')
			start--;
		if (end > start) {
			memcpy(at + n, path + start, end - start);
			n += end - start;
			at[n++] = '/';
		}
		end = start ? start - 1 : 0;
	}
	return n;
}

uint32_t wire_words(char *at, const char *words)
{
	size_t n = strlen(words);

	for (size_t i = 0; i < n; i++)
		at[i] = words[i] == '|' ? '\0' : words[i];
	at[n] = '\0';
	return n + 1;
}

static void head(struct ws_head *h, uint32_t size, uint32_t kind, const struct actor *who,
		 uint64_t time)
{
	memset(h, 0, size);
	h->size = size;
	h->version = WS_WIRE_VERSION;
	h->kind = kind;
	h->pid = h->tid = who->pid;
	h->parent = who->parent;
	h->time = time;
	h->session = RECORDS_SESSION;
	h->scope = who->scope;
	h->started = who->started;
	h->uid = h->gid = 1000;
	h->actor = who->actor;
	h->backend = WS_BACKEND_DENY;
	if (who->comm)
		strncpy(h->comm, who->comm, sizeof(h->comm) - 1);
}

void record_exec(struct ws_rec_exec *r, const struct actor *who, uint64_t time, const char *exe,
		 const char *words)
{
	head(&r->head, sizeof(*r), WS_REC_EXEC, who, time);
	r->exe_len = wire_path(r->exe, exe);
	r->argv.len = r->argv.total = wire_words(r->argv.bytes, words);
}

void record_exit(struct ws_rec_exit *r, const struct actor *who, uint64_t time)
{
	head(&r->head, sizeof(*r), WS_REC_EXIT, who, time);
}

void record_death(struct ws_rec_exit *r, const struct actor *who, uint64_t time,
		  uint64_t condemned_at)
{
	head(&r->head, sizeof(*r), WS_REC_DEATH, who, time);
	r->condemned_at = condemned_at;
	r->code = 9;
}

void record_scope(struct ws_rec_scope *r, const struct actor *who, uint64_t time, const char *name,
		  const char *version, const char *event)
{
	char dir[512] = "/work/proj/node_modules/";

	head(&r->head, sizeof(*r), WS_REC_SCOPE, who, time);
	r->scope.id = who->scope;
	r->scope.session = RECORDS_SESSION;
	r->scope.actor = who->actor;
	r->scope.pid = who->pid;
	strncpy(r->scope.name, name, sizeof(r->scope.name) - 1);
	strncpy(r->scope.declared, name, sizeof(r->scope.declared) - 1);
	strncpy(r->scope.version, version, sizeof(r->scope.version) - 1);
	strncpy(r->scope.event, event, sizeof(r->scope.event) - 1);
	strncat(dir, name, sizeof(dir) - strlen(dir) - 1);
	r->dir_len = wire_path(r->dir, dir);
}

void record_verdict(struct ws_rec_verdict *r, const struct actor *who, uint64_t time, uint32_t op,
		    uint32_t rule, uint32_t action, uint32_t effect, const char *path)
{
	head(&r->head, sizeof(*r), WS_REC_VERDICT, who, time);
	r->op = op;
	r->rule = rule;
	r->action = action;
	r->effect = effect;
	r->place = WS_PLACE_HOME;
	if (rule < WS_RULES_MAX)
		r->fired.w[rule / 64] |= 1ULL << (rule & 63);
	if (path)
		r->path.len = wire_path(r->path.bytes, path);
}

void record_net(struct ws_rec_net *r, const struct actor *who, uint64_t time, const char *address,
		uint16_t port)
{
	head(&r->head, sizeof(*r), WS_REC_NET, who, time);
	r->to.family = strchr(address, ':') ? AF_INET6 : AF_INET;
	inet_pton(r->to.family, address, r->to.address);
	r->to.port = port;
	r->to.protocol = IPPROTO_TCP;
}
