// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_named_files.c - what becomes of files that the environment names, and of configuration that
 * is judged by its content. The kernel's table is made up here.
 */
#include "session/named_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "decide.h"
#include "tree.h"

static struct {
	struct ws_id id;
	struct ws_known known;
} entered[64];
static size_t entered_count;

int loader_identify(struct loader *l, int fd, struct ws_id *ret)
{
	struct stat st;

	assert_null(l);
	assert_int_equal(fstat(fd, &st), 0);
	*ret = (struct ws_id){ st.st_dev, st.st_ino };
	return 0;
}

int loader_know(struct loader *l, uint64_t session, const struct ws_id *id,
		const struct ws_known *known)
{
	struct stat st;

	assert_null(l);
	(void)session;
	/* this machine's own */
	if (stat("/etc/gitconfig", &st) == 0 && st.st_ino == id->ino)
		return 0;
	assert_true(entered_count < ARRAY_SIZE(entered));
	entered[entered_count].id = *id;
	entered[entered_count++].known = *known;
	return 0;
}

/* Rule i speaks of class i. */
static char *classes[] = { "/wormsign/credentials",  "/wormsign/netrc",
			   "/wormsign/git-token",    "/wormsign/npmrc",
			   "/wormsign/certificates", "/wormsign/sockets",
			   "/wormsign/step-files",   "/wormsign/clean-config",
			   "/wormsign/script-files", "/wormsign/git-dir" };
enum {
	CREDENTIALS,
	NETRC,
	GIT_TOKEN,
	NPMRC,
	CERTIFICATES,
	SOCKETS,
	STEP_FILES,
	CLEAN,
	SCRIPT,
	GIT_DIR
};

static char *variables[] = { "SECRET_FILE", "SECRET_LIST", "SECRET_DIR", "SECRET_BELOW", "AGENT",
			     "CA_FILE",	    "CA_DIR",	   "STEP",	 "NETRC_FILE",	 "CACHE" };
static char *below[] = { "config.json" };
static struct environment_entry entries[ARRAY_SIZE(variables)] = {
	{ .class = ENVIRONMENT_CREDENTIALS },
	{ .class = ENVIRONMENT_CREDENTIALS, .list = true },
	{ .class = ENVIRONMENT_CREDENTIALS },
	{ .class = ENVIRONMENT_CREDENTIALS, .below = { below, 1 } },
	{ .class = ENVIRONMENT_SOCKETS },
	{ .class = ENVIRONMENT_CERTIFICATES },
	{ .class = ENVIRONMENT_CERTIFICATES },
	{ .class = ENVIRONMENT_STEP_FILES },
	{ .class = ENVIRONMENT_NETRC },
	{ .class = ENVIRONMENT_CACHES },
};
static struct rule rules[ARRAY_SIZE(classes)];
static struct ruleset set = { .rules = rules,
			      .count = ARRAY_SIZE(classes),
			      .environment = { entries, ARRAY_SIZE(entries) } };
static char home[4096], project[4096];
static struct place places_at[] = { { .place = WS_PLACE_HOME, .path = home },
				    { .place = WS_PLACE_PROJECT, .path = project } };
static struct places places = { .at = places_at, .count = 2 };
static struct ws_session session;

static int make(void **state)
{
	tree_setup(state);
	entered_count = 0;
	session = (struct ws_session){ 0 };
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		rules[i].path = (struct strings){ &classes[i], 1 };
	for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
		entries[i].variables = (struct strings){ &variables[i], 1 };
	tree_add(tree_top, "home/work/app/x", "");
	snprintf(home, sizeof(home), "%s/home", tree_top);
	snprintf(project, sizeof(project), "%s/home/work/app", tree_top);
	return 0;
}

static struct knower_here here = { .session = 7, .rules = &set, .record = &session };

