// SPDX-License-Identifier: GPL-2.0-only
/* stage.c - see stage.h. */
#include "stage.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "session/cgroup.h"
#include "base/cleanup.h"
#include "decide.h"
#include "kernel/features.h"
#include "kernel/sessions.h"
#include "kernel/start.h"
#include "policy/compile.h"

static struct cgroup *cgroup; /* of the open stage; one at a time */

bool stage_can(enum ws_backend backend)
{
	struct error e = { .text = "" };
	struct features f;

	if (features_probe(&f, &e)) {
		print_message("skip: %s\n", e.text);
		return false;
	}
	if (backend == WS_BACKEND_DENY && !f.fmod_ret) {
		print_message("skip: %s\n", f.fmod_ret_why);
		return false;
	}
	if (backend == WS_BACKEND_WATCH && !f.task_storage_in_cgroup) {
		print_message("skip: watch cannot refuse the network here (cgroup programs lack "
			      "task storage)\n");
		return false;
	}
	return true;
}

/* Components from last to first, each followed by '/', to a path. */
static void turn_round(char *to, size_t size, const char *from, size_t n)
{
	size_t end = n, at = 0;

	to[0] = 0;
	while (end > 0) {
		size_t start = end - 1;

		while (start > 0 && from[start - 1] != '/')
			start--;
		if (at + (end - start) + 1 < size)
			at += snprintf(to + at, size - at, "/%.*s", (int)(end - 1 - start),
				       from + start);
		end = start;
	}
}

static void on_record(void *arg, const struct ws_head *head)
{
	struct stage *s = arg;

	if (head->session != s->session)
		return;
	switch (head->kind) {
	case WS_REC_EXEC:
		s->execs++;
		break;
	case WS_REC_EXIT:
		s->exits++;
		break;
	case WS_REC_DEATH:
		s->deaths++;
		break;
	case WS_REC_HOME: {
		const struct ws_rec_home *r = (const void *)head;

		s->homes++;
		memcpy(s->last_home, r->path, sizeof(s->last_home));
		break;
	}
	case WS_REC_SCOPE: {
		const struct ws_rec_scope *r = (const void *)head;

		s->scopes++;
		s->last_scope = r->scope;
		turn_round(s->last_dir, sizeof(s->last_dir), r->dir, r->dir_len);
		break;
	}
	case WS_REC_VERDICT: {
		const struct ws_rec_verdict *r = (const void *)head;
		struct stage_verdict *v = &s->verdicts[s->verdict_count];
		struct ws_scope scope;

		if (s->verdict_count >= STAGE_VERDICTS)
			break;
		s->verdict_count++;
		*v = (struct stage_verdict){ .op = r->op,
					     .rule = r->rule,
					     .action = r->action,
					     .effect = r->effect,
					     .place = r->place,
					     .flags = head->flags,
					     .target_pid = r->target_pid,
					     .amount = r->amount,
					     .size = head->size,
					     .actor = head->actor,
					     .to = r->to };
		turn_round(v->path, sizeof(v->path), r->path.bytes, r->path.len);
		if (head->scope && !loader_scope_read(s->loader, head->scope, &scope)) {
			memcpy(v->package, scope.name, sizeof(v->package));
			memcpy(v->version, scope.version, sizeof(v->version));
			memcpy(v->event, scope.event, sizeof(v->event));
		}
		break;
	}
	default:
		break;
	}
}

static void must(int err, const struct error *e, const char *what)
{
	if (err)
		fail_msg("%s: %s (%d)", what, e ? e->text : "", err);
}

static void make(const char *base, const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", base, path);
	if (mkdir(full, 0755))
		fail_msg("mkdir %s: %s", full, strerror(errno));
}

static void put(const char *base, const char *path, const char *text)
{
	_fclose_ FILE *f = NULL;
	char full[512];

	snprintf(full, sizeof(full), "%s/%s", base, path);
	f = fopen(full, "w");
	if (!f || fputs(text, f) < 0)
		fail_msg("write %s: %s", full, strerror(errno));
}

