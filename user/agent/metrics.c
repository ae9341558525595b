// SPDX-License-Identifier: GPL-2.0-only
/* metrics.c - write each family: its help, its type, its samples. */
#include "agent/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "events/record_names.h"
#include "policy/names.h"

#define NS UINT64_C(1000000000)

static void family(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_addf(out, "# HELP wormsign_%s %s\n# TYPE wormsign_%s %s\n", name, help, name, type);
}

static void one(struct buf *out, const char *name, const char *type, const char *help, uint64_t n)
{
	family(out, name, type, help);
	buf_addf(out, "wormsign_%s %" PRIu64 "\n", name, n);
}

static void seconds(struct buf *out, uint64_t ns)
{
	buf_addf(out, "%" PRIu64 ".%09" PRIu64 "\n", ns / NS, ns % NS);
}

static uint64_t read_count(const uint64_t *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

/* A label's value, of a name that has its end somewhere in its array. */
static void add_name(struct buf *out, const char *name)
{
	for (size_t i = 0; i < BOARD_NAME && name[i]; i++) {
		unsigned char c = (unsigned char)name[i];

		if (c == '"' || c == '\\')
			buf_addc(out, '\\');
		buf_addc(out, c < ' ' || c > '~' ? '?' : (char)c);
	}
}

static bool is_named(const struct board_row *row)
{
	return __atomic_load_n(&row->state, __ATOMIC_ACQUIRE) == 2;
}

static void verdicts(struct buf *out, const struct board *b)
{
	family(out, "verdicts_total", "counter",
	       "Verdicts that were carried out, by rule and action; in audit mode as alerts.");
	for (size_t i = 0; i < BOARD_RULES; i++) {
		const struct board_row *row = &b->rules[i];

		for (unsigned action = 0; is_named(row) && action < WS_ACTION_MAX; action++) {
			uint64_t n = read_count(&row->n[action]);

			if (!n)
				continue;
			buf_adds(out, "wormsign_verdicts_total{rule=\"");
			add_name(out, row->name);
			buf_addf(out, "\",action=\"%s\"} %" PRIu64 "\n", action_name(action), n);
		}
	}
}

static void losses(struct buf *out, const struct board *b)
{
	family(out, "records_lost_total", "counter",
	       "Records and facts of the kernel side that were lost, by kind.");
	for (unsigned i = 0; i < WS_LOST_MAX; i++)
		buf_addf(out, "wormsign_records_lost_total{kind=\"%s\"} %" PRIu64 "\n",
			 lost_name(i), read_count(&b->lost[i]));
	one(out, "hook_runs_missed_total", "counter",
	    "Runs of kernel programs that the kernel skipped.", read_count(&b->missed));
}

static void hooks(struct buf *out, const struct board *b, bool stats)
{
	one(out, "hook_stats_enabled", "gauge",
	    "Whether the kernel measures its programs (sysctl kernel.bpf_stats_enabled).", stats);
	family(out, "hook_runs_total", "counter",
	       "Runs of the kernel programs while the kernel measured them.");
	for (size_t i = 0; i < BOARD_HOOKS; i++) {
		if (!is_named(&b->hooks[i]))
			continue;
		buf_adds(out, "wormsign_hook_runs_total{program=\"");
		add_name(out, b->hooks[i].name);
		buf_addf(out, "\"} %" PRIu64 "\n", read_count(&b->hooks[i].n[BOARD_RUNS]));
	}
	family(out, "hook_seconds_total", "counter",
	       "Time that the kernel programs took while the kernel measured them.");
	for (size_t i = 0; i < BOARD_HOOKS; i++) {
		if (!is_named(&b->hooks[i]))
			continue;
		buf_adds(out, "wormsign_hook_seconds_total{program=\"");
		add_name(out, b->hooks[i].name);
		buf_adds(out, "\"} ");
		seconds(out, read_count(&b->hooks[i].n[BOARD_NS]));
	}
}

static void servers(struct buf *out, const struct board *b)
{
	uint64_t count = 0, resident = 0, maps = 0, descriptors = 0;

	for (size_t i = 0; i < BOARD_SERVERS; i++) {
		const struct board_server *s = &b->servers[i];

		count += s->pid != 0;
		resident += read_count(&s->resident);
		maps += read_count(&s->maps);
		descriptors += read_count(&s->descriptors);
	}
	one(out, "servers", "gauge",
	    "Servers: one, and those that a reload has replaced and whose sessions still run.",
	    count);
	one(out, "resident_memory_bytes", "gauge", "Resident memory of all servers.", resident);
	one(out, "map_memory_bytes", "gauge", "Kernel memory of the tables of all servers.", maps);
	one(out, "open_fds", "gauge", "Open descriptors of all servers.", descriptors);
}

void metrics_text(struct buf *out, const struct board *b, bool hook_stats)
{
	family(out, "build_info", "gauge", "The version that serves the metrics.");
	buf_adds(out, "wormsign_build_info{version=\"" WORMSIGN_VERSION "\"} 1\n");
	family(out, "start_time_seconds", "gauge", "When the agent started, in Unix time.");
	buf_adds(out, "wormsign_start_time_seconds ");
	seconds(out, b->since);
	one(out, "sessions", "gauge", "Sessions that run.", board_sessions(b, (uid_t)-1));
	one(out, "sessions_started_total", "counter", "Sessions that have begun.",
	    read_count(&b->started));
	one(out, "sessions_refused_total", "counter", "Sessions that a client was refused.",
	    read_count(&b->refused));
	one(out, "reloads_total", "counter", "Reloads that were done.", read_count(&b->reloads));
	one(out, "reloads_failed_total", "counter", "Reloads that were not done.",
	    read_count(&b->failed_reloads));
	verdicts(out, b);
	losses(out, b);
	hooks(out, b, hook_stats);
	servers(out, b);
}
