/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * floor TRACEPOINT... - attach a program that does nothing (two instructions) to each, say so, and
 * wait for SIGTERM.
 *
 * What others pay while it is attached is the kernel's price for tracing at all: with a program on
 * sys_enter or sys_exit every task of the machine takes the slow path of every system call. What
 * wormsign costs above that is ours. "up" means that the file named by BENCH_UP exists.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <signal.h>
#include <unistd.h>

#include "bench.h"

static void attach(const char *name)
{
	struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_RAW_TP);
	int program, id = libbpf_find_vmlinux_btf_id(name, BPF_TRACE_RAW_TP);

	if (id < 0) {
		errno = -id;
		die("no tracepoint %s", name);
	}
	options.attach_btf_id = (__u32)id;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "floor", "GPL", nothing, 2, &options);
	if (program < 0 || bpf_raw_tracepoint_open(NULL, program) < 0)
		die("attach to %s", name);
}

int main(int argc, char **argv)
{
	const char *up = getenv("BENCH_UP");
	sigset_t set;
	int signal;

	if (argc < 2)
		die("usage: floor TRACEPOINT...");
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	libbpf_set_print(NULL);
	for (int i = 1; i < argc; i++)
		attach(argv[i]);
	if (up) {
		int fd = open(up, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

		if (fd < 0)
			die("%s", up);
		close(fd);
	}
	sigwait(&set, &signal);
	return 0;
}
