// SPDX-License-Identifier: GPL-2.0-only
/* verdict_text.c - a verdict in words. */
#include "events/verdict_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "events/decode.h"
#include "sanitize/redact_text.h"

enum object { NO_OBJECT, A_PATH, TWO_PATHS, AN_ADDRESS, A_PROCESS };

/* The words for each operation. */
static const struct op_text {
	const char *verb; /* before the object */
	const char *to;	  /* between two paths */
	enum object object;
	/* for the effects of these names (enum ws_effect) */
	const char *refused, *killed_before, *killed_after;
	bool may_be_done;   /* also when it was killed before */
	const char *undone; /* what people need not do; NULL: nothing is to be undone */
	const char *category[3];
	const char *type;
} ops[] = {
	[WS_OP_NONE] = {
		.verb = "do something",
		.refused = "refused",
		.killed_before = "killed before it could go on",
		.killed_after = "killed after the fact",
		.category = { "process" },
		.type = "info",
	},
	[WS_OP_EXEC] = {
		.verb = "run ",
		.object = A_PATH,
		.refused = "refused: it did not start",
		.killed_before = "killed before its first instruction",
		.killed_after = "killed after the fact: it had started",
		.category = { "process" },
		.type = "start",
	},
	[WS_OP_READ] = {
		.undone = "Nothing was read: no credential needs to be rotated.",
		.verb = "read ",
		.object = A_PATH,
		.refused = "refused before a byte was read",
		.killed_before = "killed before a byte was read",
		.killed_after = "killed after the fact: it may have been read",
		.category = { "file" },
		.type = "access",
	},
	[WS_OP_WRITE] = {
		.undone = "Nothing was changed: there is nothing to undo.",
		.verb = "write ",
		.object = A_PATH,
		.refused = "refused before a byte was written",
		.killed_before = "killed before a byte was written",
		.killed_after = "killed after the fact: it may have been changed or emptied",
		.category = { "file" },
		.type = "change",
	},
	[WS_OP_CREATE] = {
		.undone = "Nothing was changed: there is nothing to undo.",
		.may_be_done = true,
		.verb = "create ",
		.object = A_PATH,
		.refused = "refused: nothing was created",
		.killed_before = "killed before a byte was written; an empty file may be left",
		.killed_after = "killed after the fact: it was created",
		.category = { "file" },
		.type = "creation",
	},
	[WS_OP_RENAME] = {
		.undone = "Nothing was changed: there is nothing to undo.",
		.may_be_done = true,
		.verb = "rename ",
		.to = " to ",
		.object = TWO_PATHS,
		.refused = "refused: nothing was renamed",
		.killed_before = "killed at once; the rename may have been done",
		.killed_after = "killed after the fact: it was renamed",
		.category = { "file" },
		.type = "change",
	},
	[WS_OP_LINK] = {
		.undone = "Nothing was changed: there is nothing to undo.",
		.verb = "link ",
		.to = " as ",
		.object = TWO_PATHS,
		.refused = "refused: nothing was linked",
		.killed_before = "killed before the link could be used",
		.killed_after = "killed after the fact: the link was made",
		.category = { "file" },
		.type = "creation",
	},
	[WS_OP_UNLINK] = {
		.undone = "Nothing was changed: there is nothing to undo.",
		.may_be_done = true,
		.verb = "delete ",
		.object = A_PATH,
		.refused = "refused: nothing was deleted",
		.killed_before = "killed at once; it may be gone",
		.killed_after = "killed after the fact: it is gone",
		.category = { "file" },
		.type = "deletion",
	},
	[WS_OP_CHMOD] = {
		.undone = "Nothing was changed: there is nothing to undo.",
		.may_be_done = true,
		.verb = "change the mode of ",
		.object = A_PATH,
		.refused = "refused: nothing was changed",
		.killed_before = "killed at once; the mode may have been changed",
		.killed_after = "killed after the fact: the mode was changed",
		.category = { "file" },
		.type = "change",
	},
	[WS_OP_CONNECT] = {
		.undone = "Nothing was sent: nothing needs to be rotated or undone.",
		.verb = "connect to ",
		.object = AN_ADDRESS,
		.refused = "refused: no connection was made",
		.killed_before = "killed before a byte was sent",
		.killed_after = "killed after the fact: the connection was made",
		.category = { "network" },
		.type = "connection",
	},
	[WS_OP_SEND] = {
		.undone = "Nothing was sent: nothing needs to be rotated or undone.",
		.may_be_done = true,
		.verb = "send",
		.object = AN_ADDRESS,
		.refused = "refused: nothing was sent",
		.killed_before = "killed at once; something may have been sent",
		.killed_after = "killed after the fact: it was sent",
		.category = { "network" },
		.type = "connection",
	},
	[WS_OP_DNS] = {
		.undone = "Nothing was sent: nothing needs to be rotated or undone.",
		.verb = "look up a name at ",
		.object = AN_ADDRESS,
		.refused = "refused: nothing was asked",
		.killed_before = "killed before an answer came",
		.killed_after = "killed after the fact: the question was sent",
		.category = { "network" },
		.type = "protocol",
	},
	[WS_OP_LISTEN] = {
		.verb = "listen on ",
		.object = AN_ADDRESS,
		.refused = "refused: nobody could connect",
		.killed_before = "killed before it could accept anybody",
		.killed_after = "killed after the fact: it was listening",
		.category = { "network" },
		.type = "start",
	},
	[WS_OP_UNIX] = {
		.undone = "Nothing was sent: nothing needs to be rotated or undone.",
		.verb = "connect to the socket ",
		.object = A_PATH,
		.refused = "refused: no connection was made",
		.killed_before = "killed before a byte was sent",
		.killed_after = "killed after the fact: the connection was made",
		.category = { "network" },
		.type = "connection",
	},
	[WS_OP_PTRACE] = {
		.undone = "Nothing was read: no credential needs to be rotated.",
		.verb = "trace ",
		.object = A_PROCESS,
		.refused = "refused: nothing was seen of it",
		.killed_before = "killed before it could look",
		.killed_after = "killed after the fact: it was traced",
		.category = { "process" },
		.type = "access",
	},
	[WS_OP_MEMORY] = {
		.undone = "Nothing was read: no credential needs to be rotated.",
		.verb = "reach into the memory of ",
		.object = A_PROCESS,
		.refused = "refused before a byte of it was read",
		.killed_before = "killed before a byte was read",
		.killed_after = "killed after the fact: its memory may have been read",
		.category = { "process" },
		.type = "access",
	},
	[WS_OP_SIGNAL] = {
		.may_be_done = true,
		.verb = "signal ",
		.object = A_PROCESS,
		.refused = "refused: the signal was not sent",
		.killed_before = "killed at once; the signal may have been sent",
		.killed_after = "killed after the fact: the signal was sent",
		.category = { "process" },
		.type = "change",
	},
	[WS_OP_MOUNT] = {
		.undone = "Nothing was changed: there is nothing to undo.",
		.verb = "mount on ",
		.object = A_PATH,
		.refused = "refused: nothing was mounted",
		.killed_before = "killed before the mount could be used",
		.killed_after = "killed after the fact: it was mounted",
		.category = { "file" },
		.type = "change",
	},
	[WS_OP_NAMESPACE] = {
		.verb = "make a namespace",
		.refused = "refused: none was made",
		.killed_before = "killed before it could be used",
		.killed_after = "killed after the fact: it was made",
		.category = { "process" },
		.type = "change",
	},
	[WS_OP_PRIVILEGE] = {
		.verb = "raise its privileges",
		.refused = "refused: none were gained",
		.killed_before = "killed before they could be used",
		.killed_after = "killed after the fact: they were raised",
		.category = { "process" },
		.type = "change",
	},
	[WS_OP_BPF] = {
		.verb = "use bpf(2)",
		.refused = "refused: nothing was loaded",
		.killed_before = "killed before the result could be used",
		.killed_after = "killed after the fact: the call was done",
		.category = { "driver" },
		.type = "start",
	},
	[WS_OP_MODULE] = {
		.may_be_done = true,
		.verb = "load a kernel module",
		.refused = "refused: nothing was loaded",
		.killed_before = "killed at once; the module may be loaded",
		.killed_after = "killed after the fact: the module was loaded",
		.category = { "driver" },
		.type = "start",
	},
	[WS_OP_IO_URING] = {
		.verb = "use io_uring",
		.refused = "refused: no ring was made",
		.killed_before = "killed before the ring could be used",
		.killed_after = "killed after the fact: the ring was made",
		.category = { "process" },
		.type = "change",
	},
	[WS_OP_OUTLIVE] = {
		.verb = "outlive the command",
		.refused = "refused",
		.killed_before = "killed before it could do more",
		.killed_after = "killed after the command had ended",
		.category = { "process" },
		.type = "end",
	},
};
_Static_assert(ARRAY_SIZE(ops) == WS_OP_MAX, "words for every operation");

