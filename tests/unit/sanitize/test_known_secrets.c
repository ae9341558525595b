// SPDX-License-Identifier: GPL-2.0-only
/* test_known_secrets.c - values of the session are found in every encoding, and nothing else is. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/escape.h"
#include "sanitize/known_secrets.h"

#define R REDACTED

static int begin(void **state)
{
	struct error e = { 0 };

	(void)state;
	return known_secrets_open(&e);
}

static int end(void **state)
{
	(void)state;
	known_secrets_close();
	return 0;
}

static void add(const char *value)
{
	known_secrets_add(value, strlen(value));
}

static void becomes_how(const char *text, unsigned how, const char *expected)
{
	struct buf out = BUF_INIT;

	known_secrets_redact(&out, text, strlen(text), how);
	assert_string_equal(out.at, expected);
	buf_free(&out);
}

static void becomes(const char *text, const char *expected)
{
	becomes_how(text, 0, expected);
}

/* ---- encodings ---- */

static void plain(struct buf *out, const char *s, size_t len)
{
	buf_add(out, s, len);
}

static void percent_upper(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, isalnum((unsigned char)s[i]) ? "%c" : "%%%02X", (unsigned char)s[i]);
}

/* as forms and query strings are written */
static void form(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out,
			 s[i] == ' '			? "+"
			 : isalnum((unsigned char)s[i]) ? "%c"
							: "%%%02X",
			 (unsigned char)s[i]);
}

static void percent_lower(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, isalnum((unsigned char)s[i]) ? "%c" : "%%%02x", (unsigned char)s[i]);
}

static void percent_all(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, "%%%02x", (unsigned char)s[i]);
}

static void percent_twice(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	percent_all(&once, s, len);
	percent_upper(out, once.at, once.len);
}

static void as_json(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (s[i] == '"' || s[i] == '\\')
			buf_addf(out, "\\%c", s[i]);
		else if (s[i] == '\n')
			buf_adds(out, "\\n");
		else if (s[i] == '/')
			buf_adds(out, "\\/");
		else
			buf_addc(out, s[i]);
}

static void json_in_json(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	as_json(&once, s, len);
	as_json(out, once.at, once.len);
}

static void json_in_url(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	as_json(&once, s, len);
	percent_upper(out, once.at, once.len);
}

static void as_unicode(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned c = (unsigned char)s[i];

		if (c >= 0xe0) { /* three bytes of UTF-8 */
			c = (c & 15) << 12 | (s[i + 1] & 63) << 6 | (s[i + 2] & 63);
			i += 2;
		} else if (c >= 0xc0) {
			c = (c & 31) << 6 | (s[i + 1] & 63);
			i++;
		}
		buf_addf(out, "\\u%04X", c);
	}
}

static void in_log(struct buf *out, const char *s, size_t len)
{
	escape(out, s, len, ESCAPE_TERMINAL | ESCAPE_ASCII);
}

static void backslash_x(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, "\\x%02x", (unsigned char)s[i]);
}

static void octal(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, "\\%03o", (unsigned char)s[i]);
}

static void shell(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, isalnum((unsigned char)s[i]) ? "%c" : "\\%c", s[i]);
}

static void hex_lower(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, "%02x", (unsigned char)s[i]);
}

static void hex_upper(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addf(out, "%02X", (unsigned char)s[i]);
}

static void upper_case(struct buf *out, const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_addc(out, toupper((unsigned char)s[i]));
}

static void base64(struct buf *out, const char *s, size_t len, const char *last, bool pad)
{
	for (size_t i = 0; i < len; i += 3) {
		unsigned char in[3] = { 0 };
		size_t n = len - i < 3 ? len - i : 3;
		unsigned bits;

		memcpy(in, s + i, n);
		bits = in[0] << 16 | in[1] << 8 | in[2];
		for (size_t c = 0; c < 4; c++) {
			unsigned six = bits >> (18 - 6 * c) & 63;

			if (c > n) {
				if (pad)
					buf_addc(out, '=');
			} else {
				buf_addc(out, six < 26	 ? 'A' + six
					      : six < 52 ? 'a' + six - 26
					      : six < 62 ? '0' + six - 52
							 : (unsigned char)last[six - 62]);
			}
		}
	}
}

/* With `before` characters before the value, as in user:password. */
static void base64_behind(struct buf *out, const char *s, size_t len, size_t before, bool url)
{
	_buf_ struct buf all = BUF_INIT;

	buf_add(&all, "u:x", before);
	buf_add(&all, s, len);
	buf_adds(&all, "!");
	base64(out, all.at, all.len, url ? "-_" : "+/", !url);
}