static struct named_files_result enter(const char *const *environment)
{
	struct named_files_sources f = { .rules = &set,
					 .environment = (char *const *)environment,
					 .home = home,
					 .cwd = project,
					 .places = &places };
	struct knower k = knower_here(&here);
	struct named_files_result result;
	struct error e = { 0 };

	if (named_files_enter(&k, &f, &result, &e) < 0)
		fail_msg("%s", e.text);
	return result;
}

/* NAME=TOP/path, in one of a few buffers. */
static const char *variable(const char *name, const char *path)
{
	static char at[4][8192];
	static unsigned n;

	snprintf(at[n % 4], sizeof(at[0]), "%s=%s/%s", name, tree_top, path);
	return at[n++ % 4];
}

/* The rules (bits) that were entered for the file, and its size. 0: it was not entered. */
static uint64_t rules_of(const char *name, uint64_t *ret_size)
{
	struct stat st;
	uint64_t found = 0;

	assert_int_equal(stat(tree_path(tree_top, name), &st), 0);
	for (size_t i = 0; i < entered_count; i++)
		if (entered[i].id.ino == st.st_ino && entered[i].id.dev == st.st_dev) {
			found |= entered[i].known.match.w[0];
			if (ret_size)
				*ret_size = entered[i].known.size;
		}
	return found;
}

#define BIT(class) (1ULL << (class))

static void test_files(void **state)
{
	(void)state;
	tree_add(tree_top, "a", "x");
	tree_add(tree_top, "b", "x");
	tree_add(tree_top, "home/work/app/relative", "x");
	tree_add(tree_top, "home/tilde", "x");
	enter((const char *const[]){
		variable("SECRET_FILE", "a"),
		"SECRET_LIST=relative:~/tilde:/dev/null:", variable("STEP", "b"), NULL });
	assert_int_equal(rules_of("a", NULL), BIT(CREDENTIALS));
	assert_int_equal(rules_of("b", NULL), BIT(STEP_FILES));
	assert_int_equal(rules_of("home/work/app/relative", NULL), BIT(CREDENTIALS));
	assert_int_equal(rules_of("home/tilde", NULL), BIT(CREDENTIALS));
	assert_int_equal(entered_count, 4);
}

static void test_forms(void **state)
{
	(void)state;
	tree_add(tree_top, "cache", "x");
	enter((const char *const[]){ variable("SECRET_FILE", "cache"), "AGENT=tcp://127.0.0.1:1",
				     "SECRET_LIST=", "CACHE=/x", NULL });
	assert_int_equal(entered_count, 1);
}

static void bind_at(const char *name)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", tree_path(tree_top, name));
	assert_int_equal(bind(fd, (void *)&to, sizeof(to)), 0);
}

static void test_sockets(void **state)
{
	static const char *const forms[] = { "AGENT=%s/s", "AGENT=unix://%s/s",
					     "AGENT=unix:path=%s/s,guid=1;unix:path=/x",
					     "AGENT=%s/s,123,0" };

	(void)state;
	bind_at("s");
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char text[8192];

		snprintf(text, sizeof(text), forms[i], tree_top);
		entered_count = 0;
		enter((const char *const[]){ text, NULL });
		if (rules_of("s", NULL) != BIT(SOCKETS))
			fail_msg("%s", text);
	}
	/* a file is no socket */
	tree_add(tree_top, "f", "x");
	entered_count = 0;
	enter((const char *const[]){ variable("AGENT", "f"), NULL });
	assert_int_equal(entered_count, 0);
}

