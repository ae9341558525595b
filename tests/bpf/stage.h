/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stage.h - a loaded kernel side, a session, and a package manager's package script in it, for
 * tests that trigger one hook and look at what came of it. The manager is /bin/sh under the name of
 * one; the scope is minted by the kernel.
 */
#ifndef WORMSIGN_TEST_STAGE_H
#define WORMSIGN_TEST_STAGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "kernel/loader.h"
#include "kernel/ring.h"

#define STAGE_VERDICTS 512

struct stage_verdict {
	unsigned op, rule, action, effect, place, flags, target_pid, amount;
	unsigned size;	 /* of the record */
	char path[4200]; /* as people write it */
	char package[WS_NAME_MAX], version[WS_VERSION_MAX], event[WS_EVENT_MAX];
	unsigned actor;
	struct ws_address to;
};

struct stage {
	struct ruleset *rules;
	struct tables *tables;
	struct loader *loader;
	struct ring *ring;
	enum ws_backend backend;
	char *texts;  /* of the rules, one after the other */
	char dir[64]; /* scratch: home/ project/node_modules/evil/ project/node_modules/@good/pkg/
		       */
	char cgroup[512];
	pid_t bystander;
	uint64_t session;
	struct stage_verdict verdicts[STAGE_VERDICTS];
	unsigned verdict_count, scopes, execs, exits, deaths, homes;
	char last_home[WS_HOME_MAX];
	struct ws_scope last_scope;
	char last_dir[1100];
	enum ws_mode mode;
};

/* Flags of the sessions that are opened from now on: WS_SESSION_ADMITS. */
void stage_flags(uint32_t flags);
/* What this kernel can do; a test that needs more skips. */
bool stage_can(enum ws_backend backend);

/* rules: NULL-ended JSON texts of rule files. Fails the running test on any error. */
void stage_open(struct stage *s, enum ws_backend backend, const char *const *rules,
		enum ws_mode mode);
/* Kill what the session still has running, as the supervisor does after a verdict. */
void stage_sweep(void);
/* Ends the session. Its kernel side is kept for the next stage with the same rules. */
void stage_close(struct stage *s);
/* Give up the kernel side that is kept, so that the next stage loads and attaches its own. */
void stage_forget(void);

/*
 * Run `script` (sh) as the install script of package evil@1.2.3, event postinstall, as root; its
 * manifest declares the command `tool`;
 * returns the wait status of that script's shell. $W is the scratch directory, $B where the truth
 * binaries are, $HOME is $W/home, $T a sleeping process outside the session.
 */
int stage_package(struct stage *s, const char *script);
/* The same in another directory below the project, under another event and name; what the manager
 * would set. */
int stage_script(struct stage *s, const char *dir, const char *event, const char *name,
		 const char *script);
/* Run `script` as a package manager's own shell. */
int stage_manager(struct stage *s, const char *script);
/* Run `script` as the job itself. */
int stage_job(struct stage *s, const char *script);

/* Take the records that have come since the last run ended: of processes that outlived it. */
void stage_read(struct stage *s);
/* The first verdict of the rule with that id since the last run, or NULL. */
const struct stage_verdict *stage_verdict(const struct stage *s, const char *rule);
/* Was the process killed with SIGKILL? */
bool stage_killed(int status);

#endif