static void base64_0(struct buf *out, const char *s, size_t len)
{
	base64(out, s, len, "+/", true);
}

static void base64_1(struct buf *out, const char *s, size_t len)
{
	base64_behind(out, s, len, 1, false);
}

static void base64_2(struct buf *out, const char *s, size_t len)
{
	base64_behind(out, s, len, 2, false);
}

static void base64_3(struct buf *out, const char *s, size_t len)
{
	base64_behind(out, s, len, 3, false);
}

static void base64_url_0(struct buf *out, const char *s, size_t len)
{
	base64(out, s, len, "-_", false);
}

static void base64_url_1(struct buf *out, const char *s, size_t len)
{
	base64_behind(out, s, len, 1, true);
}

static void base64_url_2(struct buf *out, const char *s, size_t len)
{
	base64_behind(out, s, len, 2, true);
}

static void base64_in_url(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	base64_2(&once, s, len);
	percent_upper(out, once.at, once.len);
}

/* As base64, fold and `xxd -p` write long texts (76, 80, 60 a line; values here are short). */
static void wrapped(struct buf *out, const char *s, size_t len, size_t width, const char *end)
{
	for (size_t i = 0; i < len; i++) {
		if (i && i % width == 0)
			buf_adds(out, end);
		buf_addc(out, s[i]);
	}
}

static void base64_wrapped(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	base64_2(&once, s, len);
	wrapped(out, once.at, once.len, 7, "\n");
}

static void hex_wrapped(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	hex_lower(&once, s, len);
	wrapped(out, once.at, once.len, 6, "\r\n");
}

/* od -An -tx1 */
static void hex_bytes(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	hex_upper(&once, s, len);
	wrapped(out, once.at, once.len, 2, " ");
}

static void wrapped_in_json(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	base64_wrapped(&once, s, len);
	as_json(out, once.at, once.len);
}

static void wrapped_in_url(struct buf *out, const char *s, size_t len)
{
	_buf_ struct buf once = BUF_INIT;

	base64_wrapped(&once, s, len);
	percent_upper(out, once.at, once.len);
}

static const struct {
	const char *name;
	void (*encode)(struct buf *out, const char *s, size_t len);
} encodings[] = {
	{ "plain", plain },
	{ "percent_upper", percent_upper },
	{ "form", form },
	{ "percent_lower", percent_lower },
	{ "percent_all", percent_all },
	{ "percent_twice", percent_twice },
	{ "as_json", as_json },
	{ "json_in_json", json_in_json },
	{ "json_in_url", json_in_url },
	{ "as_unicode", as_unicode },
	{ "in_log", in_log },
	{ "backslash_x", backslash_x },
	{ "octal", octal },
	{ "shell", shell },
	{ "hex_lower", hex_lower },
	{ "hex_upper", hex_upper },
	{ "upper_case", upper_case },
	{ "base64_0", base64_0 },
	{ "base64_1", base64_1 },
	{ "base64_2", base64_2 },
	{ "base64_3", base64_3 },
	{ "base64_url_0", base64_url_0 },
	{ "base64_url_1", base64_url_1 },
	{ "base64_url_2", base64_url_2 },
	{ "base64_in_url", base64_in_url },
	{ "base64_wrapped", base64_wrapped },
	{ "hex_wrapped", hex_wrapped },
	{ "hex_bytes", hex_bytes },
	{ "wrapped_in_json", wrapped_in_json },
	{ "wrapped_in_url", wrapped_in_url },
};

static const char *const values[] = {
	"wJalrXUtnFEMI/K7MDENG+bPxRfiCYzzzzzzzKEY",
	"hunter2!",
	"a \"quoted\" word, 50% \\ and\ttab",
	"p\xc3\xa4ssw\xc3\xb6rter-\xe2\x82\xac",
	"?~>?~>?~>?~>", /* '/' and '+' in base64 */
	"%41%42%43\\x41\\n",
	"0123456789",
	"line one of it\nline two of it",
};

/* What stays of an encoded value between two words, that surely are not part of it. */
static void every_encoding(void **state)
{
	(void)state;
	for (size_t v = 0; v < ARRAY_SIZE(values); v++)
		add(values[v]);
	for (size_t v = 0; v < ARRAY_SIZE(values); v++)
		for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
			_buf_ struct buf code = BUF_INIT, in = BUF_INIT, out = BUF_INIT;

			encodings[i].encode(&code, values[v], strlen(values[v]));
			buf_adds(&in, "https://h/?x=");
			buf_add(&in, code.at, code.len);
			buf_adds(&in, "&y=1");
			known_secrets_redact(&out, in.at, in.len, 0);
			if (strncmp(out.at, "https://h/?x=", 13) != 0 ||
			    strcmp(out.at + out.len - 4, "&y=1") != 0 || !strstr(out.at, R) ||
			    /* of base64, a few characters that the neighbours share may stay */
			    out.len > 13 + strlen(R) + 4 + 16)
				fail_msg("%s: %s -> %s", encodings[i].name, in.at, out.at);
		}
}

