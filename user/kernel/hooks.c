// SPDX-License-Identifier: GPL-2.0-only
/* hooks.c - see hooks.h. A new hook is a program in bpf/ and a row here. */
#include "kernel/hooks.h"

#include <string.h>

#include "base/cleanup.h"

#define OP(x)	 (1u << WS_OP_##x)
#define OPEN_OPS (OP(READ) | OP(WRITE) | OP(CREATE))

#define DENY(name_, function_, security, ops_, optional_)                                    \
	{                                                                                    \
		.name = name_, .function = function_, .section = "fmod_ret/" security,       \
		.needs = security, .backend = HOOK_DENY, .optional = optional_, .ops = ops_, \
		.power = POWER_DENY                                                          \
	}
#define TRACE(name_, function_, tracepoint, backend_, ops_, power_, optional_)                \
	{                                                                                     \
		.name = name_, .function = function_, .section = "tp_btf/" tracepoint,        \
		.needs = "btf_trace_" tracepoint, .backend = backend_, .optional = optional_, \
		.ops = ops_, .power = power_                                                  \
	}
/* For operations that few rule sets are about: every loaded program costs time at each start. */
#define DENY_BY_RULE(name_, function_, security, ops_)                                      \
	{                                                                                   \
		.name = name_, .function = function_, .section = "fmod_ret/" security,      \
		.needs = security, .backend = HOOK_DENY, .optional = true, .by_rule = true, \
		.ops = ops_, .power = POWER_DENY                                            \
	}
/* For a program that lets watch_judge() judge (bpf/lib/due.bpf.h), or is attached to several
 * tracepoints. */
#define RAW(name_, function_, tracepoint, ops_, power_)                                      \
	{                                                                                    \
		.name = name_, .function = function_, .section = "raw_tp/" tracepoint,       \
		.needs = "btf_trace_" tracepoint, .backend = HOOK_WATCH, .attach = HOOK_RAW, \
		.optional = true, .ops = ops_, .power = power_                               \
	}
#define CGROUP(name_, function_, section_, ops_)                                                  \
	{                                                                                         \
		.name = name_, .function = function_, .section = section_, .backend = HOOK_WATCH, \
		.attach = HOOK_CGROUP, .optional = true, .needs_task_storage_in_cgroup = true,    \
		.ops = ops_, .power = POWER_DENY                                                  \
	}

/* For AF_UNIX. It needs the function that came with it. */
#define CGROUP_UNIX(name_, function_, section_)                                                \
	{                                                                                      \
		.name = name_, .function = function_, .section = section_,                     \
		.needs = "bpf_sock_addr_set_sun_path", .backend = HOOK_WATCH,                  \
		.attach = HOOK_CGROUP, .optional = true, .needs_task_storage_in_cgroup = true, \
		.ops = OP(UNIX), .power = POWER_KILL_BEFORE                                    \
	}