/* Changes of another process that are judged like signals. */
static const struct op_text touched = {
	.may_be_done = true,
	.verb = "change ",
	.object = A_PROCESS,
	.refused = "refused: nothing of it was changed",
	.killed_before = "killed at once; it may have been changed",
	.killed_after = "killed after the fact: it was changed",
	.category = { "process" },
	.type = "change",
};

/* Keys are judged like memory that is not the package's. */
static const struct op_text key_read = {
	.undone = "Nothing was read: no credential needs to be rotated.",
	.verb = "read a key from the kernel's keyrings",
	.object = NO_OBJECT,
	.refused = "refused before a byte of it was read",
	.killed_before = "killed before a byte was read",
	.killed_after = "killed after the fact: it may have been read",
	.category = { "process" },
	.type = "access",
};

static const char *touched_what(uint32_t touch)
{
	switch (touch) {
	case WS_TOUCH_LIMITS:
		return "the resource limits of ";
	case WS_TOUCH_PRIORITY:
		return "the priority of ";
	case WS_TOUCH_SCHEDULING:
		return "the scheduling of ";
	case WS_TOUCH_IO_PRIORITY:
		return "the I/O priority of ";
	case WS_TOUCH_CONTROL:
		return "a control file below /proc of ";
	case WS_TOUCH_RELEASE:
		return "the memory of ";
	case WS_TOUCH_TERMINAL:
		return "the terminal's input for ";
	}
	return "";
}

