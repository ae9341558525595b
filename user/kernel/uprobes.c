// SPDX-License-Identifier: GPL-2.0-only
/* uprobes.c - see uprobes.h. */
#include "kernel/uprobes.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/elf_function.h"

/* In linux/bpf.h since 6.6; the headers that we are built with may be older. */
#define TRACE_UPROBE_MULTI 48
struct multi {
	uint32_t program, target, attach_type, flags;
	uint64_t path, offsets, ref_ctr_offsets, cookies;
	uint32_t count, multi_flags, pid, pad;
};
_Static_assert(sizeof(struct multi) == 64, "union bpf_attr, link_create.uprobe_multi");

static int multi_link(int program, const char *path, const uint64_t *offsets, size_t count)
{
	struct multi m = {
		.program = program,
		.attach_type = TRACE_UPROBE_MULTI,
		.path = (uintptr_t)path,
		.offsets = (uintptr_t)offsets,
		.count = count,
	};
	int fd = syscall(SYS_bpf, BPF_LINK_CREATE, &m, sizeof(m));

	return fd < 0 ? -errno : fd;
}

bool uprobes_multi(void)
{
	static const struct bpf_insn nothing[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	LIBBPF_OPTS(bpf_prog_load_opts, o,
		    .expected_attach_type = (enum bpf_attach_type)TRACE_UPROBE_MULTI);
	_close_ int program = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "ws_probe", "GPL", nothing,
					    ARRAY_SIZE(nothing), &o);
	uint64_t offset = 0;
	_close_ int link = program < 0 ? -1 : multi_link(program, "/", &offset, 1);

	/* "/" is not a regular file, which only a kernel that knows the attach type answers so */
	return link == -EBADF;
}

void uprobes_prepare(const struct uprobes *u, struct bpf_program *p)
{
	if (u->multi)
		bpf_program__set_expected_attach_type(p, (enum bpf_attach_type)TRACE_UPROBE_MULTI);
}

static int attach_each(struct uprobes *u, struct bpf_program *p, const char *path,
		       const uint64_t *offsets, size_t count)
{
	int found = 0;

	for (size_t i = 0; i < count && u->count < UPROBES_MOST; i++) {
		LIBBPF_OPTS(bpf_uprobe_opts, o);
		struct bpf_link *link =
			bpf_program__attach_uprobe_opts(p, -1, path, offsets[i], &o);

		if (!link)
			continue;
		u->at[u->count++] = (struct uprobe){ .fd = -1, .link = link };
		found++;
	}
	return found;
}

int uprobes_attach(struct uprobes *u, struct bpf_program *p, const char *file,
		   const char *const *functions, size_t count)
{
	_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	uint64_t offsets[UPROBES_MOST];
	struct stat st;
	size_t n = 0;
	char same[64]; /* the file that was read, even if its name leads elsewhere by now */
	int link;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || u->count == UPROBES_MOST)
		return 0;
	for (size_t i = 0; i < count && n < UPROBES_MOST; i++)
		if (elf_function(fd, functions[i], &offsets[n]) == 0)
			n++;
	if (!n)
		return 0;
	snprintf(same, sizeof(same), "/proc/self/fd/%d", fd);
	if (!u->multi)
		return attach_each(u, p, same, offsets, n);
	link = multi_link(bpf_program__fd(p), same, offsets, n);
	if (link < 0)
		return 0;
	u->at[u->count++] = (struct uprobe){ .fd = link };
	return n;
}

static void *detach(void *arg)
{
	struct uprobe *probe = arg;

	if (probe->link)
		bpf_link__destroy(probe->link);
	else
		close(probe->fd);
	return NULL;
}

void uprobes_detach(struct uprobes *u)
{
	for (; u->detached < u->count; u->detached++) {
		struct uprobe *probe = &u->at[u->detached];

		probe->detaching = !pthread_create(&probe->thread, NULL, detach, probe);
		if (!probe->detaching)
			detach(probe);
	}
}

void uprobes_wait_detached(struct uprobes *u)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->at[i].detaching)
			pthread_join(u->at[i].thread, NULL);
	u->count = u->detached = 0;
}
