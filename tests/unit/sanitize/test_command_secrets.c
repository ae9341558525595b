// SPDX-License-Identifier: GPL-2.0-only
/* test_command_secrets.c - the words of commands that are credentials, through whatever runs the
 * program. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/command_secrets.h"
#include "sanitize/redact_text.h"
#include "sanitize/redact_words.h"

#define R REDACTED

static char *words_of(const char *line)
{
	struct buf argv = BUF_INIT, out = BUF_INIT;
	CLEANUP(spans_free) struct spans found = { 0 };
	size_t at = 0;

	buf_adds(&argv, line);
	for (size_t i = 0; i < argv.len; i++)
		if (argv.at[i] == '|')
			argv.at[i] = '\0';
	redact_words(&found, argv.at, argv.len, false);
	while (at < argv.len) {
		size_t n = strlen(argv.at + at);

		if (at)
			buf_addc(&out, '|');
		spans_write(&out, &found, argv.at, at, at + n);
		at += n + 1;
	}
	buf_free(&argv);
	return buf_take(&out);
}

struct line {
	const char *in, *out;
};

/* As argv; words are separated by '|'. */
static const struct line commands[] = {
	/* options of a program: apart, attached, in a cluster, behind an equals sign */
	{ "curl|--user=bob:QX|https://h", "curl|--user=bob:" R "|https://h" },
	{ "curl|--user|bob:QX|https://h", "curl|--user|bob:" R "|https://h" },
	{ "curl|-su|bob:QX|https://h", "curl|-su|bob:" R "|https://h" },
	{ "curl|-subob:QX|https://h", "curl|-subob:" R "|https://h" },
	{ "/usr/bin/curl|-ubob:QX", "/usr/bin/curl|-ubob:" R },
	{ "curl|-HAuthorization: Bearer QX", "curl|-HAuthorization: Bearer " R },
	{ "curl|-H|X-Api-Key:QX", "curl|-H|X-Api-Key:" R },
	{ "curl|-d|password=P W&x=1", "curl|-d|password=" R },
	{ "curl|-oub:ob|https://h", "curl|-oub:ob|https://h" }, /* the name of a file */
	{ "curl|-o|mysql|-pfile", "curl|-o|mysql|-pfile" },	/* and no program */
	{ "mysql|-pQX|db", "mysql|-p" R "|db" },
	{ "mysql|-uroot|-pQX|-h|db", "mysql|-uroot|-p" R "|-h|db" },
	{ "mysql|-p|db", "mysql|-p|db" }, /* it asks */
	{ "mysql|-vpQX", "mysql|-vp" R },
	{ "7z|a|-pQX|-hpQX|x.7z", "7z|a|-p" R "|-hp" R "|x.7z" },
	{ "docker|login|-u|bob|-p|QX|reg", "docker|login|-u|bob|-p|" R "|reg" },
	{ "docker|--context|x|login|-pQX", "docker|--context|x|login|-p" R },
	{ "docker|run|-p|80:80|x", "docker|run|-p|80:80|x" },
	{ "docker|run|-e|DB_PASSWORD=P W|x", "docker|run|-e|DB_PASSWORD=" R "|x" },
	{ "sshpass|-p|QX|ssh|-p|22|host", "sshpass|-p|" R "|ssh|-p|22|host" },
	{ "sshpass|-pQX|mysql|-pQX2", "sshpass|-p" R "|mysql|-p" R },
	{ "wget|--password=QX|https://h", "wget|--password=" R "|https://h" },
	{ "wget|--header=X-Token: QX", "wget|--header=X-Token: " R },
	{ "openssl|enc|-passin|pass:QX|-in|x", "openssl|enc|-passin|pass:" R "|-in|x" },
	{ "openssl|enc|-k|QX|-keyform|PEM", "openssl|enc|-k|" R "|-keyform|PEM" },
	{ "openssl|req|-passin|file:/x|-key|/y.pem", "openssl|req|-passin|file:/x|-key|/y.pem" },
	{ "http|-a|bob:QX|https://h", "http|-a|bob:" R "|https://h" },
	{ "redis-cli|-h|db|-a|QX|ping", "redis-cli|-h|db|-a|" R "|ping" },
	{ "redis-cli|config|set|requirepass|QX", "redis-cli|config|set|requirepass|" R },
	{ "mongo|-u|bob|-p|QX|db", "mongo|-u|bob|-p|" R "|db" },
	{ "az|login|-u|bob|-p|QX", "az|login|-u|bob|-p|" R },
	{ "kubectl|--token=QX|get|pods", "kubectl|--token=" R "|get|pods" },
	{ "kubectl|create|secret|generic|x|--from-literal=password=P W",
	  "kubectl|create|secret|generic|x|--from-literal=password=" R },
	{ "helm|registry|login|h|--password|QX", "helm|registry|login|h|--password|" R },
	{ "lftp|-u|bob,QX|ftp://h", "lftp|-u|bob," R "|ftp://h" },
	{ "smbclient|//h/s|-Ubob%QX", "smbclient|//h/s|-Ubob%" R },
	{ "keytool|-storepass|QX|-alias|x", "keytool|-storepass|" R "|-alias|x" },
	{ "ldapsearch|-xw|QX|-b|dc=x", "ldapsearch|-xw|" R "|-b|dc=x" },
	{ "git|-c|http.extraheader=AUTHORIZATION: basic QX|fetch",
	  "git|-c|http.extraheader=AUTHORIZATION: basic " R "|fetch" },
	{ "curl|-b|sid=QX; x=1|https://h", "curl|-b|sid=" R "|https://h" },
	{ "curl|-b|cookies.txt|https://h", "curl|-b|cookies.txt|https://h" },
	{ "curl|-x|bob:QX@proxy:3128|https://h", "curl|-x|bob:" R "@proxy:3128|https://h" },
	{ "curl|-xhttp://bob:QX@proxy:3128", "curl|-xhttp://bob:" R "@proxy:3128" },
	{ "curl|-x|proxy:3128|https://h", "curl|-x|proxy:3128|https://h" },
	{ "plink|-pw|QX|host", "plink|-pw|" R "|host" },
	/* what is about secrets */
	{ "fly|secrets|set|X=P W|Y=$Y", "fly|secrets|set|X=" R "|Y=$Y" },
	{ "kubectl|create|secret|generic|x|--from-literal=user=QX|--dry-run=client",
	  "kubectl|create|secret|generic|x|--from-literal=user=" R "|--dry-run=client" },
	{ "mysql|-e|CREATE USER 'x'@'h' IDENTIFIED BY 'P W'",
	  "mysql|-e|CREATE USER 'x'@'h' IDENTIFIED BY '" R "'" },
	{ "psql|-c|alter role x with password 'QX';",
	  "psql|-c|alter role x with password '" R "';" },
	{ "mysql|-e|identified with caching_sha2_password by 'QX'",
	  "mysql|-e|identified with caching_sha2_password by '" R "'" },
	{ "x|forgot password of 'x'", "x|forgot password of 'x'" },
	/* settings and arguments */
	{ "aws|configure|set|aws_secret_access_key|QX",
	  "aws|configure|set|aws_secret_access_key|" R },
	{ "aws|configure|set|region|eu-west-1", "aws|configure|set|region|eu-west-1" },
	{ "npm|config|set|//h/:_authToken|QX", "npm|config|set|//h/:_authToken|" R },
	{ "git|config|--global|x.password|QX", "git|config|--global|x.password|" R },
	{ "yarn|config|set|npmAuthToken|QX", "yarn|config|set|npmAuthToken|" R },
	{ "vault|login|QX", "vault|login|" R },
	{ "vault|status|x", "vault|status|x" },
	{ "snyk|auth|QX", "snyk|auth|" R },
	{ "mc|alias|set|x|https://h|KEY|QX", "mc|alias|set|x|https://h|" R "|" R },
	{ "sqlplus|bob/QX@db|x", "sqlplus|bob/" R "|x" },
	{ "htpasswd|-b|/etc/x|bob|QX", "htpasswd|-b|/etc/x|bob|" R },
	/* whatever runs the program */
	{ "env|mysql|-pQX", "env|mysql|-p" R },
	{ "env|-i|PATH=/bin|mysql|-pQX", "env|-i|PATH=/bin|mysql|-p" R },
	{ "timeout|5|curl|-ubob:QX", "timeout|5|curl|-ubob:" R },
	{ "sudo|-u|root|nice|-n|5|curl|-ubob:QX", "sudo|-u|root|nice|-n|5|curl|-ubob:" R },
	{ "setsid|nohup|stdbuf|-oL|strace|-f|curl|-subob:QX",
	  "setsid|nohup|stdbuf|-oL|strace|-f|curl|-subob:" R },
	{ "xargs|-n1|curl|-u|bob:QX", "xargs|-n1|curl|-u|bob:" R },
	{ "docker|exec|-it|db|mysql|-pQX", "docker|exec|-it|db|mysql|-p" R },
	{ "some-new-tool|--|mysql|-pQX", "some-new-tool|--|mysql|-p" R },
	/* commands in a word */
	{ "sh|-c|curl -ubob:QX https://h", "sh|-c|curl -ubob:" R " https://h" },
	{ "sh|-c|mysql -pQX; ls", "sh|-c|mysql -p" R "; ls" },
	{ "bash|-lc|cd x && mysql -u root -p'P W' db",
	  "bash|-lc|cd x && mysql -u root -p'" R "' db" },
	{ "sh|-c|curl -u \"bob:P W\" https://h", "sh|-c|curl -u \"bob:" R "\" https://h" },
	{ "sh|-c|curl -u bob:\"QX\" https://h", "sh|-c|curl -u bob:\"" R "\" https://h" },
	{ "sh|-c|sh -c 'sh -c \"mysql -pQX\"'", "sh|-c|sh -c 'sh -c \"mysql -p" R "\"'" },
	{ "env|-S|curl -u bob:QX https://h", "env|-S|curl -u bob:" R " https://h" },
	{ "env|--split-string=curl -u bob:QX", "env|--split-string=curl -u bob:" R },
	{ "ssh|host|mysql -pQX db", "ssh|host|mysql -p" R " db" },
	{ "sh|-c|PGPASSWORD=QX psql -h db", "sh|-c|PGPASSWORD=" R " psql -h db" },
	{ "sh|-c|$(curl -u bob:QX https://h)", "sh|-c|$(curl -u bob:" R " https://h)" },
	{ "sh|-c|curl \\\n -u bob:QX", "sh|-c|curl \\\n -u bob:" R },
	{ "node|-e|require('child_process').execSync('curl -ubob:QX https://h')",
	  "node|-e|require('child_process').execSync('curl -ubob:" R " https://h')" },
	{ "python3|-c|subprocess.run([\"curl\", \"-u\", \"bob:QX\"])",
	  "python3|-c|subprocess.run([\"curl\", \"-u\", \"bob:" R "\"])" },
	{ "python3|-c|run(['mysql','-pQX','db'])", "python3|-c|run(['mysql','-p" R "','db'])" },
	/* a command ends, and its program with it */
	{ "sh|-c|mysql -h db; cp -pr a b", "sh|-c|mysql -h db; cp -pr a b" },
	{ "sh|-c|mysql -h db | grep -pattern", "sh|-c|mysql -h db | grep -pattern" },
	/* what a program reads */
	{ "docker|login|--password-stdin|-u|bob", "docker|login|--password-stdin|-u|bob" },
	{ "mkdir|-parents|x", "mkdir|-parents|x" },
	{ "x||-p", "x||-p" },
};