static bool is_touch(const struct ws_rec_verdict *r)
{
	return r->op == WS_OP_SIGNAL && r->amount >= WS_TOUCH_LIMITS;
}

static const struct op_text *text_of(unsigned op)
{
	return &ops[op < WS_OP_MAX ? op : WS_OP_NONE];
}

static const struct op_text *text_for(const struct ws_rec_verdict *r)
{
	if (r->op == WS_OP_MEMORY && r->amount == WS_MEMORY_KEY)
		return &key_read;
	return is_touch(r) ? &touched : text_of(r->op);
}

const char *const *verdict_category(unsigned op)
{
	return text_of(op)->category;
}

const char *verdict_type(unsigned op)
{
	return text_of(op)->type;
}

bool verdict_done(const struct ws_rec_verdict *r)
{
	switch (r->effect) {
	case WS_EFFECT_REFUSED:
	case WS_EFFECT_DROPPED:
		return false;
	case WS_EFFECT_KILLED_BEFORE:
		return text_of(r->op)->may_be_done;
	}
	return true;
}

const char *verdict_undone(unsigned op)
{
	const char *text = text_of(op)->undone;

	return text ? text : "It was not done: there is nothing to undo.";
}

/* ---- objects ---- */

bool verdict_path(struct buf *out, const struct ws_rec_verdict *r)
{
	if ((r->head.flags & WS_F_PATH_UNREAD) || !r->path.len)
		return false;
	decode_path(out, r->path.bytes, r->path.len, r->head.flags & WS_F_PATH_CUT);
	return true;
}

bool verdict_path2(struct buf *out, const struct ws_rec_verdict *r)
{
	if (!r->path2_valid || !r->path2.len)
		return false;
	decode_path(out, r->path2.bytes, r->path2.len, r->head.flags & WS_F_PATH_CUT);
	return true;
}

void verdict_add_path(struct buf *out, const struct buf *path, const char *home)
{
	size_t n = home ? strlen(home) : 0;

	while (n && home[n - 1] == '/')
		n--;
	if (n && path->len >= n && memcmp(path->at, home, n) == 0 &&
	    (path->len == n || path->at[n] == '/')) {
		buf_addc(out, '~');
		redact_text(out, path->at + n, path->len - n, false);
	} else {
		redact_text(out, path->at, path->len, false);
	}
}