static void make_scratch(struct stage *s)
{
	static const char *const dirs[] = { "rules",
					    "rules/t",
					    "home",
					    "home/.aws",
					    "home/.ssh",
					    "home/docs",
					    "tmp",
					    "project",
					    "project/.github",
					    "project/.github/workflows",
					    "project/node_modules",
					    "project/node_modules/evil",
					    "project/node_modules/@good",
					    "project/node_modules/@good/pkg" };

	/* not below /tmp: that is a place of its own */
	strcpy(s->dir, "/var/lib/wormsign-test.XXXXXX");
	if (!mkdtemp(s->dir))
		fail_msg("mkdtemp: %s", strerror(errno));
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		make(s->dir, dirs[i]);
	put(s->dir, "home/.aws/credentials", "[default]\naws_secret_access_key = CANARY-aws\n");
	put(s->dir, "home/.ssh/id_ed25519", "CANARY-ssh\n");
	put(s->dir, "home/docs/thesis.txt", "CANARY-doc\n");
	put(s->dir, "project/.github/workflows/ci.yml", "on: push\n");
	put(s->dir, "project/node_modules/@good/pkg/index.js", "module.exports = 1\n");
	put(s->dir, "project/node_modules/evil/index.js", "module.exports = 2\n");
}

static void place(struct stage *s, struct ws_session *to, const char *path, enum ws_place place)
{
	_close_ int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct ws_place_entry *p = &to->places[to->place_count];

	assert_true(fd >= 0);
	must(loader_identify(s->loader, fd, &p->id), NULL, path);
	p->places = WS_PLACE_BIT(place) | (place == WS_PLACE_HOME ? WS_PLACES_TILDE : 0);
	ws_bloom_add(to->place_bloom, p->id.ino);
	to->place_count++;
}

/* Enter what exists of the patterns `~/NAME` of the home by identity, as `run` does for every
 * pattern. */
static void protect(struct stage *s)
{
	for (size_t i = 0; i < s->tables->identity_count; i++) {
		const struct identity_pattern *p = &s->tables->identities[i];
		_close_ int fd = -1;
		char path[256];
		struct ws_id id;

		if (p->pattern[0] != '~')
			continue;
		snprintf(path, sizeof(path), "%s/home%s", s->dir, p->pattern + 1);
		fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		must(loader_identify(s->loader, fd, &id), NULL, path);
		must(loader_protect(s->loader, s->session, &id, &p->mask), NULL, "protect");
	}
}

/*
 * A kernel side that no stage uses at the moment: loading one takes an emulated processor half a
 * minute, and the agent, too, runs many sessions on one.
 */
static struct {
	struct ruleset *rules;
	struct tables *tables;
	struct loader *loader;
	enum ws_backend backend;
	char *texts; /* of its rules, one after the other */
} kept;

void stage_forget(void)
{
	loader_free(kept.loader);
	tables_free(kept.tables);
	ruleset_free(kept.rules);
	free(kept.texts);
	memset(&kept, 0, sizeof(kept));
}

static char *joined(const char *const *rules)
{
	size_t size = 1;
	char *all;

	for (size_t i = 0; rules[i]; i++)
		size += strlen(rules[i]);
	all = calloc(1, size);
	assert_non_null(all);
	for (size_t i = 0; rules[i]; i++)
		strcat(all, rules[i]);
	return all;
}

