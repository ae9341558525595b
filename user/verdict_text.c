// SPDX-License-Identifier: GPL-2.0-only
/* verdict_text.c - a verdict in words. */
#include "verdict_text.h"

#include <inttypes.h>

#include "cleanup.h"
#include "decode.h"
#include "redact.h"

enum object { NO_OBJECT, A_PATH, TWO_PATHS, AN_ADDRESS, A_PROCESS };

/* What there is to say about each operation. */
static const struct op_text {
	const char *verb; /* before the object */
	const char *to;	  /* between two paths */
	enum object object;
	const char *refused;	   /* effect: refused */
	const char *killed_before; /* it was done, its result never used */
	const char *killed_after;  /* what got through */
	const char *category[3];
	const char *type;
} ops[] = {
	[WS_OP_NONE] = { "do something", NULL, NO_OBJECT, "refused", "killed before it could go on",
			 "killed after the fact", { "process" }, "info" },
	[WS_OP_EXEC] = { "run ", NULL, A_PATH, "refused: it did not start",
			 "killed before its first instruction",
			 "killed after the fact: it had started", { "process" }, "start" },
	[WS_OP_READ] = { "read ", NULL, A_PATH, "refused before a byte was read",
			 "killed before a byte was read",
			 "killed after the fact: it may have been read", { "file" }, "access" },
	[WS_OP_WRITE] = { "write ", NULL, A_PATH, "refused before a byte was written",
			  "killed before a byte was written",
			  "killed after the fact: it may have been changed or emptied",
			  { "file" }, "change" },
	[WS_OP_CREATE] = { "create ", NULL, A_PATH, "refused: nothing was created",
			   "killed before a byte was written; an empty file may be left",
			   "killed after the fact: it was created", { "file" }, "creation" },
	[WS_OP_RENAME] = { "rename ", " to ", TWO_PATHS, "refused: nothing was renamed",
			   "killed at once; the rename may have been done",
			   "killed after the fact: it was renamed", { "file" }, "change" },
	[WS_OP_LINK] = { "link ", " as ", TWO_PATHS, "refused: nothing was linked",
			 "killed before the link could be used",
			 "killed after the fact: the link was made", { "file" }, "creation" },
	[WS_OP_UNLINK] = { "delete ", NULL, A_PATH, "refused: nothing was deleted",
			   "killed at once; it may be gone",
			   "killed after the fact: it is gone", { "file" }, "deletion" },
	[WS_OP_CHMOD] = { "change the mode of ", NULL, A_PATH, "refused: nothing was changed",
			  "killed at once; the mode may have been changed",
			  "killed after the fact: the mode was changed", { "file" }, "change" },
	[WS_OP_CONNECT] = { "connect to ", NULL, AN_ADDRESS, "refused: no connection was made",
			    "killed before a byte was sent",
			    "killed after the fact: the connection was made",
			    { "network" }, "connection" },
	[WS_OP_SEND] = { "send", NULL, AN_ADDRESS, "refused: nothing was sent",
			 "killed at once; something may have been sent",
			 "killed after the fact: it was sent", { "network" }, "connection" },
	[WS_OP_DNS] = { "look up a name at ", NULL, AN_ADDRESS, "refused: nothing was asked",
			"killed before an answer came",
			"killed after the fact: the question was sent", { "network" }, "protocol" },
	[WS_OP_LISTEN] = { "listen on ", NULL, AN_ADDRESS, "refused: nobody could connect",
			   "killed before it could accept anybody",
			   "killed after the fact: it was listening", { "network" }, "start" },
	[WS_OP_UNIX] = { "connect to the socket ", NULL, A_PATH, "refused: no connection was made",
			 "killed before a byte was sent",
			 "killed after the fact: the connection was made",
			 { "network" }, "connection" },
	[WS_OP_PTRACE] = { "trace ", NULL, A_PROCESS, "refused: nothing was seen of it",
			   "killed before it could look",
			   "killed after the fact: it was traced", { "process" }, "access" },
	[WS_OP_MEMORY] = { "reach into the memory of ", NULL, A_PROCESS,
			   "refused before a byte of it was read", "killed before a byte was read",
			   "killed after the fact: its memory may have been read",
			   { "process" }, "access" },
	[WS_OP_SIGNAL] = { "signal ", NULL, A_PROCESS, "refused: the signal was not sent",
			   "killed at once; the signal may have been sent",
			   "killed after the fact: the signal was sent", { "process" }, "change" },
	[WS_OP_MOUNT] = { "mount on ", NULL, A_PATH, "refused: nothing was mounted",
			  "killed before the mount could be used",
			  "killed after the fact: it was mounted", { "file" }, "change" },
	[WS_OP_NAMESPACE] = { "make a namespace", NULL, NO_OBJECT, "refused: none was made",
			      "killed before it could be used",
			      "killed after the fact: it was made", { "process" }, "change" },
	[WS_OP_PRIVILEGE] = { "raise its privileges", NULL, NO_OBJECT, "refused: none were gained",
			      "killed before they could be used",
			      "killed after the fact: they were raised", { "process" }, "change" },
	[WS_OP_BPF] = { "use bpf(2)", NULL, NO_OBJECT, "refused: nothing was loaded",
			"killed before the result could be used",
			"killed after the fact: the call was done", { "driver" }, "start" },
	[WS_OP_MODULE] = { "load a kernel module", NULL, NO_OBJECT, "refused: nothing was loaded",
			   "killed at once; the module may be loaded",
			   "killed after the fact: the module was loaded", { "driver" }, "start" },
	[WS_OP_IO_URING] = { "use io_uring", NULL, NO_OBJECT, "refused: no ring was made",
			     "killed before the ring could be used",
			     "killed after the fact: the ring was made", { "process" }, "change" },
	[WS_OP_OUTLIVE] = { "outlive the command", NULL, NO_OBJECT, "refused",
			    "killed with what it had left to do",
			    "killed after the command had ended", { "process" }, "end" },
};
_Static_assert(ARRAY_SIZE(ops) == WS_OP_MAX, "words for every operation");

