// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_ring.c - the order in which records of two real ring buffers are delivered: telemetry before
 * the alert that it explains, and after the alert if it is newer.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "kernel/ring.h"

#define MOST 70000

static int parcel = -1, alerts = -1, telemetry = -1, to_alerts = -1, to_telemetry = -1;
static uint64_t
	seen[MOST]; /* head.started of the delivered records: tests number their records with it */
static size_t seen_count;

/* A program that puts the one element of `parcel`, a struct ws_rec_exit, into the map. */
static int sender(int map)
{
	struct bpf_insn code[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = 10, .off = -4, .imm = 0 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = parcel },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -4 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_map_lookup_elem },
		{ .code = BPF_JMP | BPF_JEQ | BPF_K, .dst_reg = 0, .off = 6, .imm = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 0 },
		{ .code = BPF_LD | BPF_DW | BPF_IMM,
		  .dst_reg = 1,
		  .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = map },
		{ .code = 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K,
		  .dst_reg = 3,
		  .imm = sizeof(struct ws_rec_exit) },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ringbuf_output },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, o, .prog_flags = BPF_F_SLEEPABLE);

	return bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "ws_send", "GPL", code, ARRAY_SIZE(code), &o);
}

static int send_sized(int program, uint16_t kind, uint64_t time, uint64_t number, uint32_t size)
{
	struct ws_rec_exit r = { .head = { .size = size,
					   .version = WS_WIRE_VERSION,
					   .kind = kind,
					   .time = time,
					   .started = number } };
	LIBBPF_OPTS(bpf_test_run_opts, o);
	uint32_t zero = 0;

	if (bpf_map_update_elem(parcel, &zero, &r, BPF_ANY) < 0 ||
	    bpf_prog_test_run_opts(program, &o) < 0)
		return -errno;
	return (int)o.retval;
}

static void give(int program, uint16_t kind, uint64_t time, uint64_t number)
{
	assert_int_equal(send_sized(program, kind, time, number, sizeof(struct ws_rec_exit)), 0);
}

static void note(void *arg, const struct ws_head *rec)
{
	(void)arg;
	if (seen_count < MOST)
		seen[seen_count++] = rec->started;
}

static int begin(void **state)
{
	(void)state;
	alerts = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ws_a", 0, 0, 1 << 16, NULL);
	telemetry = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ws_t", 0, 0, 1 << 23, NULL);
	parcel = bpf_map_create(BPF_MAP_TYPE_ARRAY, "ws_p", 4, sizeof(struct ws_rec_exit), 1, NULL);
	to_alerts = sender(alerts);
	to_telemetry = sender(telemetry);
	if (to_alerts < 0 || to_telemetry < 0) {
		puts("SKIP: this kernel lets no syscall program write to a ring buffer");
		exit(77);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	close(to_alerts);
	close(to_telemetry);
	close(parcel);
	close(alerts);
	close(telemetry);
	return 0;
}

static struct ring *open_ring(void)
{
	struct ring *r = NULL;
	struct error e = { 0 };

	seen_count = 0;
	if (ring_open(&r, alerts, telemetry, note, NULL, &e) < 0)
		fail_msg("%s", e.text);
	return r;
}

static void is_seen(const uint64_t *want, size_t count)
{
	assert_int_equal(seen_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(seen[i], want[i]);
}

static void nothing(void **state)
{
	struct ring *r = open_ring();
	struct pollfd p = { .fd = ring_poll_fd(r), .events = POLLIN };

	(void)state;
	assert_int_equal(ring_consume(r), 0);
	assert_int_equal(poll(&p, 1, 0), 0);
	give(to_telemetry, WS_REC_EXIT, 1, 1);
	assert_int_equal(poll(&p, 1, 1000), 1);
	assert_int_equal(ring_consume(r), 1);
	assert_int_equal(poll(&p, 1, 0), 0);
	ring_free(r);
	ring_free(NULL);
}

/* In time order, though the alerts' ring is read first. */
static void telemetry_first(void **state)
{
	static const uint64_t want[] = { 1, 2, 3, 4, 5 };
	struct ring *r = open_ring();

	(void)state;
	give(to_alerts, WS_REC_DEATH, 30, 3);
	give(to_telemetry, WS_REC_EXIT, 10, 1);
	give(to_telemetry, WS_REC_EXIT, 20, 2);
	give(to_telemetry, WS_REC_EXIT, 40, 4);
	give(to_alerts, WS_REC_DEATH, 50, 5);
	assert_int_equal(ring_consume(r), 5);
	is_seen(want, ARRAY_SIZE(want));
	ring_free(r);
}

/* CPUs' records are not strictly in order. */
static void a_late_record(void **state)
{
	static const uint64_t want[] = { 1, 2, 3, 4 };
	struct ring *r = open_ring();

	(void)state;
	give(to_telemetry, WS_REC_EXIT, 40,
	     4); /* newer than the alert, but before an older record in the ring */
	give(to_telemetry, WS_REC_EXIT, 10, 1);
	give(to_telemetry, WS_REC_EXIT, 20, 2);
	give(to_alerts, WS_REC_DEATH, 30, 3);
	assert_int_equal(ring_consume(r), 4);
	is_seen(want, ARRAY_SIZE(want));
	ring_free(r);
}

/* A flood of telemetry: the alert does not wait for newer records, and nothing is lost or
 * duplicated. */
static void a_flood(void **state)
{
	struct ring *r = open_ring();
	size_t where = MOST;

	(void)state;
	for (uint64_t i = 0; i < 40000; i++)
		give(to_telemetry, WS_REC_EXIT, 1000 + i, i);
	give(to_alerts, WS_REC_DEATH, 1000 + 100, 99999);
	while (ring_consume(r) > 0)
		;
	assert_int_equal(seen_count, 40001);
	for (size_t i = 0; i < seen_count; i++)
		if (seen[i] == 99999)
			where = i;
	assert_int_equal(where, 101); /* behind number 100, whose time is its own */
	for (size_t i = 0, next = 0; i < seen_count; i++)
		if (seen[i] != 99999)
			assert_int_equal(seen[i], next++);
	ring_free(r);
}

static void bad_records(void **state)
{
	struct ring *r = open_ring();

	(void)state;
	assert_int_equal(send_sized(to_telemetry, WS_REC_EXIT, 1, 1, 7), 0);
	assert_int_equal(send_sized(to_alerts, WS_REC_VERDICT, 1, 1, sizeof(struct ws_rec_exit)),
			 0);
	give(to_telemetry, WS_REC_EXIT, 2, 2);
	assert_int_equal(ring_consume(r), 3);
	assert_int_equal(seen_count, 1);
	assert_int_equal(ring_bad(r), 2);
	ring_free(r);
}

static void no_ring(void **state)
{
	struct ring *r = NULL;
	struct error e = { 0 };

	(void)state;
	assert_true(ring_open(&r, -1, -1, note, NULL, &e) < 0);
	assert_true(e.text[0] != '\0');
	assert_null(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing),	 cmocka_unit_test(telemetry_first),
		cmocka_unit_test(a_late_record), cmocka_unit_test(a_flood),
		cmocka_unit_test(bad_records),	 cmocka_unit_test(no_ring),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
