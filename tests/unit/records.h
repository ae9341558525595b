/* SPDX-License-Identifier: GPL-2.0-only */
/* records.h - records as the kernel would send them, for tests; linked into each unit test. */
#ifndef TESTS_RECORDS_H
#define TESTS_RECORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "wire.h"

#define RECORDS_SESSION 0x1122334455667788ULL
#define RECORDS_SCOPE	7

/* Who acts; times in ns. */
struct actor {
	uint32_t pid, parent;
	uint64_t started, scope;
	uint32_t actor;
	const char *comm;
};

/* path is "/home/ci/x"; returns the bytes of it in wire order. */
uint32_t wire_path(char *at, const char *path);
/* words: "sh|-c|node x.js" */
uint32_t wire_words(char *at, const char *words);

void record_exec(struct ws_rec_exec *r, const struct actor *who, uint64_t time, const char *exe,
		 const char *words);
void record_exit(struct ws_rec_exit *r, const struct actor *who, uint64_t time);
void record_death(struct ws_rec_exit *r, const struct actor *who, uint64_t time,
		  uint64_t condemned_at);
void record_scope(struct ws_rec_scope *r, const struct actor *who, uint64_t time, const char *name,
		  const char *version, const char *event);
void record_verdict(struct ws_rec_verdict *r, const struct actor *who, uint64_t time, uint32_t op,
		    uint32_t rule, uint32_t action, uint32_t effect, const char *path);
void record_net(struct ws_rec_net *r, const struct actor *who, uint64_t time, const char *address,
		uint16_t port);

#endif