static void test_directories(void **state)
{
	struct named_files_result result;
	struct stat st;

	(void)state;
	tree_add(tree_top, "keys/k", "x");
	tree_add(tree_top, "docker/config.json", "x");
	tree_add(tree_top, "docker/other", "x");
	result = enter((const char *const[]){ variable("SECRET_DIR", "keys"),
					      variable("SECRET_BELOW", "docker"), NULL });
	assert_int_equal(rules_of("keys", NULL), BIT(CREDENTIALS));
	assert_int_equal(stat(tree_path(tree_top, "keys"), &st), 0);
	assert_true(ws_bloom_has(session.place_bloom, st.st_ino));
	assert_int_equal(rules_of("docker/config.json", NULL), BIT(CREDENTIALS));
	assert_int_equal(rules_of("docker/other", NULL) | rules_of("docker", NULL), 0);
	assert_int_equal(result.directories, 1);
	assert_int_equal(result.wide, 0);
	/* a directory that the project or the home lies in would be all of it */
	entered_count = 0;
	result = enter((const char *const[]){ variable("SECRET_DIR", "home/work"), NULL });
	assert_int_equal(result.wide, 1);
	assert_int_equal(entered_count, 0);
}

#define PEM "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"

static void test_certificates(void **state)
{
	uint64_t size = 0;

	(void)state;
	tree_add(tree_top, "home/ca.pem", PEM);
	tree_add(tree_top, "home/key.pem", PEM "-----BEGIN PRIVATE KEY-----\n");
	tree_add(tree_top, "home/ca/one.pem", PEM);
	tree_add(tree_top, "home/ca/id_rsa", "-----BEGIN PRIVATE KEY-----\n");
	tree_add(tree_top, "home/npm.pem", PEM);
	tree_add(tree_top, "home/.npmrc", "cafile=~/npm.pem\n");
	enter((const char *const[]){ variable("CA_FILE", "home/ca.pem"),
				     variable("CA_DIR", "home/ca"), NULL });
	assert_int_equal(rules_of("home/ca.pem", &size), BIT(CERTIFICATES));
	assert_int_equal(size, strlen(PEM)); /* if it is changed, it is to be looked at again */
	assert_int_equal(rules_of("home/ca/one.pem", NULL), BIT(CERTIFICATES));
	assert_int_equal(rules_of("home/npm.pem", NULL), BIT(CERTIFICATES));
	assert_int_equal(rules_of("home/ca/id_rsa", NULL), 0);
	entered_count = 0;
	enter((const char *const[]){ variable("CA_FILE", "home/key.pem"), NULL });
	assert_int_equal(rules_of("home/key.pem", NULL), 0);
}

#define TOKEN "[http]\n\textraheader = AUTHORIZATION: basic eDp5\n"

/* The repository around the project, a submodule, a linked work tree, the user's own. */
static void test_git(void **state)
{
	struct knower k = knower_here(&here);
	uint64_t size = 0;

	(void)state;
	tree_add(tree_top, "home/work/.git/config", "[core]\n");
	tree_add(tree_top, "home/work/.git/config.worktree", TOKEN);
	tree_add(tree_top, "home/work/.git/modules/lib/deep/config", TOKEN);
	tree_add(tree_top, "home/work/app/.git", "gitdir: ../../main/.git/worktrees/app\n");
	tree_add(tree_top, "home/main/.git/worktrees/app/commondir", "../..\n");
	tree_add(tree_top, "home/main/.git/config", TOKEN);
	tree_add(tree_top, "home/.gitconfig", "[user]\n\tname = x\n");
	tree_add(tree_top, "home/.netrc", "machine h login u password p");
	tree_add(tree_top, "other/.git/config", TOKEN);
	enter((const char *const[]){ NULL });
	assert_int_equal(rules_of("home/work/.git/config", &size), BIT(CLEAN));
	assert_int_equal(size, 7);
	assert_int_equal(rules_of("home/work/.git/config.worktree", &size), BIT(GIT_TOKEN));
	assert_true(size == WS_ANY_SIZE);
	assert_int_equal(rules_of("home/work/.git/modules/lib/deep/config", NULL), BIT(GIT_TOKEN));
	assert_int_equal(rules_of("home/main/.git/config", NULL), BIT(GIT_TOKEN));
	assert_int_equal(rules_of("home/.gitconfig", NULL), BIT(CLEAN));
	assert_int_equal(rules_of("home/.netrc", NULL), BIT(NETRC));
	assert_int_equal(rules_of("other/.git/config", NULL), 0);
	/* a clone of the session's own */
	assert_int_equal(named_files_repository(&k, tree_path(tree_top, "other")), 0);
	assert_int_equal(rules_of("other/.git/config", NULL), BIT(GIT_TOKEN));
}

