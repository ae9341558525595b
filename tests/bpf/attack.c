// SPDX-License-Identifier: GPL-2.0-only
/* attack.c - see attack.h. */
#include "attack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

enum ws_backend backend;
struct stage s;

const char *outcome_name(enum outcome o)
{
	static const char *const names[] = { "THROUGH", "refused", "killed", "unavailable here",
					     "BROKEN" };

	return names[o];
}

void attack_modes(struct modes *ret, const char *binary)
{
	char command[128];
	FILE *f;

	snprintf(command, sizeof(command), ".output/behave/%s list", binary);
	f = popen(command, "r");
	assert_non_null(f);
	ret->count = 0;
	while (ret->count < sizeof(ret->name) / sizeof(ret->name[0]) &&
	       fscanf(f, "%31s", ret->name[ret->count]) == 1)
		ret->count++;
	assert_int_equal(pclose(f), 0);
	assert_true(ret->count > 1);
}

enum outcome attack(struct stage *s, const char *script, ...)
{
	char text[4096];
	va_list ap;
	int status;

	va_start(ap, script);
	vsnprintf(text, sizeof(text), script, ap);
	va_end(ap);
	status = stage_package(s, text);
	if (stage_killed(status))
		return OUTCOME_KILLED;
	if (!WIFEXITED(status))
		return OUTCOME_BROKEN;
	switch (WEXITSTATUS(status)) {
	case 0:
		return OUTCOME_THROUGH;
	case 1:
		return OUTCOME_REFUSED;
	case 77:
		return OUTCOME_UNSUPPORTED;
	}
	return OUTCOME_BROKEN;
}

bool attack_ready(int argc, char **argv)
{
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	backend = stage_can(WS_BACKEND_DENY) ? WS_BACKEND_DENY : WS_BACKEND_WATCH;
	if (!stage_can(backend)) {
		print_message("skip: no backend here\n");
		return false;
	}
	print_message("backend: %s\n", backend == WS_BACKEND_DENY ? "deny" : "watch");
	return true;
}

int attack_begin(const char *const *rules)
{
	stage_open(&s, backend, rules, WS_MODE_ENFORCE);
	return 0;
}

int attack_end(void **state)
{
	(void)state;
	stage_close(&s);
	return 0;
}

void attack_tell(const char *what, enum outcome o, const char *more, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, more);
	vsnprintf(text, sizeof(text), more, ap);
	va_end(ap);
	print_message("%s: %s: %s\n", what, outcome_name(o), text);
}

long attack_size(const struct stage *s, const char *path)
{
	char full[512];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", s->dir, path);
	return stat(full, &st) ? -1 : (long)st.st_size;
}

bool attack_slow(void)
{
	return getenv("VMTEST") != NULL;
}

void limit(const char *what, bool gets_through)
{
	if (!gets_through)
		fail_msg("%s: no limit any more, take it out of SECURITY.md", what);
	print_message("known limit: %s\n", what);
}
