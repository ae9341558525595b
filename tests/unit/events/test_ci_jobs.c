// SPDX-License-Identifier: GPL-2.0-only
/* test_ci_jobs.c - which job an environment is of: what each provider says, and what none does. */
#include <errno.h>
#include <string.h>

#include "cmocka_all.h"
#include "events/ci_jobs.h"

#define SHA "0123456789abcdef0123456789abcdef01234567"

/* The member of the job that these variables are of; "-": it is not known; "": there is no job. */
static const char *member(char *const *environment, const char *name)
{
	struct job_identity job;

	if (job_identity_find(&job, environment) < 0)
		return "";
	if (strcmp(name, "provider") == 0)
		return job.provider;
	for (size_t m = 0; m < CI_MEMBERS; m++)
		if (strcmp(ci_members[m], name) == 0)
			return job.members[m] ? job.members[m] : "-";
	fail_msg("there is no member %s", name);
	return NULL;
}

static void github(void **state)
{
	char *job[] = { "GITHUB_ACTIONS=true", "GITHUB_REPOSITORY=o/r", "GITHUB_WORKFLOW=CI",
			"GITHUB_JOB=build",    "GITHUB_RUN_ID=7",	"GITHUB_RUN_ATTEMPT=2",
			"GITHUB_SHA=" SHA,     "GITHUB_REF_NAME=main",	"GITHUB_REF_TYPE=branch",
			"GITHUB_ACTOR=dev",    "RUNNER_NAME=r1",	NULL };
	static const char *const wanted[] = { "o/r", "CI",   "build", "7", "2",
					      SHA,   "main", "dev",   "r1" };
	(void)state;

	assert_string_equal(member(job, "provider"), "github");
	for (size_t m = 0; m < CI_MEMBERS; m++)
		assert_string_equal(member(job, ci_members[m]), wanted[m]);
	job[8] = "GITHUB_REF_TYPE=tag";
	assert_string_equal(member(job, "branch"), "-");
	job[8] = "GITHUB_HEAD_REF=topic";
	assert_string_equal(member(job, "branch"), "topic");
	job[9] = "GITHUB_ACTOR="; /* empty: not known */
	assert_string_equal(member(job, "actor"), "-");
	/* the same variables, and one that says whose they are */
	job[10] = "FORGEJO_ACTIONS=true";
	assert_string_equal(member(job, "provider"), "forgejo");
	job[10] = "GITEA_ACTIONS=true";
	assert_string_equal(member(job, "provider"), "gitea");
}

static void steps(void **state)
{
	char *step[] = { "GITHUB_ACTIONS=true", "GITHUB_ACTION=__run_2", NULL };
	char *none[] = { "GITHUB_ACTIONS=true", "GITHUB_ACTION=", NULL };
	char *no_job[] = { "GITHUB_ACTION=__run", NULL };
	char *gitlab[] = { "GITLAB_CI=true", "GITHUB_ACTION=__run", NULL };

	(void)state;
	assert_string_equal(job_step_find(step), "__run_2");
	assert_null(job_step_find(none));
	assert_null(job_step_find(no_job));
	assert_null(job_step_find(gitlab));
}

static void others(void **state)
{
	char *gitlab[] = { "GITLAB_CI=true",	 "CI_PROJECT_PATH=g/p",
			   "CI_JOB_NAME=test",	 "CI_PIPELINE_ID=12",
			   "CI_COMMIT_SHA=" SHA, "CI_COMMIT_REF_NAME=v1",
			   "CI_COMMIT_TAG=v1",	 NULL };
	char *buildkite[] = { "BUILDKITE=true", "BUILDKITE_COMMIT=HEAD", "BUILDKITE_LABEL=:npm: x",
			      "BUILDKITE_RETRY_COUNT=0", NULL };
	char *woodpecker[] = { "CI=woodpecker", "CI_REPO=o/r", "CI_COMMIT_BRANCH=main", NULL };
	char *jenkins[] = { "JENKINS_URL=x",  "BUILD_TAG=t", "JOB_NAME=a/b",
			    "BRANCH_NAME=v1", "TAG_NAME=v1", NULL };
	(void)state;

	assert_string_equal(member(gitlab, "provider"), "gitlab");
	assert_string_equal(member(gitlab, "repository"), "g/p");
	assert_string_equal(member(gitlab, "run"), "12");
	assert_string_equal(member(gitlab, "branch"), "-"); /* a tag */
	assert_string_equal(member(gitlab, "pipeline"), "-");
	assert_string_equal(member(buildkite, "provider"), "buildkite");
	assert_string_equal(member(buildkite, "commit"), "-"); /* HEAD says none */
	assert_string_equal(member(buildkite, "job"), ":npm: x");
	assert_string_equal(member(buildkite, "attempt"), "0");
	assert_string_equal(member(woodpecker, "provider"), "woodpecker");
	assert_string_equal(member(woodpecker, "branch"), "main");
	assert_string_equal(member(jenkins, "provider"), "jenkins");
	assert_string_equal(member(jenkins, "pipeline"), "a/b");
	assert_string_equal(member(jenkins, "branch"), "-");
	jenkins[4] = "OTHER=1";
	assert_string_equal(member(jenkins, "branch"), "v1");
}

static void none(void **state)
{
	char longest[CI_VALUE_MAX + 40] = "GITHUB_ACTOR=";
	char *nothing[] = { NULL }, *generic[] = { "CI=true", "GITHUB_REPOSITORY=o/r", NULL };
	char *almost[] = { "GITHUB_ACTIONS=truex", "XGITHUB_ACTIONS=true", "GITHUB_ACTIONS", NULL };
	char *jenkins[] = { "JENKINS_URL=", "BUILD_TAG=t", NULL };
	char *over[] = { "GITHUB_ACTIONS=true", longest, "GITHUB_SHA=" SHA "g", NULL };
	(void)state;

	assert_string_equal(member(nothing, "provider"), "");
	assert_string_equal(member(generic, "provider"), "");
	assert_string_equal(member(almost, "provider"), "");
	assert_string_equal(member(jenkins, "provider"), "");
	memset(longest + 13, 'x', CI_VALUE_MAX);
	assert_int_equal(strlen(member(over, "actor")), CI_VALUE_MAX);
	longest[13 + CI_VALUE_MAX] = 'x';
	assert_string_equal(member(over, "actor"), "-");
	assert_string_equal(member(over, "commit"), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(github),
		cmocka_unit_test(steps),
		cmocka_unit_test(others),
		cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