/* Compile and load the rules, or take the kernel side that the last stage with the same had. */
static void load(struct stage *s, enum ws_backend backend, const char *const *rules)
{
	struct loader_options o = { .backend = backend, .debug = getenv("WORMSIGN_DEBUG") != NULL };
	struct error e = { .text = "" };
	char path[256];

	s->texts = joined(rules);
	if (kept.loader && kept.backend == backend && !strcmp(kept.texts, s->texts)) {
		s->rules = kept.rules;
		s->tables = kept.tables;
		s->loader = kept.loader;
		free(kept.texts);
		memset(&kept, 0, sizeof(kept));
		return;
	}
	stage_forget();
	for (size_t i = 0; rules[i]; i++) {
		char id[64] = "";

		/* a rule's file is called after its id */
		sscanf(rules[i], "{\"id\":\"%63[^\"]", id);
		snprintf(path, sizeof(path), "rules/t/%s.json", id);
		put(s->dir, path, rules[i]);
	}
	snprintf(path, sizeof(path), "%s/rules", s->dir);
	must(ruleset_load(&s->rules, (const char *const[]){ path }, 1, &e), &e, "rules");
	must(compile(&s->tables, s->rules, COMPILE_CACHE, &e), &e, "compile");
	must(loader_open(&s->loader, s->tables, &o, &e), &e, "load");
	assert_int_equal(loader_backend(s->loader), backend);
}

static uint32_t flags; /* of sessions */

void stage_flags(uint32_t wanted)
{
	flags = wanted;
}

void stage_open(struct stage *s, enum ws_backend backend, const char *const *rules,
		enum ws_mode mode)
{
	static uint64_t sessions = 6;
	struct ws_session session = { .id = ++sessions, .mode = mode };
	struct error e = { .text = "" };
	char path[256];

