// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_ring.c - arbitrary bytes as records: what ring_check lets through is entered in the tables,
 * made an event, printed and summed up; none of that may read beyond the record or print anything
 * harmful.
 *
 * The input is a list of records, each led by two bytes of its length.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/verdict_block.h"
#include "events/event.h"
#include "kernel/ring_check.h"
#include "report/terminal.h"

static struct event_context c;
static struct block block;
static struct terminal terminal;

static void tell(const void *data)
{
	const struct ws_head *head = data;
	struct process_table *processes = (struct process_table *)c.processes;
	struct block_fate fate = { .died_at = head->time, .condemned_at = head->session };
	json_t *e = NULL;
	char *text;

	switch (head->kind) {
	case WS_REC_EXEC:
		process_table_exec(processes, data);
		e = event_exec(&c, data);
		break;
	case WS_REC_SCOPE:
		process_table_see(processes, head);
		scope_table_add(c.scopes, data);
		e = event_scope(&c, data);
		break;
	case WS_REC_VERDICT:
		process_table_see(processes, head);
		e = event_verdict(&c, data);
		block_verdict(&block, data, &fate);
		break;
	case WS_REC_NET:
		process_table_see(processes, head);
		e = event_net(&c, data);
		break;
	case WS_REC_DEATH:
		process_table_exit(processes, head);
		e = event_death(&c, data);
		break;
	case WS_REC_EXIT:
		process_table_exit(processes, head);
		return;
	default: /* of the others no event is made */
		process_table_see(processes, head);
		return;
	}
	text = json_dumps(e, JSON_COMPACT | JSON_ENSURE_ASCII);
	if (!text)
		abort(); /* not valid UTF-8 somewhere */
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			abort();
	free(text);
	json_decref(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	terminal_open(&terminal, -1);
	c = (struct event_context){ .processes = process_table_new(NULL),
				    .scopes = scope_table_new(),
				    .backend = WS_BACKEND_WATCH,
				    .host = "h" };
	block = (struct block){ .terminal = &terminal, .context = &c, .home = "/home/ci" };
	while (size > 2) {
		size_t n = data[0] | data[1] << 8;
		struct ws_head *copy;

		data += 2;
		size -= 2;
		if (n > size)
			n = size;
		/* of exactly this size, for AddressSanitizer */
		copy = malloc(n ? n : 1);
		memcpy(copy, data, n);
		/* what no fuzzer would find by itself */
		if (n >= sizeof(*copy)) {
			copy->size = (uint32_t)n;
			copy->version = WS_WIRE_VERSION;
		}
		if (ring_check(copy, n) == 0)
			tell(copy);
		free(copy);
		data += n;
		size -= n;
	}
	process_table_free((struct process_table *)c.processes);
	scope_table_free(c.scopes);
	terminal_close(&terminal);
	return 0;
}
