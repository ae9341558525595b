// SPDX-License-Identifier: GPL-2.0-only
/* test_config_look.c - which configuration files hold a credential, and which certificates. */
#include "session/config_look.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "tree.h"

static unsigned look(enum config_kind kind, const char *text)
{
	return config_look_text(kind, text, strlen(text));
}

static void test_git(void **state)
{
	static const char *const with[] = {
		"[http \"https://h/\"]\n\textraheader = AUTHORIZATION: basic eDp5\n",
		"[http \"https://h/\"]\n\tExtraHeader = X-Key: 1\n",
		"[remote \"origin\"]\n\turl = https://ci:secret@h/x.git\n",
		"[remote \"origin\"]\n\turl = https://gitlab-ci-token:glcbt-64_abc@h/x.git\n",
		"[remote \"o\"]\n\turl = HTTPS://0123456789abcdef0123456789abcdef01234567@h/x\n",
		"[url \"https://x:y@h/\"]\n\tinsteadOf = https://h/\n",
		"[core]\n[http]\n\tproxy = http://u:p@proxy:3128\n",
		"[user]\n\tpassword = hunter2hunter2\n",
		"[x]\n\ttoken = ghp_0123456789012345678901234567890123456789\n",
	};
	static const char *const without[] = {
		"",
		"[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
		"[remote \"origin\"]\n\turl = https://h/x.git\n\tfetch = +refs/heads/*:refs/r/*\n",
		"[remote \"origin\"]\n\turl = git@h:x.git\n",
		"[remote \"origin\"]\n\turl = ssh://git@h/x.git\n",
		"[remote \"origin\"]\n\turl = https://joe@h/x.git\n",
		"[user]\n\temail = lab-0123456789abcdef0123456789abcdef01234567@x.invalid\n",
		"[credential]\n\thelper = store\n",
		"[includeIf \"gitdir:/w/.git\"]\n\tpath = /t/git-credentials-1a.config\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(with); i++)
		if (look(CONFIG_GIT, with[i]) != (CONFIG_READ | CONFIG_CREDENTIAL))
			fail_msg("no credential was found in: %s", with[i]);
	for (size_t i = 0; i < ARRAY_SIZE(without); i++)
		if (look(CONFIG_GIT, without[i]) != CONFIG_READ)
			fail_msg("a credential was found in: %s", without[i]);
}

static void test_others(void **state)
{
	(void)state;
	assert_int_equal(look(CONFIG_NETRC, "machine h login u password p"),
			 CONFIG_READ | CONFIG_CREDENTIAL);
	assert_int_equal(look(CONFIG_NETRC, "machine h login u"), CONFIG_READ);
	assert_int_equal(look(CONFIG_CERTIFICATES,
			      "x\n-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n"),
			 CONFIG_READ | CONFIG_CERTIFICATE);
	assert_int_equal(look(CONFIG_CERTIFICATES, "-----BEGIN TRUSTED CERTIFICATE-----\n"),
			 CONFIG_READ | CONFIG_CERTIFICATE);
	assert_int_equal(look(CONFIG_CERTIFICATES,
			      "-----BEGIN CERTIFICATE-----\n-----BEGIN RSA PRIVATE KEY-----\n"),
			 CONFIG_READ);
	assert_int_equal(look(CONFIG_CERTIFICATES, "aws_secret_access_key = x"), CONFIG_READ);
}

static unsigned look_at(const char *name, uint64_t *ret_size)
{
	_close_ int fd = open(tree_path(tree_top, name), O_PATH | O_CLOEXEC);

	assert_true(fd >= 0);
	return config_look(CONFIG_GIT, fd, ret_size);
}

/* What cannot be read is taken for a credential. */
static void test_files(void **state)
{
	uint64_t size;

	(void)state;
	tree_add(tree_top, "clean", "[core]\n");
	tree_add(tree_top, "large", "x");
	tree_add(tree_top, "directory/", NULL);
	assert_int_equal(look_at("clean", &size), CONFIG_READ);
	assert_int_equal(size, 7);
	assert_int_equal(truncate(tree_path(tree_top, "large"), CONFIG_LOOK_MAX + 1), 0);
	assert_int_equal(look_at("large", &size), CONFIG_CREDENTIAL);
	assert_int_equal(look_at("directory", &size), CONFIG_CREDENTIAL);
	assert_int_equal(truncate(tree_path(tree_top, "large"), CONFIG_LOOK_MAX), 0);
	assert_int_equal(look_at("large", &size), CONFIG_READ);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_git),
		cmocka_unit_test(test_others),
		cmocka_unit_test_setup_teardown(test_files, tree_setup, tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