const struct hook hooks[] = {
	/* process lineage, which both backends need */
	TRACE("fork", "on_newtask", "task_newtask", HOOK_BOTH, 0, POWER_WATCH, false),
	TRACE("exec", "on_exec", "sched_process_exec", HOOK_BOTH, OP(EXEC) | OP(PRIVILEGE),
	      POWER_KILL_BEFORE, false),
	TRACE("exit", "on_exit", "sched_process_exit", HOOK_BOTH, 0, POWER_WATCH, false),
	TRACE("hold", "hold_again", "signal_generate", HOOK_BOTH, 0, POWER_WATCH, false),
	{ .name = "job",
	  .function = "on_job_exec",
	  .section = "tp_btf/sched_process_exec",
	  .needs = "btf_trace_sched_process_exec",
	  .attach = HOOK_CALLED,
	  .optional = true,
	  .jobs = true },
	{ .name = "job_hold",
	  .function = "hold_job_again",
	  .section = "tp_btf/signal_generate",
	  .needs = "btf_trace_signal_generate",
	  .attach = HOOK_CALLED,
	  .optional = true,
	  .jobs = true },
	{ .name = "admit", .function = "admit", .section = "syscall", .attach = HOOK_CALLED },
	{ .name = "ahead",
	  .function = "judge_ahead",
	  .section = "syscall",
	  .backend = HOOK_WATCH,
	  .attach = HOOK_CALLED,
	  .optional = true },
	{ .name = "session",
	  .function = "change_session",
	  .section = "syscall",
	  .attach = HOOK_CALLED },
	{ .name = "identify", .function = "identify", .section = "syscall", .attach = HOOK_CALLED },
	{ .name = "tasks",
	  .function = "list_tasks",
	  .section = "iter/task",
	  .attach = HOOK_CALLED },
	{ .name = "egress",
	  .function = "egress",
	  .section = "cgroup_skb/egress",
	  .attach = HOOK_CGROUP,
	  .ops = OP(SEND),
	  .power = POWER_DENY },

	{ .name = "tls",
	  .function = "tls_write",
	  .section = "uprobe",
	  .attach = HOOK_TLS,
	  .optional = true,
	  .ops = OP(SEND),
	  .power = POWER_KILL_BEFORE },
	{ .name = "tls_end",
	  .function = "tls_end",
	  .section = "uprobe",
	  .attach = HOOK_TLS,
	  .optional = true,
	  .ops = 0,
	  .power = POWER_WATCH },

	DENY("bprm_check", "deny_bprm_check", "security_bprm_check", OP(EXEC) | OP(PRIVILEGE),
	     true),
	DENY("file_open", "deny_file_open", "security_file_open", OPEN_OPS | OP(MEMORY), false),
	DENY("truncate", "deny_path_truncate", "security_path_truncate", OP(WRITE), false),
	DENY("file_truncate", "deny_file_truncate", "security_file_truncate", OP(WRITE), true),
	DENY("mknod", "deny_path_mknod", "security_path_mknod", OP(CREATE), false),
	DENY("mkdir", "deny_path_mkdir", "security_path_mkdir", OP(CREATE), false),
	{ .name = "created",
	  .function = "deny_instantiate",
	  .section = "fentry/security_d_instantiate",
	  .needs = "security_d_instantiate",
	  .backend = HOOK_DENY,
	  .optional = true,
	  .ops = 0,
	  .power = POWER_WATCH },
	DENY("symlink", "deny_path_symlink", "security_path_symlink", OP(CREATE), false),
	DENY("unlink", "deny_path_unlink", "security_path_unlink", OP(UNLINK), false),
	DENY("rmdir", "deny_path_rmdir", "security_path_rmdir", OP(UNLINK), false),
	DENY("rename", "deny_path_rename", "security_path_rename", OP(RENAME), false),
	DENY("link", "deny_path_link", "security_path_link", OP(LINK), false),
	DENY("chmod", "deny_path_chmod", "security_path_chmod", OP(CHMOD), true),
	DENY("chown", "deny_path_chown", "security_path_chown", OP(CHMOD), true),
	DENY("setxattr", "deny_setxattr", "security_inode_setxattr", OP(CHMOD), true),
	DENY("removexattr", "deny_removexattr", "security_inode_removexattr", OP(CHMOD), true),
	DENY("set_acl", "deny_set_acl", "security_inode_set_acl", OP(CHMOD), true),
	DENY("remove_acl", "deny_remove_acl", "security_inode_remove_acl", OP(CHMOD), true),
	DENY("file_setattr", "deny_file_setattr", "security_inode_file_setattr", OP(CHMOD), true),
	DENY("ptrace", "deny_ptrace_access", "security_ptrace_access_check",
	     OP(PTRACE) | OP(MEMORY), false),
	DENY("connect", "deny_connect", "security_socket_connect", OP(CONNECT), false),
	DENY("sendmsg", "deny_sendmsg", "security_socket_sendmsg", OP(CONNECT) | OP(SEND), false),
	DENY("unix_connect", "deny_unix_connect", "security_unix_stream_connect", OP(UNIX), false),
	DENY("unix_send", "deny_unix_send", "security_unix_may_send", OP(UNIX), true),
	DENY("signal", "deny_signal", "security_task_kill", OP(SIGNAL), true),
	DENY_BY_RULE("setrlimit", "deny_setrlimit", "security_task_setrlimit", OP(SIGNAL)),
	DENY_BY_RULE("perf", "deny_perf", "security_perf_event_open", OP(PTRACE)),
	DENY_BY_RULE("setnice", "deny_setnice", "security_task_setnice", OP(SIGNAL)),
	DENY_BY_RULE("setioprio", "deny_setioprio", "security_task_setioprio", OP(SIGNAL)),
	DENY_BY_RULE("setscheduler", "deny_setscheduler", "security_task_setscheduler", OP(SIGNAL)),
	DENY_BY_RULE("ioctl", "deny_ioctl", "security_file_ioctl", OP(SIGNAL)),
	DENY_BY_RULE("fcntl", "deny_fcntl", "security_file_fcntl", OP(SIGNAL)),
	DENY_BY_RULE("key", "deny_key", "security_key_permission", OP(MEMORY)),
	DENY_BY_RULE("mount", "deny_mount", "security_sb_mount", OP(MOUNT)),
	DENY_BY_RULE("move_mount", "deny_move_mount", "security_move_mount", OP(MOUNT)),
	DENY_BY_RULE("umount", "deny_umount", "security_sb_umount", OP(MOUNT)),
	DENY_BY_RULE("user_ns", "deny_user_ns", "security_create_user_ns", OP(NAMESPACE)),
	DENY_BY_RULE("bpf", "deny_bpf", "security_bpf", OP(BPF)),
	DENY_BY_RULE("module_file", "deny_module_file", "security_kernel_read_file", OP(MODULE)),
	DENY_BY_RULE("module_data", "deny_module_data", "security_kernel_load_data", OP(MODULE)),
	DENY_BY_RULE("io_uring_setup", "deny_uring", "security_inode_init_security_anon",
		     OP(IO_URING)),
	DENY_BY_RULE("listen", "deny_listen", "security_socket_listen", OP(LISTEN)),
	{ .name = "bind",
	  .function = "deny_note_bind",
	  .section = "fentry/security_socket_bind",
	  .needs = "security_socket_bind",
	  .backend = HOOK_DENY,
	  .ops = 0,
	  .power = POWER_WATCH },
	{ .name = "listen_own",
	  .function = "deny_note_listen",
	  .section = "fentry/security_socket_listen",
	  .needs = "security_socket_listen",
	  .backend = HOOK_DENY,
	  .ops = 0,
	  .power = POWER_WATCH },
	{ .name = "socket",
	  .function = "deny_tie",
	  .section = "fentry/security_socket_post_create",
	  .needs = "security_socket_post_create",
	  .backend = HOOK_DENY,
	  .ops = 0,
	  .power = POWER_WATCH },
	{ .name = "socket_use",
	  .function = "deny_adopt",
	  .section = "fentry/security_socket_sendmsg",
	  .needs = "security_socket_sendmsg",
	  .backend = HOOK_DENY,
	  .ops = 0,
	  .power = POWER_WATCH },
	{ .name = "socket_receive",
	  .function = "deny_receive",
	  .section = "fentry/security_file_receive",
	  .needs = "security_file_receive",
	  .backend = HOOK_DENY,
	  .optional = true,
	  .ops = 0,
	  .power = POWER_WATCH },

	{ .name = "open",
	  .function = "watch_exit",
	  .section = "tp_btf/sys_exit",
	  .needs = "btf_trace_sys_exit",
	  .backend = HOOK_WATCH,
	  .everywhere = true,
	  .ops = OPEN_OPS | OP(UNIX) | OP(MEMORY),
	  .power = POWER_KILL_BEFORE },
	{ .name = "call",
	  .function = "watch_enter",
	  .section = "tp_btf/sys_enter",
	  .needs = "btf_trace_sys_enter",
	  .backend = HOOK_WATCH,
	  .everywhere = true,
	  .ops = OP(PTRACE) | OP(NAMESPACE) | OP(BPF) | OP(IO_URING) | OP(MOUNT) | OP(MODULE),
	  .late = OP(MOUNT) | OP(MODULE),
	  .power = POWER_KILL_BEFORE },
	{ .name = "signal",
	  .function = "watch_signal",
	  .section = "tp_btf/signal_generate",
	  .needs = "btf_trace_signal_generate",
	  .backend = HOOK_WATCH,
	  .optional = true,
	  .by_rule = true,
	  .ops = OP(SIGNAL),
	  .power = POWER_KILL_AFTER },
	{ .name = "judge",
	  .function = "watch_judge",
	  .section = "raw_tp",
	  .backend = HOOK_WATCH,
	  .attach = HOOK_CALLED },
	RAW("change", "watch_stamp", "inode_set_ctime_to_ts",
	    OP(UNLINK) | OP(RENAME) | OP(LINK) | OP(CHMOD), POWER_KILL_AFTER),
	RAW("change_xchg", "watch_stamp", "ctime_ns_xchg", 0, POWER_KILL_AFTER),
	RAW("change_skip", "watch_stamp", "ctime_xchg_skip", 0, POWER_KILL_AFTER),
	TRACE("io_uring_submit", "watch_uring_submit", "io_uring_submit_req", HOOK_WATCH, 0,
	      POWER_KILL_BEFORE, true),
	RAW("io_uring_file", "watch_uring_file", "io_uring_file_get", 0, POWER_KILL_BEFORE),
	RAW("io_uring", "watch_uring", "io_uring_complete", 0, POWER_KILL_BEFORE),
	TRACE("socket_connect", "watch_connecting", "inet_sock_set_state", HOOK_WATCH, OP(LISTEN),
	      POWER_KILL_BEFORE, true),
	TRACE("socket_use", "watch_adopt", "tcp_sendmsg_locked", HOOK_WATCH, 0, POWER_WATCH, true),
	CGROUP("socket", "watch_tie", "cgroup/sock_create", 0),
	CGROUP("connect4", "watch_connect4", "cgroup/connect4", OP(CONNECT)),
	CGROUP("connect6", "watch_connect6", "cgroup/connect6", OP(CONNECT)),
	CGROUP("sendmsg4", "watch_sendmsg4", "cgroup/sendmsg4", OP(CONNECT)),
	CGROUP("sendmsg6", "watch_sendmsg6", "cgroup/sendmsg6", OP(CONNECT)),
	CGROUP_UNIX("connect_unix", "watch_connect_unix", "cgroup/connect_unix"),
	CGROUP_UNIX("sendmsg_unix", "watch_sendmsg_unix", "cgroup/sendmsg_unix"),
};
const size_t hook_count = ARRAY_SIZE(hooks);

/* Operations that about half of the verifier's work is for: tests/bpf/test_start.c. */
#define SECOND_OPS                                                                              \
	(OP(EXEC) | OP(CREATE) | OP(UNLINK) | OP(RENAME) | OP(LINK) | OP(CHMOD) | OP(CONNECT) | \
	 OP(BPF))

bool hook_is_second(const struct hook *h)
{
	uint32_t ops = h->backend == HOOK_WATCH ? SECOND_OPS | OP(UNIX) | OP(SIGNAL) | OP(LISTEN)
						: SECOND_OPS;

	/* of rows that share a program, one has the operations */
	for (size_t i = 0; i < hook_count; i++)
		if (!strcmp(hooks[i].function, h->function) && (hooks[i].ops & ops) &&
		    !(hooks[i].ops & OP(READ)))
			return true;
	return false;
}