void verdict_address(struct buf *out, const struct ws_address *a)
{
	const char *protocol = decode_protocol(a->protocol);
	_buf_ struct buf address = BUF_INIT;

	decode_address(&address, a);
	if (memchr(address.at, ':', address.len))
		buf_addf(out, "[%s]", address.at);
	else
		buf_add(out, address.at, address.len);
	if (a->port)
		buf_addf(out, ":%u", a->port);
	if (protocol)
		buf_addf(out, " (%s)", protocol);
}

static void add_signal(struct buf *out, uint32_t signal)
{
	const char *name = sigabbrev_np((int)signal);

	if (name)
		buf_addf(out, " with SIG%s", name);
	else
		buf_addf(out, " with signal %" PRIu32, signal);
}

void verdict_tried(struct buf *out, const struct ws_rec_verdict *r, const char *home,
		   const char *target)
{
	const struct op_text *text = text_for(r);
	_buf_ struct buf path = BUF_INIT, path2 = BUF_INIT;

	buf_adds(out, text->verb);
	switch (text->object) {
	case NO_OBJECT:
		break;
	case A_PATH:
	case TWO_PATHS:
		if (verdict_path(&path, r))
			verdict_add_path(out, &path, home);
		else
			buf_adds(out, "something whose path could not be resolved");
		if (text->to && verdict_path2(&path2, r)) {
			buf_adds(out, text->to);
			verdict_add_path(out, &path2, home);
		}
		break;
	case AN_ADDRESS:
		if (r->op == WS_OP_SEND) {
			if (r->amount)
				buf_addf(out, " %" PRIu32 " bytes", r->amount);
			buf_adds(out, " to ");
		}
		if (r->to.family)
			verdict_address(out, &r->to);
		else
			buf_adds(out, "an unknown address");
		break;
	case A_PROCESS:
		if (is_touch(r))
			buf_adds(out, touched_what(r->amount));
		if (!r->target_pid)
			buf_adds(out, "another process");
		else
			buf_addf(out, "process %" PRIu32, r->target_pid);
		if (target) {
			buf_adds(out, " (");
			redact_comm(out, target, strlen(target));
			buf_addc(out, ')');
		}
		if (r->op == WS_OP_SIGNAL && r->amount && !is_touch(r))
			add_signal(out, r->amount);
		break;
	}
	if (text->object == NO_OBJECT && verdict_path(&path, r)) {
		buf_adds(out, ": ");
		verdict_add_path(out, &path, home);
	}
	if (r->head.flags & WS_F_IO_URING)
		buf_adds(out, " through io_uring");
}

/* ---- effects ---- */

/* hide: operations that only look fail with ENOENT, everything else with EPERM. Neither accuses the
 * script. */
static const char *hidden(unsigned op)
{
	static const unsigned looks = 1u << WS_OP_EXEC | 1u << WS_OP_READ | 1u << WS_OP_CHMOD |
				      1u << WS_OP_UNIX;

	return op < 32 && looks & 1u << op ? "shown as absent" : "quietly refused";
}

void verdict_effect(struct buf *out, const struct ws_rec_verdict *r)
{
	const struct op_text *text = text_for(r);

	switch (r->effect) {
	case WS_EFFECT_REFUSED:
		buf_adds(out, r->action == WS_HIDE ? hidden(r->op) : text->refused);
		return;
	case WS_EFFECT_KILLED_BEFORE:
		buf_adds(out, text->killed_before);
		return;
	case WS_EFFECT_KILLED_AFTER:
		buf_adds(out, text->killed_after);
		return;
	case WS_EFFECT_DROPPED:
		buf_adds(out, "dropped: the packet did not leave this machine");
		return;
	case WS_EFFECT_UNAVAILABLE:
		buf_adds(out,
			 "not carried out: this kernel lets wormsign watch this, not refuse it");
		return;
	}
	if (r->mode != WS_MODE_AUDIT || r->action < WS_HIDE) {
		buf_adds(out, "let through");
		return;
	}
	if (r->head.flags & WS_F_REPORTED)
		buf_adds(out, "let through (a tool in this script; --tools=enforce stops it); "
			      "would have been ");
	else
		buf_adds(out, "let through (audit mode); would have been ");
	buf_adds(out, r->action == WS_HIDE   ? hidden(r->op)
		      : r->action == WS_DENY ? "refused"
		      : r->action == WS_KILL ? "refused, and the script killed"
					     : "refused, and the whole session stopped");
}