	memset(s, 0, sizeof(*s));
	s->session = session.id;
	s->mode = mode;
	s->backend = backend;
	make_scratch(s);
	load(s, backend, rules);
	must(ring_open(&s->ring, loader_alerts_fd(s->loader), loader_telemetry_fd(s->loader),
		       on_record, s, &e),
	     &e, "ring");
	memset(&session.enabled, 0xff, sizeof(session.enabled));
	session.flags = flags;
	snprintf(path, sizeof(path), "%s/home", s->dir);
	place(s, &session, path, WS_PLACE_HOME);
	snprintf(path, sizeof(path), "%s/tmp", s->dir);
	place(s, &session, path, WS_PLACE_TMP);
	place(s, &session, "/tmp", WS_PLACE_TMP);
	snprintf(path, sizeof(path), "%s/project", s->dir);
	place(s, &session, path, WS_PLACE_PROJECT);
	protect(s);
	s->bystander = fork();
	if (s->bystander == 0) {
		execl("/bin/sleep", "sleep", "600", NULL);
		_exit(97);
	}
	assert_true(s->bystander > 0);
	must(cgroup_create(&cgroup, 0, 0, &e), &e, "cgroup");
	must(loader_session_begin(s->loader, &session, cgroup->dir, &e), &e, "session");
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void stage_sweep(void)
{
	cgroup_kill(cgroup);
	cgroup_wait_empty(cgroup, 2000);
}

void stage_close(struct stage *s)
{
	if (s->bystander > 0) { /* kill(0) would signal the test itself */
		kill(s->bystander, SIGKILL);
		waitpid(s->bystander, NULL, 0);
	}
	loader_session_end(s->loader, s->session);
	stage_sweep();
	cgroup_remove(cgroup);
	cgroup_free(cgroup);
	cgroup = NULL;
	ring_free(s->ring);
	stage_forget();
	kept.rules = s->rules;
	kept.tables = s->tables;
	kept.loader = s->loader;
	kept.backend = s->backend;
	kept.texts = s->texts;
	nftw(s->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void __attribute__((noreturn))
child(int go, const char *name, const char *dir, const char *script, char **env)
{
	char c;

	if (read(go, &c, 1) != 1 || chdir(dir))
		_exit(99);
	execle("/bin/sh", name, "-c", script, NULL, env);
	_exit(98);
}

static int run(struct stage *s, const char *name, const char *dir, const char *script, char **env)
{
	_close_ int pidfd = -1;
	int go[2], status = 0;
	pid_t pid;

	s->verdict_count = s->scopes = s->execs = s->exits = s->deaths = s->homes = 0;
	assert_int_equal(pipe2(go, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(go[0], name, dir, script, env);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	assert_true(pidfd >= 0);
	must(cgroup_enter(cgroup, pid), NULL, "cgroup_enter");
	must(loader_enter(s->loader, pidfd, s->session), NULL, "loader_enter");
	assert_int_equal(write(go[1], "x", 1), 1);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	close(go[0]);
	close(go[1]);
	stage_read(s);
	return status;
}

void stage_read(struct stage *s)
{
	while (ring_consume(s->ring) > 0)
		;
}

/* A single-quoted word for sh. */
static void quote(char *to, size_t size, const char *from)
{
	size_t at = 0;

	to[at++] = '\'';
	for (; *from && at + 6 < size; from++) {
		if (*from == '\'')
			at += snprintf(to + at, size - at, "'\\''");
		else
			to[at++] = *from;
	}
	to[at++] = '\'';
	to[at] = 0;
}

static void environment(const struct stage *s, char store[5][512], char *env[8])
{
	char *cwd = getcwd(NULL, 0);

	snprintf(store[0], 512, "HOME=%s/home", s->dir);
	snprintf(store[1], 512, "W=%s", s->dir);
	snprintf(store[2], 512, "B=%s/.output/behave", cwd);
	snprintf(store[3], 512,
		 "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	free(cwd);
	snprintf(store[4], 512, "T=%d", (int)s->bystander);
	for (int i = 0; i < 5; i++)
		env[i] = store[i];
	env[5] = NULL;
}

int stage_script(struct stage *s, const char *dir, const char *event, const char *name,
		 const char *script)
{
	char quoted[8192], manager[16384], store[5][512], project[256], *env[8];

	environment(s, store, env);
	snprintf(project, sizeof(project), "%s/project", s->dir);
	quote(quoted, sizeof(quoted), script);
	/* the manager (argv[0] makes it one) forks a child, which changes directory and execs the
	 * script's shell */
	snprintf(manager, sizeof(manager),
		 "(cd '%s' && export npm_lifecycle_event='%s' npm_package_name='%s' "
		 "npm_package_version=1.2.3 npm_package_bin_tool=x && exec sh -c %s); exit $?",
		 dir, event, name, quoted);
	return run(s, "pnpm", project, manager, env);
}

int stage_package(struct stage *s, const char *script)
{
	static unsigned serial;
	char from[256], to[256];

	/*
	 * a condemned package stays condemned: every run gets a directory of its own, and files
	 * that an earlier run may have taken are made again
	 */
	snprintf(from, sizeof(from), "%s/project/node_modules/evil", s->dir);
	snprintf(to, sizeof(to), "%s/tmp/evil.%u", s->dir, serial++);
	if (rename(from, to) || mkdir(from, 0755))
		fail_msg("%s: %s", from, strerror(errno));
	put(s->dir, "project/node_modules/evil/index.js", "module.exports = 2\n");
	put(s->dir, "home/docs/thesis.txt", "CANARY-doc\n");
	return stage_script(s, "node_modules/evil", "postinstall", "evil", script);
}

int stage_manager(struct stage *s, const char *script)
{
	char store[5][512], project[256], *env[8];

	environment(s, store, env);
	snprintf(project, sizeof(project), "%s/project", s->dir);
	return run(s, "pnpm", project, script, env);
}

int stage_job(struct stage *s, const char *script)
{
	char store[5][512], project[256], *env[8];

	environment(s, store, env);
	snprintf(project, sizeof(project), "%s/project", s->dir);
	return run(s, "sh", project, script, env);
}

const struct stage_verdict *stage_verdict(const struct stage *s, const char *rule)
{
	for (unsigned i = 0; i < s->verdict_count; i++)
		if (s->verdicts[i].rule < s->rules->count &&
		    !strcmp(s->rules->rules[s->verdicts[i].rule].id, rule))
			return &s->verdicts[i];
	return NULL;
}

bool stage_killed(int status)
{
	/* the manager's shell passes a killed child on as 128 + 9 */
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) ||
	       (WIFEXITED(status) && WEXITSTATUS(status) == 137);
}