static void add_repository(const char *dir)
{
	char name[256];

	snprintf(name, sizeof(name), "%s/HEAD", dir);
	tree_add(tree_top, name, "ref: refs/heads/main\n");
	snprintf(name, sizeof(name), "%s/objects/x", dir);
	tree_add(tree_top, name, "");
	snprintf(name, sizeof(name), "%s/refs/x", dir);
	tree_add(tree_top, name, "");
}

/* What the configuration includes, as checkout writes it outside of the checkout: by conditions,
 * from an include, of a linked work tree; in circles, too. */
static void test_git_includes(void **state)
{
	char text[512];

	(void)state;
	snprintf(text, sizeof(text),
		 "[includeIf \"gitdir:/x/.git\"]\n\tpath = %s\n[include]\n\tpath = config\n",
		 tree_path(tree_top, "temp/git-credentials-1.config"));
	tree_add(tree_top, "home/work/.git/config", text);
	tree_add(tree_top, "temp/git-credentials-1.config", TOKEN);
	tree_add(tree_top, "home/work/.git/config.worktree", "[include] path=../first\n");
	tree_add(tree_top, "home/work/first", "[INCLUDE]path = \"second\"\n");
	tree_add(tree_top, "home/work/second", TOKEN "[include]\npath=first\n");
	tree_add(tree_top, "home/work/third", TOKEN);
	tree_add(tree_top, "home/work/app/.git", "gitdir: ../../main/.git/worktrees/app\n");
	tree_add(tree_top, "home/main/.git/worktrees/app/commondir", "../..\n");
	tree_add(tree_top, "home/main/.git/worktrees/app/config.worktree",
		 "[include]\n\tpath = ../../shared\n");
	tree_add(tree_top, "home/main/.git/shared", TOKEN);
	tree_add(tree_top, "home/.gitconfig", "[include]\n\tpath = own\n");
	tree_add(tree_top, "home/own", "[user]\n\tname = x\n");
	enter((const char *const[]){ NULL });
	assert_int_equal(rules_of("temp/git-credentials-1.config", NULL), BIT(GIT_TOKEN));
	assert_int_equal(rules_of("home/work/first", NULL), BIT(CLEAN));
	assert_int_equal(rules_of("home/work/second", NULL), BIT(GIT_TOKEN));
	assert_int_equal(rules_of("home/work/third", NULL), 0);
	assert_int_equal(rules_of("home/main/.git/shared", NULL), BIT(GIT_TOKEN));
	assert_int_equal(rules_of("home/own", NULL), BIT(CLEAN));
}

static int count_config(void *arg, int fd, enum config_kind kind)
{
	assert_true(fd >= 0);
	assert_int_equal(kind, CONFIG_GIT);
	++*(int *)arg;
	return 0;
}

/* Who looks at configuration alone, as the admitter does, has nothing else to be called: not for a
 * work tree's directory, nor for one that is not called .git. */
static void test_configuration_only(void **state)
{
	int count = 0;
	const struct knower k = { .config = count_config, .arg = &count };

	(void)state;
	add_repository("home/bare");
	tree_add(tree_top, "home/work/app/.git", "gitdir: ../../bare/worktrees/app\n");
	tree_add(tree_top, "home/bare/worktrees/app/commondir", "../..\n");
	tree_add(tree_top, "home/bare/worktrees/app/config.worktree", TOKEN);
	tree_add(tree_top, "home/bare/config", "[include]\npath = more\n");
	tree_add(tree_top, "home/bare/more", TOKEN);
	tree_add(tree_top, "home/.gitconfig", TOKEN);
	assert_int_equal(named_files_repository(&k, tree_path(tree_top, "home/work/app")), 0);
	assert_int_equal(count, 3);
	assert_int_equal(named_files_home(&k, tree_path(tree_top, "home")), 0);
	assert_int_equal(count, 4);
}

