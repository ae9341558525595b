// SPDX-License-Identifier: GPL-2.0-only
/* env.bpf.c - see lib/env.bpf.h. */
#include "lib/env.bpf.h"

#include "lib/event.bpf.h"
#include "lib/subject.bpf.h"
#include "lib/try.bpf.h"

struct ws_env {
	unsigned long at, end;
	struct ws_scratch *scratch;
	const struct ws_builder *builder; /* of a package that is built, else NULL */
	u32 cut;
	u32 pad;
};

/* Copy the value of the variable in s->string to a field. */
#define ws_take(field, value) \
	ws_try(ENVIRONMENT, bpf_probe_read_kernel_str(field, sizeof(field), value))

/* Copy the value of a variable that the manager of a build tells the package its own by. */
static __always_inline void ws_take_built(struct ws_scratch *s, const struct ws_builder *b)
{
	const u64 *words = (const u64 *)s->string;

	if (!(s->env.found & WS_ENV_NAME) && ws_begins(&b->name, words)) {
		ws_take(s->scope.declared, s->string + (b->name.length & 31));
		s->env.found |= WS_ENV_NAME;
	} else if (!(s->env.found & WS_ENV_VERSION) && ws_begins(&b->version, words)) {
		ws_take(s->scope.version, s->string + (b->version.length & 31));
		s->env.found |= WS_ENV_VERSION;
	}
}

static long ws_env_step(u32 i, struct ws_env *e)
{
	const struct ws_builder *b = e->builder;
	struct ws_scratch *s = e->scratch;
	u32 within, from;
	long n;

	if (!s || e->at >= e->end)
		return 1;
	within = s->env.within;
	n = bpf_probe_read_user_str(s->string, sizeof(s->string), (void *)e->at);
	if (n <= 0) {
		e->cut = 1;
		return 1;
	}
	s->env.within = n == sizeof(s->string);
	e->at += n - s->env.within;
	/* skip the rest of a long string: a package that controls a long value must not be able to
	 * place a whole variable in it */
	if (within)
		return 0;
	if (b) {
		ws_take_built(s, b);
		return 0;
	}
	if (!WS_HAS_PREFIX(s->string, "npm_"))
		return 0;
	if (!(s->env.found & WS_ENV_EVENT) && WS_HAS_PREFIX(s->string, "npm_lifecycle_event=")) {
		ws_take(s->scope.event, s->string + 20);
		s->env.found |= WS_ENV_EVENT;
	} else if (!(s->env.found & WS_ENV_NAME) && WS_HAS_PREFIX(s->string, "npm_package_name=")) {
		ws_take(s->scope.declared, s->string + 17);
		s->env.found |= WS_ENV_NAME;
	} else if (!(s->env.found & WS_ENV_VERSION) &&
		   WS_HAS_PREFIX(s->string, "npm_package_version=")) {
		ws_take(s->scope.version, s->string + 20);
		s->env.found |= WS_ENV_VERSION;
	} else if (WS_HAS_PREFIX(s->string, WS_COMMAND_VARIABLE)) {
		ws_try(ENVIRONMENT,
		       bpf_probe_read_kernel(&s->command, sizeof(s->command),
					     s->string + sizeof(WS_COMMAND_VARIABLE) - 1));
		ws_add_command(ws_hash_command(&s->command));
	} else if (!(s->env.found & WS_ENV_JSON) && WS_HAS_PREFIX(s->string, "npm_package_json=")) {
		from = n > WS_JSON_END ? n - WS_JSON_END : 0;
		ws_take(s->json, s->string + (from & (WS_SCRATCH_STRING - 1)));
		s->env.found |= WS_ENV_JSON;
		if (!s->env.within)
			ws_take(s->manifest, s->string + 17);
	} else if (s->prefix[0] || s->env.within) {
		return 0;
	} else if (s->env.manager == WS_MANAGER_NPM &&
		   WS_HAS_PREFIX(s->string, "npm_config_local_prefix=")) {
		ws_take(s->prefix, s->string + 24);
	} else if (s->env.manager == WS_MANAGER_PNPM &&
		   WS_HAS_PREFIX(s->string, "npm_config_dir=")) {
		ws_take(s->prefix, s->string + 15);
	}
	return 0;
}