static const struct op_text *text_of(unsigned op)
{
	return &ops[op < WS_OP_MAX ? op : WS_OP_NONE];
}

const char *const *verdict_category(unsigned op)
{
	return text_of(op)->category;
}

const char *verdict_type(unsigned op)
{
	return text_of(op)->type;
}

/* ---- rules ---- */

/* What the engine decides by itself. */
static const struct engine_rule {
	uint32_t index;
	struct verdict_rule rule;
} engine_rules[] = {
	{ WS_RULE_UNRESOLVED,
	  { .id = "engine-unresolved",
	    .title = "Install script changed or ran something whose path could not be resolved",
	    .why = "A path too deep or too long to follow could be any file, so no rule can be told to permit it.",
	    .remedy = "Look at what the script does before you install the package again.",
	    .severity = WS_SEV_HIGH,
	    .action = WS_DENY } },
	{ WS_RULE_CONDEMNED,
	  { .id = "engine-condemned",
	    .title = "A process of a condemned script went on",
	    .why = "The script was condemned before; whatever of it is still alive dies at its next operation.",
	    .remedy = "See the verdict that condemned it.",
	    .severity = WS_SEV_INFO,
	    .action = WS_KILL } },
	{ WS_RULE_LINEAGE,
	  { .id = "engine-lineage",
	    .title = "A child process could not be entered in the lineage",
	    .why = "What is not in the lineage is not watched, so it must not run.",
	    .remedy = "Free memory on this machine, then run the command again.",
	    .severity = WS_SEV_MEDIUM,
	    .action = WS_KILL } },
};

static const struct verdict_rule outlive_rule = {
	.id = "outlive",
	.title = "Install script left a process behind",
	.why = "What keeps running after the installation can act when nobody watches any more.",
	.remedy = "It was killed. Remove the package unless you know why it needs a process of its own.",
	.severity = WS_SEV_HIGH,
	.action = WS_KILL,
	.family = "engine",
};