static void in_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		_free_ char *out = words_of(commands[i].in);

		assert_string_equal(out, commands[i].out);
	}
}

/* As text, where a '|' is a pipe. */
static const struct line lines[] = {
	{ "sh -c \"curl -ubob:QX https://h\"", "sh -c \"curl -ubob:" R " https://h\"" },
	{ "echo QX | docker login -u bob --password-stdin",
	  "echo " R " | docker login -u bob --password-stdin" },
	{ "sudo printf '%s' 'P W' | gh auth login --with-token",
	  "sudo printf '" R "' | gh auth login --with-token" },
	{ "gh auth login --with-token <<< QX", "gh auth login --with-token <<< " R },
	{ "gh auth login --with-token <<<'P W'; ls", "gh auth login --with-token <<<'" R "'; ls" },
	{ "docker login --password-stdin <<<QX", "docker login --password-stdin <<<" R },
	{ "echo QX | sudo -S apt-get update", "echo " R " | sudo -S apt-get update" },
	{ "echo QX | sudo -kS true", "echo " R " | sudo -kS true" },
	{ "echo hello | sudo tee x", "echo hello | sudo tee x" },
	{ "echo bob:QX | chpasswd", "echo " R " | chpasswd" },
	{ "echo QX | wrangler secret put X", "echo " R " | wrangler secret put X" },
	{ "echo QX | gpg --passphrase-fd 0 -d x", "echo " R " | gpg --passphrase-fd 0 -d x" },
	{ "echo machine h login bob password QX >>~/.netrc",
	  "echo machine h login bob password " R " >>~/.netrc" },
	{ "grep password file", "grep password file" },
	{ "echo hello | docker build -", "echo hello | docker build -" },
	{ "echo hello || docker login --password-stdin",
	  "echo hello || docker login --password-stdin" },
	{ "cat <<< hello", "cat <<< hello" },
	{ "gh secret set X --body 'P W'", "gh secret set X --body '" R "'" },
	{ "curl -u bob:$QX https://h", "curl -u bob:$QX https://h" },
	{ "mysql -p\"$QX\" db", "mysql -p\"$QX\" db" },
	{ "curl -u 'bob:QX", "curl -u 'bob:" R },
	{ "a 'b", "a 'b" },
	{ "\\", "\\" },
};