u32 ws_hash_command(const struct ws_chunk *c)
{
	u32 h = 2166136261u;
	u64 b, kept;

	if (!c)
		return 0;
	for (u32 i = 0; i < sizeof(c->bytes); i++) {
		b = (u8)c->bytes[i];
		if (!b || b == '=')
			return h | 1;
		/* all ones for a letter or digit, by the top bits of differences: with comparisons
		 * the verifier would follow many paths a byte */
		kept = 0 - ((((b | 0x20) - 'a' - 26) & ~((b | 0x20) - 'a')) >> 63 |
			    (((b - '0' - 10) & ~(b - '0')) >> 63));
		h = (h ^ (u32)((b & kept) | ('_' & ~kept))) * 16777619u;
	}
	return 0;
}

int ws_add_command(u32 hash)
{
	struct ws_scratch *s = ws_scratch();

	if (!s || !hash)
		return 0;
	for (u32 i = 0; i < WS_COMMANDS_MAX; i++) {
		if (s->scope.commands[i] == hash)
			return 0;
		if (!s->scope.commands[i]) {
			s->scope.commands[i] = hash;
			return 0;
		}
	}
	return 0;
}

u32 ws_read_environment(u32 builder)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_scratch *s = ws_scratch();
	struct ws_policy *p = ws_policy();
	struct ws_env e = {};
	u32 found;

	if (builder && p)
		e.builder = &p->builders[(builder - 1) & (WS_MANAGERS_MAX - 1)];

	e.at = BPF_CORE_READ(task, mm, env_start);
	e.end = BPF_CORE_READ(task, mm, env_end);
	e.scratch = s;
	if (!s)
		return WS_ENV_CUT;
	s->env.within = s->env.found = 0;
	s->manifest[0] = s->prefix[0] = 0;
	bpf_loop(1 << 17, ws_env_step, &e, 0);
	found = s->env.found;
	return found | (e.cut || (e.at < e.end && found != WS_ENV_ALL) ? WS_ENV_CUT : 0);
}

/* As ws_env_step(), for HOME; as with getenv(3), the first one counts. */
static long ws_home_step(u32 i, struct ws_env *e)
{
	struct ws_scratch *s = e->scratch;
	u32 within;
	long n;

	if (!s || e->at >= e->end)
		return 1;
	within = s->env.within;
	n = bpf_probe_read_user_str(s->string, sizeof(s->string), (void *)e->at);
	if (n <= 0)
		return 1;
	s->env.within = n == sizeof(s->string);
	e->at += n - s->env.within;
	if (within || !WS_HAS_PREFIX(s->string, "HOME="))
		return 0;
	s->env.found = n <= 5 + WS_HOME_MAX;
	return 1;
}

int ws_note_home(struct ws_task *t)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct ws_scratch *s = ws_scratch();
	struct ws_env e = {};
	u32 one = 1;

	if (!t || !s)
		return 0;
	e.at = BPF_CORE_READ(task, mm, env_start);
	e.end = BPF_CORE_READ(task, mm, env_end);
	e.scratch = s;
	s->env.within = s->env.found = 0;
	bpf_loop(1 << 17, ws_home_step, &e, 0);
	if (!s->env.found)
		return 0;
	__builtin_memset(&s->home, 0, sizeof(s->home));
	s->home.session = t->session;
	ws_take(s->home.path, s->string + 5);
	if (bpf_map_lookup_elem(&homes, &s->home))
		return 0;
	with_record(ws_rec_home, r, WS_REC_HOME, sizeof(*r)) {
		ws_try_new(HOME, bpf_map_update_elem(&homes, &s->home, &one, BPF_NOEXIST));
		ws_head_of_task(&r->head, task, t);
		ws_try(ENVIRONMENT, bpf_probe_read_kernel(r->path, sizeof(r->path), s->home.path));
	}
	return 0;
}

static __always_inline u32 ws_hash(u32 h, const char *field, u32 size)
{
	/* the whole field, which is zero after the text: no branch for each byte */
	for (u32 i = 0; i < size; i++)
		h = (h ^ (u8)field[i]) * 16777619u;
	return h;
}

u32 ws_script_hash(void)
{
	const struct ws_scratch *s = ws_scratch();
	u32 h = 2166136261u;

	if (!s)
		return 0;
	h = ws_hash(h, s->scope.event, WS_EVENT_MAX);
	h = ws_hash(h, s->scope.declared, WS_NAME_MAX);
	h = ws_hash(h, s->scope.version, WS_VERSION_MAX);
	return ws_hash(h, s->json, WS_JSON_END) | 1;
}

u32 ws_event_hash(void)
{
	const struct ws_scratch *s = ws_scratch();

	return s ? ws_hash(2166136261u, s->scope.event, WS_EVENT_MAX) | 1 : 1;
}

char _license[] SEC("license") = "GPL";