static void from_rule(struct verdict_rule *ret, const struct rule *r)
{
	*ret = (struct verdict_rule){ .id = r->id,
				      .title = r->title,
				      .why = r->why,
				      .remedy = r->remedy,
				      .family = r->family,
				      .severity = r->severity,
				      .action = r->action,
				      .rule = r };
}

void verdict_rule(struct verdict_rule *ret, const struct ruleset *rules, uint32_t index)
{
	if (rules && index < rules->count) {
		from_rule(ret, &rules->rules[index]);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(engine_rules); i++)
		if (engine_rules[i].index == index) {
			*ret = engine_rules[i].rule;
			ret->family = "engine";
			return;
		}
	*ret = (struct verdict_rule){ .title = "A rule that is not among those loaded",
				      .family = "engine",
				      .severity = WS_SEV_MEDIUM };
	ret->id = "engine-unknown";
}

void verdict_rule_outlive(struct verdict_rule *ret, const struct ruleset *rules, unsigned actor)
{
	for (size_t i = 0; rules && i < rules->count; i++)
		if (rules->rules[i].ops & (1u << WS_OP_OUTLIVE) && rules->rules[i].actors & (1u << actor)) {
			from_rule(ret, &rules->rules[i]);
			return;
		}
	*ret = outlive_rule;
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

/* The path as people write it: below home with a tilde. */
static void add_path(struct buf *out, const struct buf *path, const char *home)
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

static void add_address(struct buf *out, const struct ws_address *a)
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

void verdict_tried(struct buf *out, const struct ws_rec_verdict *r, const char *home, const char *target)
{
	const struct op_text *text = text_of(r->op);
	_buf_ struct buf path = BUF_INIT, path2 = BUF_INIT;

	buf_adds(out, text->verb);
	switch (text->object) {
	case NO_OBJECT:
		break;
	case A_PATH:
	case TWO_PATHS:
		if (verdict_path(&path, r))
			add_path(out, &path, home);
		else
			buf_adds(out, "something whose path could not be resolved");
		if (text->to && verdict_path2(&path2, r)) {
			buf_adds(out, text->to);
			add_path(out, &path2, home);
		}
		break;
	case AN_ADDRESS:
		if (r->op == WS_OP_SEND) {
			if (r->amount)
				buf_addf(out, " %" PRIu32 " bytes", r->amount);
			buf_adds(out, " to ");
		}
		if (r->to.family)
			add_address(out, &r->to);
		else
			buf_adds(out, "an unknown address");
		break;
	case A_PROCESS:
		if (!r->target_pid)
			buf_adds(out, "another process");
		else
			buf_addf(out, "process %" PRIu32, r->target_pid);
		if (target)
			buf_addf(out, " (%s)", target);
		break;
	}
	if (text->object == NO_OBJECT && verdict_path(&path, r)) {
		buf_adds(out, ": ");
		add_path(out, &path, home);
	}
	if (r->head.flags & WS_F_IO_URING)
		buf_adds(out, " through io_uring");
}

/* ---- effects ---- */

void verdict_effect(struct buf *out, const struct ws_rec_verdict *r)
{
	const struct op_text *text = text_of(r->op);

	switch (r->effect) {
	case WS_EFFECT_REFUSED:
		buf_adds(out, r->action == WS_HIDE ? "shown as absent" : text->refused);
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
		buf_adds(out, "not carried out: this kernel lets wormsign watch this, not refuse it");
		return;
	}
	if (r->mode != WS_MODE_AUDIT || r->action < WS_HIDE) {
		buf_adds(out, "let through");
		return;
	}
	buf_adds(out, "let through (audit mode); would have been ");
	buf_adds(out, r->action == WS_HIDE ? "shown as absent" :
		      r->action == WS_DENY ? "refused" :
		      r->action == WS_KILL ? "refused, and the script killed" :
					     "refused, and the whole session stopped");
}
