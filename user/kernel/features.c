// SPDX-License-Identifier: GPL-2.0-only
/* features.c - see features.h: small programs are really loaded and attached, and names looked up
 * in the kernel's BTF. */
#include "kernel/features.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/capability.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/uprobes.h"

static struct btf *kernel_btf(void)
{
	static struct btf *btf; /* parsed once per process: 4 MB, about 30 ms */

	if (!btf) {
		btf = btf__load_vmlinux_btf();
		if (libbpf_get_error(btf))
			btf = NULL;
	}
	return btf;
}

bool features_has(const char *name)
{
	struct btf *btf = kernel_btf();

	if (!btf)
		return false;
	if (!strncmp(name, "btf_trace_", 10))
		return btf__find_by_name_kind(btf, name, BTF_KIND_TYPEDEF) > 0;
	return btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}

/* Load the program `return 0` for a function of the kernel and attach it. 0 if both work, else
 * -errno. */
static int try_attach(const char *function, enum bpf_prog_type type, enum bpf_attach_type attach)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = attach);
	_close_ int prog = -1, link = -1;
	int id = btf__find_by_name_kind(kernel_btf(), function, BTF_KIND_FUNC);

	if (id < 0)
		return -ENOENT;
	o.attach_btf_id = id;
	prog = bpf_prog_load(type, "ws_probe", "GPL", nothing, ARRAY_SIZE(nothing), &o);
	if (prog < 0)
		return -errno;
	link = bpf_raw_tracepoint_open(NULL, prog);
	return link < 0 ? -errno : 0;
}

/*
 * Whether programs of that type may call the helper: 1 yes, 0 no, -errno if the verifier was not
 * asked (seccomp, for one). The call has no arguments, so the verifier refuses it in any case; its
 * reason is the answer. libbpf's own probe before 1.4 does not know the last of these reasons,
 * which kernels give since 6.9.
 */
static int has_helper(enum bpf_prog_type type, enum bpf_attach_type attach, int helper)
{
	static const char *const answers[] = { "invalid func ", "unknown func ",
					       "cannot use helper " };
	const struct bpf_insn call[] = {
		{ .code = BPF_JMP | BPF_CALL, .imm = helper },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	char log[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, o, .expected_attach_type = attach, .log_level = 1,
		    .log_buf = log, .log_size = sizeof(log));
	_close_ int prog = bpf_prog_load(type, "ws_probe", "GPL", call, ARRAY_SIZE(call), &o);

	if (prog >= 0)
		return 1;
	if (!log[0])
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++)
		if (strstr(log, answers[i]))
			return 0;
	return 1;
}

/* LSM programs load and attach on any kernel with CONFIG_BPF_LSM, but are only called if "bpf" is
 * in this list. */
static bool lsm_has_bpf(void)
{
	_fclose_ FILE *f = fopen("/sys/kernel/security/lsm", "re");
	char list[256], *rest = NULL;

	if (!f || !fgets(list, sizeof(list), f))
		return false;
	for (char *name = strtok_r(list, ",\n", &rest); name; name = strtok_r(NULL, ",\n", &rest))
		if (!strcmp(name, "bpf"))
			return true;
	return false;
}

bool features_locked_down(void)
{
	_fclose_ FILE *f = fopen("/sys/kernel/security/lockdown", "re");
	char line[128];

	return f && fgets(line, sizeof(line), f) && strstr(line, "[confidentiality]");
}

/* The preemption model that a word of the kernel stands for. */
static const char *model(const char *word, size_t length)
{
	static const char *const models[] = { "none", "voluntary", "full", "lazy" };

	for (size_t i = 0; i < ARRAY_SIZE(models); i++)
		if (strlen(models[i]) == length && !memcmp(models[i], word, length))
			return models[i];
	return "unknown";
}

const char *features_preemption(const char *version, const char *chosen, const char *command_line)
{
	static const char option[] = "preempt=";
	const char *in = chosen ? strchr(chosen, '(') : NULL, *last = NULL;

	if (in)
		return model(in + 1, strcspn(in + 1, ")"));
	if (strstr(version, "PREEMPT_DYNAMIC")) {
		for (const char *at = command_line; at && (at = strstr(at, option));
		     at += strlen(option))
			if (at == command_line || at[-1] == ' ')
				last = at + strlen(option);
		return last ? model(last, strcspn(last, " \n")) : "unknown";
	}
	/* A kernel without the choice names its model, except none and voluntary. */
	if (strstr(version, "PREEMPT_LAZY"))
		return "lazy";
	return strstr(version, "PREEMPT") ? "full" : "voluntary";
}

static const struct {
	int number;
	const char *name;
	int or ; /* what permits as much; 0: nothing does */
} needed[] = {
	{ 38, "CAP_PERFMON", 0 },
	{ 39, "CAP_BPF", 0 },
	{ CAP_NET_ADMIN, "CAP_NET_ADMIN", 0 },
	{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", 0 },
	{ CAP_KILL, "CAP_KILL", 0 },
	{ CAP_DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH", CAP_DAC_OVERRIDE },
};

static bool has(const struct __user_cap_data_struct *data, int number)
{
	return data[number / 32].effective & (1u << (number % 32));
}

void features_missing_capabilities(char *ret, size_t size)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };
	size_t at = 0;

	ret[0] = 0;
	if (syscall(SYS_capget, &head, data) < 0) {
		snprintf(ret, size, "unknown (capget: %s)", strerror(errno));
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(needed) && at < size; i++)
		if (!has(data, needed[i].number) && !(needed[i].or &&has(data, needed[i].or)))
			at += snprintf(ret + at, size - at, "%s%s", at ? " " : "", needed[i].name);
}

#define HELPER_LOOP 181 /* BPF_FUNC_loop, which <linux/bpf.h> has since 5.17 */

int features_probe(struct features *ret, struct error *e)
{
	char missing[256];
	int err;

	memset(ret, 0, sizeof(*ret));
	features_missing_capabilities(missing, sizeof(missing));
	if (missing[0])
		return error_set(e, -EPERM, "needs root, or these capabilities: %s", missing);
	ret->btf = kernel_btf() != NULL;
	if (!ret->btf)
		return error_set(e, -ENOENT,
				 "there is no BTF of the kernel (/sys/kernel/btf/vmlinux): mount "
				 "sysfs, or use a kernel built with CONFIG_DEBUG_INFO_BTF");
	if (has_helper(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, HELPER_LOOP) == 0)
		return error_set(e, -EOPNOTSUPP,
				 "this kernel is too old: it lacks bpf_loop, which came with 5.17; "
				 "use 6.1 or later");
	err = try_attach("security_file_open", BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN);
	ret->fmod_ret = err == 0;
	if (err)
		snprintf(ret->fmod_ret_why, sizeof(ret->fmod_ret_why),
			 "fmod_ret on security_file_open: %s", strerror(-err));
	ret->uprobe_multi = uprobes_multi();
	ret->lsm = lsm_has_bpf() &&
		   !try_attach("bpf_lsm_file_open", BPF_PROG_TYPE_LSM, BPF_LSM_MAC);
	ret->lsm_unguarded = ret->lsm &&
			     features_has("bpf_trampoline_enter"); /* came with that change */
	ret->task_storage_in_cgroup = has_helper(BPF_PROG_TYPE_CGROUP_SOCK_ADDR,
						 BPF_CGROUP_INET4_CONNECT,
						 BPF_FUNC_task_storage_get) == 1;
	return 0;
}
