// SPDX-License-Identifier: GPL-2.0-only
/* ci_jobs.c - see ci_jobs.h. */
#include "events/ci_jobs.h"

#include <errno.h>
#include <string.h>

#include "ci_jobs.inc"

/* The value of the variable whose name has `len` bytes; NULL: it is not there, or empty. */
static const char *value_of(char *const *environment, const char *name, size_t len)
{
	for (; *environment; environment++)
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
			return (*environment)[len + 1] ? *environment + len + 1 : NULL;
	return NULL;
}

/* NAME, which must be there, or NAME=VALUE. An empty VALUE: it is not there. */
static bool holds(char *const *environment, const char *sign)
{
	size_t len = strcspn(sign, "=");
	const char *value = value_of(environment, sign, len);

	if (!sign[len])
		return value;
	return strcmp(value ? value : "", sign + len + 1) == 0;
}

static bool is_commit(const char *value)
{
	size_t len = strspn(value, "0123456789abcdefABCDEF");

	return len >= 7 && !value[len];
}

static const char *member_of(char *const *environment, const char *const *variables, bool commit)
{
	for (; *variables; variables++) {
		size_t len = strcspn(*variables, "?");
		const char *value = value_of(environment, *variables, len);

		if (!value || strlen(value) > CI_VALUE_MAX ||
		    ((*variables)[len] && !holds(environment, *variables + len + 1)))
			continue;
		if (!commit || is_commit(value)) /* Buildkite's may be the word HEAD */
			return value;
	}
	return NULL;
}

static bool is_of(char *const *environment, const struct ci_provider *p)
{
	for (const char *const *sign = p->signs; *sign; sign++)
		if (!holds(environment, *sign))
			return false;
	return true;
}

static const struct ci_provider *provider_of(char *const *environment)
{
	for (size_t i = 0; i < ci_provider_count; i++)
		if (is_of(environment, &ci_providers[i]))
			return &ci_providers[i];
	return NULL;
}

int job_identity_find(struct job_identity *ret, char *const *environment)
{
	const struct ci_provider *p = provider_of(environment);

	if (!p)
		return -ENOENT;
	ret->provider = p->name;
	for (size_t m = 0; m < CI_MEMBERS; m++)
		ret->members[m] = member_of(environment, p->variables[m], m == CI_COMMIT);
	return 0;
}

const char *job_step_find(char *const *environment)
{
	const struct ci_provider *p = provider_of(environment);

	return p ? member_of(environment, p->step, false) : NULL;
}
