/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * account.h - the agent's own account of a session: its events, for delivery. It does not depend on
 * the client, which runs as the user, and which a package could kill or change.
 */
#ifndef WORMSIGN_ACCOUNT_H
#define WORMSIGN_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/worker.h"
#include "base/error.h"
#include "events/session_facts.h"

struct account;
struct observer;
struct delivery_feed;

/*
 * Take the client's message FACTS, and reach delivery. -errno with e: the session must not begin.
 * *ret stays NULL if the agent's configuration has no "delivery". w outlives it.
 */
int account_open(struct account **ret, const struct worker *w, struct error *e);
void account_record(struct account *a, const struct ws_head *rec);
void account_leftover(struct account *a, const struct session_leftover *left);
/* Call now and then. False: an alert waits for the disk, and the session is to end. */
bool account_tick(struct account *a);
/* The same of an observer that has a feed of its own (a job's): no tick. */
bool account_saves(struct observer *o, uint64_t session);
/* Wait until all of a feed is on disk, or say what is not. NULL: there is none. */
void account_finish_feed(struct delivery_feed *feed, uint64_t session);
/* Write the last event, and wait until all is on disk or delivery does not answer. */
void account_end(struct account *a, const struct session_end *end);

#endif