/* A repository's directory is known by its identity where its name is not .git, and only then. */
static void test_git_directories(void **state)
{
	(void)state;
	add_repository("home/work/.git");
	tree_add(tree_top, "home/work/app/.git", "gitdir: ../../bare/worktrees/app\n");
	add_repository("home/bare");
	tree_add(tree_top, "home/bare/worktrees/app/commondir", "../..\n");
	add_repository("home/store");
	tree_add(tree_top, "home/.git", "gitdir: store\n");
	add_repository("home/work/app/given");
	enter((const char *const[]){ "GIT_DIR=given", NULL });
	assert_int_equal(rules_of("home/bare", NULL), BIT(GIT_DIR));
	assert_int_equal(rules_of("home/bare/worktrees/app", NULL), 0);
	assert_int_equal(rules_of("home/store", NULL), BIT(GIT_DIR));
	assert_int_equal(rules_of("home/work/app/given", NULL), BIT(GIT_DIR));
	assert_int_equal(rules_of("home/work/.git", NULL), 0);
}

/* What is named, but is no repository, is not excepted from anything. */
static void test_no_git_directory(void **state)
{
	(void)state;
	tree_add(tree_top, "home/work/app/.git", "gitdir: src\n");
	tree_add(tree_top, "home/work/app/src/HEAD", "");
	tree_add(tree_top, "home/work/app/src/objects/x", "");
	enter((const char *const[]){ "GIT_DIR=", "GIT_DIR=nowhere", NULL });
	assert_int_equal(rules_of("home/work/app/src", NULL), 0);
}

/* What scripts of the project name, by whatever name it is reached. */
static void test_scripts(void **state)
{
	(void)state;
	tree_add(tree_top, "home/work/package.json",
		 "{\"workspaces\":[\"app\"],"
		 "\"scripts\":{\"y\":\"sh top.sh\"}}");
	tree_add(tree_top, "home/work/top.sh", "");
	tree_add(tree_top, "home/work/app/package.json",
		 "{\"scripts\":{\"x\":\"node tools/gen && sh linked.sh\"}}");
	tree_add(tree_top, "home/work/app/tools/gen.js", "");
	tree_add(tree_top, "home/work/app/tools/other.js", "");
	tree_add(tree_top, "home/work/app/real.sh", "");
	tree_link(tree_top, "home/work/app/linked.sh", "real.sh");
	enter((const char *const[]){ NULL });
	assert_int_equal(rules_of("home/work/app/tools/gen.js", NULL), BIT(SCRIPT));
	assert_int_equal(rules_of("home/work/app/real.sh", NULL), BIT(SCRIPT));
	assert_int_equal(rules_of("home/work/top.sh", NULL), BIT(SCRIPT));
	assert_int_equal(rules_of("home/work/app/tools/other.js", NULL), 0);
}

static void test_caches(void **state)
{
	CLEANUP(strings_done) struct strings caches = { 0 };
	const char *environment[] = { "CACHE=~/c", "SECRET_FILE=/x", NULL };
	struct named_files_sources f = { .rules = &set,
					 .environment = (char *const *)environment,
					 .home = home,
					 .cwd = project,
					 .places = &places };

	(void)state;
	assert_int_equal(named_files_caches(&caches, &f), 0);
	assert_int_equal(caches.count, 1);
	assert_string_equal(caches.at[0], tree_path(tree_top, "home/c"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, tree_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_files),	    TEST(test_forms),
		TEST(test_sockets),	    TEST(test_directories),
		TEST(test_certificates),    TEST(test_git),
		TEST(test_git_includes),    TEST(test_configuration_only),
		TEST(test_git_directories), TEST(test_no_git_directory),
		TEST(test_scripts),	    TEST(test_caches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