/* The text ends anywhere in an encoded value: no more of it stays than what is no value yet. */
static void every_encoding_cut(void **state)
{
	static const char before[] = "https://h/?x=";
	size_t wrong = 0;

	(void)state;
	for (size_t v = 0; v < ARRAY_SIZE(values); v++)
		add(values[v]);
	for (size_t v = 0; v < ARRAY_SIZE(values); v++)
		for (size_t i = 0; i < ARRAY_SIZE(encodings); i++) {
			_buf_ struct buf code = BUF_INIT, first = BUF_INIT;

			encodings[i].encode(&code, values[v], strlen(values[v]));
			/* how much writes the first six bytes */
			encodings[i].encode(&first, values[v], 6);
			for (size_t n = first.len + 4; n <= code.len; n++) {
				_buf_ struct buf in = BUF_INIT, out = BUF_INIT;

				buf_adds(&in, before);
				buf_add(&in, code.at, n);
				known_secrets_redact(&out, in.at, in.len, KNOWN_SECRETS_CUT);
				if (strncmp(out.at, before, strlen(before)) == 0 &&
				    strstr(out.at, R) && out.len <= strlen(before) + strlen(R) + 16)
					continue;
				print_error("%s: %s -> %s\n", encodings[i].name, in.at, out.at);
				wrong++;
			}
		}
	assert_int_equal(wrong, 0);
}

/* ---- what is a value, and what is not ---- */

static void ordinary_values(void **state)
{
	static const char *const words[] = { "",	 "1",	     "true",	   "abc12",
					     "hunter",	 "1234567",  "******",	   "xxxxxxxxxxxx",
					     "postgres", "PASSWORD", "production", "   \n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		add(words[i]);
		becomes(words[i], words[i]);
	}
}

/* A value like a word counts only where it is a word. */
static void like_a_word(void **state)
{
	(void)state;
	add("correcthorse");
	add("abc123");
	add("12345678");
	becomes("x correcthorse y", "x " R " y");
	becomes("correct horse", "correct horse");
	becomes("/tmp/CorrectHorse.txt", "/tmp/" R ".txt");
	becomes("correcthorses incorrecthorse", "correcthorses incorrecthorse");
	becomes("abc123 abc1234 xabc123", R " abc1234 xabc123");
	becomes("pid 12345678, 123456789", "pid " R ", 123456789");
	/* and is no reason to change words of our own */
	becomes_how("correcthorse", KNOWN_SECRETS_LONG, "correcthorse");
}

static void anywhere(void **state)
{
	(void)state;
	add("s3cr3t-v4lue");
	add("  \ts3cond-value\n");
	becomes("s3cr3t-v4lue", R);
	becomes("xs3cr3t-v4luey", "x" R "y");
	becomes("s3cr3t-v4lues3cr3t-v4lue", R);
	becomes("s3cr3t-v4lue s3cr3t-v4lue", R " " R);
	becomes("S3CR3T-V4LUE.example.org", R ".example.org");
	becomes("s3cond-value", R);
	becomes_how("s3cr3t-v4lue", KNOWN_SECRETS_LONG, R);
	becomes("s3cr3t-v4lu", "s3cr3t-v4lu");
}

/* Half a value at the end is what a truncated text ends with. */
static void cut(void **state)
{
	(void)state;
	add("s3cr3t-v4lue-that-is-long");
	becomes("x s3cr3t-v4l", "x s3cr3t-v4l");
	becomes_how("x s3cr3t-v4l", KNOWN_SECRETS_CUT, "x " R);
	becomes_how("x s3cr3", KNOWN_SECRETS_CUT, "x s3cr3");
	becomes_how("x s3cr3t", KNOWN_SECRETS_CUT, "x " R);
	add("correcthorse");
	becomes("x correct", "x correct");
	becomes_how("x correct", KNOWN_SECRETS_CUT, "x " R);
	becomes_how("x incorrect", KNOWN_SECRETS_CUT, "x incorrect");
	becomes("x s3cr3t-v4lue", "x " R); /* 12 characters are no accident */
	becomes("x s3cr3t-v4lue-that-is-lon y", "x s3cr3t-v4lue-that-is-lon y");
}

