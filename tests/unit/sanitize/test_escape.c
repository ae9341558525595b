// SPDX-License-Identifier: GPL-2.0-only
/* test_escape.c - nothing harmful comes out, and nothing is lost. */
#include <stdbool.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/escape.h"

static const struct {
	const char *in;
	size_t len;
	unsigned how;
	const char *out;
} table[] = {
#define S(text) text, sizeof(text) - 1
	{ S("node install.js"), ESCAPE_JSON, "node install.js" },
	{ S("gr\xc3\xbc\xc3\x9f"), ESCAPE_JSON, "gr\xc3\xbc\xc3\x9f" },
	{ S("gr\xc3\xbc\xc3\x9f"), ESCAPE_TERMINAL, "gr\xc3\xbc\xc3\x9f" },
	{ S("gr\xc3\xbc\xc3\x9f"), ESCAPE_TERMINAL | ESCAPE_ASCII, "gr\\xc3\\xbc\\xc3\\x9f" },
	/* NUL, and what is not UTF-8 */
	{ S("a\0b"), ESCAPE_JSON, "a\\x00b" },
	{ S("\xff\xfe"), ESCAPE_JSON, "\\xff\\xfe" },
	{ S("\xc3"), ESCAPE_JSON, "\\xc3" },
	{ S("\xc3("), ESCAPE_JSON, "\\xc3(" },
	{ S("\xc0\xaf"), ESCAPE_JSON, "\\xc0\\xaf" },			/* overlong */
	{ S("\xe0\x80\xaf"), ESCAPE_JSON, "\\xe0\\x80\\xaf" },		/* overlong */
	{ S("\xed\xa0\x80"), ESCAPE_JSON, "\\xed\\xa0\\x80" },		/* surrogate */
	{ S("\xf4\x90\x80\x80"), ESCAPE_JSON, "\\xf4\\x90\\x80\\x80" }, /* beyond Unicode */
	{ S("\xf0\x9f\x90\x9b"), ESCAPE_JSON, "\xf0\x9f\x90\x9b" },
	{ S("\xf0\x9f\x90"), ESCAPE_JSON, "\\xf0\\x9f\\x90" },
	/* terminals */
	{ S("\033[2J\033]0;x\007"), ESCAPE_TERMINAL, "\\x1b[2J\\x1b]0;x\\x07" },
	{ S("a\nb\r\tc"), ESCAPE_TERMINAL, "a\\x0ab\\x0d\\x09c" },
	{ S("a\nb"), ESCAPE_JSON, "a\nb" }, /* JSON's own */
	{ S("\xc2\x9b"
	    "2J"),
	  ESCAPE_TERMINAL, "\\xc2\\x9b2J" }, /* C1 CSI */
	{ S("a\xe2\x80\xae"
	    "b"),
	  ESCAPE_TERMINAL, "a\\xe2\\x80\\xaeb" }, /* right-to-left override */
	{ S("a\xe2\x80\x8b"
	    "b"),
	  ESCAPE_TERMINAL, "a\\xe2\\x80\\x8bb" }, /* no room */
	{ S("\x7f"), ESCAPE_JSON, "\\x7f" },
	/* workflow commands */
	{ S("::error file=x::y"), ESCAPE_JSON, ":\\x3aerror file=x::y" },
	{ S("  ::set-output name=x::y"), ESCAPE_TERMINAL, "  :\\x3aset-output name=x::y" },
	{ S("\t\xc2\xa0::add-mask::x"), ESCAPE_JSON,
	  "\t\xc2\xa0:\\x3a"
	  "add-mask::x" },
	{ S("a::b::c"), ESCAPE_JSON, "a::b::c" },
	{ S("::1"), ESCAPE_JSON, ":\\x3a1" },
	{ S("x ##[add-path]y"), ESCAPE_JSON, "x #\\x23[add-path]y" },
	{ S("##vso[task.setvariable]y"), ESCAPE_TERMINAL, "#\\x23vso[task.setvariable]y" },
	{ S("###[x]"), ESCAPE_JSON, "##\\x23[x]" },
	{ S("## [x]"), ESCAPE_JSON, "## [x]" },
	{ S("a#b[c]"), ESCAPE_JSON, "a#b[c]" },
	{ S("##"), ESCAPE_JSON, "##" },
	{ S("##teamcity[buildStatus status='SUCCESS']"), ESCAPE_TERMINAL,
	  "#\\x23teamcity[buildStatus status='SUCCESS']" },
	/* sections of GitLab, Travis and Buildkite, and Buildkite's images */
	{ S("section_start:1:x\r\033[0Kx"), ESCAPE_TERMINAL,
	  "section_start\\x3a1:x\\x0d\\x1b[0Kx" },
	{ S("a section_end:1:x"), ESCAPE_JSON, "a section_end\\x3a1:x" },
	{ S("travis_fold:start:x"), ESCAPE_JSON, "travis_fold\\x3astart:x" },
	{ S("section_start x: section:"), ESCAPE_JSON, "section_start x: section:" },
	{ S("--- group"), ESCAPE_TERMINAL, "--\\x2d group" },
	{ S("+++ group"), ESCAPE_TERMINAL, "++\\x2b group" },
	{ S(" ~~~ group"), ESCAPE_TERMINAL, " ~~\\x7e group" },
	{ S("^^^ +++"), ESCAPE_TERMINAL, "^^\\x5e +++" },
	{ S("--token --- x"), ESCAPE_TERMINAL, "--token --- x" },
	{ S("--"), ESCAPE_TERMINAL, "--" },
	{ S("\033]1338;url=x\a"), ESCAPE_TERMINAL, "\\x1b]1338;url=x\\x07" },
	/* blanks that a runner removes before it looks for "::", wherever a line is broken */
	{ S("a \xe3\x80\x80::x"), ESCAPE_TERMINAL, "a \\xe3\\x80\\x80::x" },
	{ S("a\xc2\xa0"
	    "b"),
	  ESCAPE_TERMINAL, "a\\xc2\\xa0b" },
	/* invisible, and beyond the first plane */
	{ S("a\xf0\x9d\x85\xb3"), ESCAPE_TERMINAL, "a\\xf0\\x9d\\x85\\xb3" },
	{ S("a\xf3\xa0\x80\x81"), ESCAPE_TERMINAL, "a\\xf3\\xa0\\x80\\x81" },
	/* what looks like our own work */
	{ S("\\x41"), ESCAPE_JSON, "\\x5cx41" },
	{ S("\\\\x41"), ESCAPE_JSON, "\\\\x5cx41" },
	{ S("C:\\new\\table"), ESCAPE_JSON, "C:\\new\\table" },
	{ S("\\"), ESCAPE_JSON, "\\" },
	{ S("\\\xff"), ESCAPE_JSON, "\\\\xff" },
	{ S(""), ESCAPE_TERMINAL, "" },
};

static void as_documented(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct buf out = BUF_INIT, back = BUF_INIT;

		escape(&out, table[i].in, table[i].len, table[i].how);
		assert_string_equal(out.at, table[i].out);
		escape_undo(&back, out.at, out.len);
		assert_int_equal(back.len, table[i].len);
		assert_memory_equal(back.at, table[i].in, table[i].len);
		buf_free(&out);
		buf_free(&back);
	}
}

/* Whatever the bytes, undoing gives them back. */
static void reversible(void **state)
{
	static const char letters[] = "\\x:#[vso \n\t0a1f-+~^\xc3\xa9\xff\x00\x1b";

	(void)state;
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		struct buf out = BUF_INIT, back = BUF_INIT;
		char in[24];
		size_t len = (size_t)random() % sizeof(in);

		for (size_t i = 0; i < len; i++)
			in[i] = letters[(size_t)random() % (sizeof(letters) - 1)];
		escape(&out, in, len, (unsigned)(round % 4));
		escape_undo(&back, out.at, out.len);
		assert_int_equal(back.len, len);
		assert_memory_equal(back.at, in, len);
		buf_free(&out);
		buf_free(&back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_documented),
		cmocka_unit_test(reversible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