static void in_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		struct buf out = BUF_INIT;

		redact_text(&out, lines[i].in, strlen(lines[i].in), false);
		assert_string_equal(out.at, lines[i].out);
		buf_free(&out);
	}
}

/* Deeper than the limit a command is text like any other; what matters is that it ends. */
static void in_many_layers(void **state)
{
	struct buf line = BUF_INIT, out = BUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		buf_adds(&line, "sh -c '");
	buf_adds(&line, "curl -u bob:QX x");
	redact_text(&out, line.at, line.len, false);
	assert_true(out.len > 0);
	buf_free(&line);
	buf_free(&out);
}

/* A table of more entries for one program than there is room for would be read in part. */
static void every_entry_has_room(void **state)
{
	(void)state;
	for (size_t i = 0; i < credential_options.count; i++)
		for (const char *const *p = credential_options.commands[i].programs; *p; p++) {
			size_t same = 0;

			for (size_t j = 0; j < credential_options.count; j++)
				for (const char *const *q = credential_options.commands[j].programs;
				     *q; q++)
					same += strcmp(*p, *q) == 0;
			if (same > COMMAND_ENTRIES)
				fail_msg("%s has %zu entries", *p, same);
		}
}

/* Each option of the table, as the program would be called with it. */
static void every_option(void **state)
{
	size_t count = 0;

	(void)state;
	for (size_t i = 0; i < credential_options.count; i++) {
		const struct credential_command *k = &credential_options.commands[i];

		for (const struct credential_option *o = k->options; o->name; o++) {
			struct buf line = BUF_INIT;
			_free_ char *out = NULL;
			bool joined = strchr(k->attached, o->name[strlen(o->name) - 1]) &&
				      o->name[1] != '-';

			if (o->credential == CREDENTIAL_INPUT)
				continue;
			buf_addf(&line, "%s%s%s|%s%s", k->programs[0], k->command ? "|" : "",
				 k->command ? k->command : "", o->name, joined ? "" : "|");
			if (o->credential == CREDENTIAL_URL)
				buf_adds(&line, "bob:QX@h");
			else if (o->credential == CREDENTIAL_USER)
				buf_addf(&line, "bob%cQX", o->separator);
			else
				buf_adds(&line,
					 o->credential == CREDENTIAL_TEXT ? "X-Token: QX" : "QX");
			out = words_of(line.at);
			if (strstr(out, "QX") || !strstr(out, R) || !strstr(out, k->programs[0]))
				fail_msg("%s -> %s", line.at, out);
			buf_free(&line);
			count++;
		}
	}
	assert_true(count > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_words),
		cmocka_unit_test(in_text),
		cmocka_unit_test(in_many_layers),
		cmocka_unit_test(every_option),
		cmocka_unit_test(every_entry_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