/* A shell breaks a value at its blanks into words, and words are ended by NULs. */
static void broken_into_words(void **state)
{
	static const char argv[] = "x\0correct\0horse\0battery\0y";
	struct buf out = BUF_INIT;

	(void)state;
	add("correct horse\tbattery");
	becomes("x correct horse battery y", "x " R " y");
	known_secrets_redact(&out, argv, sizeof(argv), 0);
	assert_string_equal(out.at, "x");
	assert_string_equal(out.at + 2, R);
	buf_free(&out);
}

/* What base64 and xxd write for a long value has several lines; so may the value itself, typed. */
static void wrapped_lines(void **state)
{
	(void)state;
	add("Gx7pQ_11ABCDEFG0aBcDeFgHiJkLmN_oPqRsTuVwXyZ01");
	becomes("echo R3g3cFFfMTFBQkNERUZHMGFCY0RlRmdIaUpr\nTG1OX29QcVJzVHVWd1h5WjAx x",
		"echo " R " x");
	becomes("echo R3g3cFFfMTFBQkNERUZHMGFCY0RlRmdIaUprTG1OX29QcVJzVHVWd1h5WjAx x",
		"echo " R " x");
	becomes("--data Gx7pQ_11ABCDEFG0aBcDe\\\nFgHiJkLmN_oPqRsTuVwXyZ01", "--data " R);
	becomes("Gx7pQ_11ABCDEFG0 and aBcDeFgHiJkLmN_oPqRsTuVwXyZ01",
		"Gx7pQ_11ABCDEFG0 and aBcDeFgHiJkLmN_oPqRsTuVwXyZ01");
}

/* A line of a key is as good as a part of it. */
static void lines_of_a_value(void **state)
{
	(void)state;
	add("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\nx\n"
	    "-----END PRIVATE KEY-----\n");
	becomes("MIIEvQIBADANBgkq", R);
	becomes("hkiG9w0BAQEFAASC", R);
	becomes("-----BEGIN PRIVATE KEY----- x", "-----BEGIN PRIVATE KEY----- x");
	add("{\"private_key\": \"-----BEGIN X-----\\nAAAAB3NzaC1yc2EA\\n\"}");
	becomes("AAAAB3NzaC1yc2EA", R);
	add("Bearer abcdefghij0123456");
	becomes("abcdefghij0123456", R);
}

/* So long that it is compared in part. */
static void long_value(void **state)
{
	_buf_ struct buf value = BUF_INIT, text = BUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 2000; i++)
		buf_addf(&value, "%x", i * 2654435761u);
	known_secrets_add(value.at, value.len);
	buf_adds(&text, "x ");
	buf_add(&text, value.at, value.len);
	buf_adds(&text, " y");
	becomes(text.at, "x " R " y");
	buf_reset(&text);
	buf_add(&text, value.at, 1000);
	buf_adds(&text, " y");
	becomes(text.at, R " y");
}

/* More than there is room for is counted, not forgotten. */
static void no_room(void **state)
{
	_buf_ struct buf value = BUF_INIT;

	(void)state;
	for (unsigned i = 0; i < 200; i++) {
		buf_reset(&value);
		buf_fill(&value, 'a' + i % 26, 99999);
		buf_addf(&value, "%u", i);
		known_secrets_add(value.at, value.len);
	}
	assert_true(known_secrets_left_out() > 0);
	add("s3cr3t-v4lue");
}

static void only_here(void **state)
{
	int status;
	pid_t child;

	(void)state;
	add("s3cr3t-v4lue");
	child = fork();
	if (child == 0) {
		struct buf out = BUF_INIT;

		/* the memory is empty here: nothing is found, nothing breaks */
		known_secrets_redact(&out, "s3cr3t-v4lue", 12, 0);
		_exit(strcmp(out.at, "s3cr3t-v4lue"));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	becomes("s3cr3t-v4lue", R);
}

static void nothing_when_closed(void **state)
{
	(void)state;
	add("s3cr3t-v4lue");
	known_secrets_close();
	becomes("s3cr3t-v4lue", "s3cr3t-v4lue");
	add("s3cr3t-v4lue");
	becomes("s3cr3t-v4lue", "s3cr3t-v4lue");
	assert_int_equal(known_secrets_left_out(), 0);
	known_secrets_close();
	assert_int_equal(begin(state), 0);
	assert_int_equal(begin(state), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_encoding),
		TEST(every_encoding_cut),
		TEST(ordinary_values),
		TEST(like_a_word),
		TEST(anywhere),
		TEST(cut),
		TEST(broken_into_words),
		TEST(wrapped_lines),
		TEST(long_value),
		TEST(lines_of_a_value),
		TEST(no_room),
		TEST(only_here),
		TEST(nothing_when_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
