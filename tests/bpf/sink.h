/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink.h - listens on loopback, TCP and UDP, and counts what arrives: the second witness of every
 * test about sending. Runs in a thread of the test, outside the session.
 */
#ifndef WORMSIGN_TEST_SINK_H
#define WORMSIGN_TEST_SINK_H

#include <stdbool.h>
#include <stdint.h>

struct sink;

/*
 * One port on 127.0.0.1, 127.0.0.99 and ::1, for TCP and UDP. NULL: no such port is free; a message
 * says so.
 */
struct sink *sink_open(void);
void sink_close(struct sink *s);
unsigned sink_port(const struct sink *s);

/* Forget what arrived. */
void sink_reset(struct sink *s);
/* Payload bytes since then; waits until nothing new has come for some 30 ms. */
uint64_t sink_bytes(struct sink *s);
/* TCP connections since then. */
unsigned sink_connections(struct sink *s);

/* A TCP connection of the test's own to 127.0.0.1 there, inherited by what it forks. */
int sink_dial(struct sink *s);

/* Connect to 127.0.0.1:port and count what comes from there as well; retried for two seconds. */
bool sink_fetch(struct sink *s, unsigned port);

#endif
