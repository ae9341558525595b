// SPDX-License-Identifier: GPL-2.0-only
/* test_secret_shape.c - what shows itself as a secret, and how far it goes. */
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cmocka_all.h"
#include "sanitize/redact_text.h"
#include "sanitize/secret_shape.h"

static const struct {
	const char *text;
	size_t at;
	bool cut;
	size_t from, len; /* len 0: none */
} table[] = {
	/* put together so that no scanner takes this file for a leak */
	{ "x ghp_"
	  "0123456789abcdefghij y",
	  2, false, 2, 24 },
	{ "x ghp_"
	  "0123456789abcdefghij y",
	  3, false, 0, 0 },
	{ "ghp_"
	  "short",
	  0, false, 0, 0 },
	{ "ghp_"
	  "short",
	  0, true, 0, 9 },
	{ "ghp_"
	  "short more",
	  0, true, 0, 0 },
	{ "task-"
	  "0123456789abcdefghijklmnop",
	  2, false, 0, 0 }, /* sk- within a word */
	{ "%3ask-"
	  "0123456789abcdefghijklmnop",
	  3, false, 3, 29 },
	{ "sk-"
	  "a-package-with-a-long-name",
	  0, false, 0, 0 }, /* no digit */
	{ "AKIA"
	  "ABCDEFGHIJKLMNOP.",
	  0, false, 0, 20 },
	{ "AKIA"
	  "abcdefghijklmnop",
	  0, false, 0, 0 },
	{ "eyJ"
	  "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln x",
	  0, false, 0, 41 },
	{ "eyJ"
	  "hbGciOiJIUzI1NiJ9 x",
	  0, false, 0, 0 },
	{ "eyJ"
	  "hbGciOiJIUzI1NiJ9",
	  0, true, 0, 20 },
	/* found by what stands in their middle */
	{ "x 0123456789:"
	  "AAabcdefghijklmnopqrstuvwxyz0123456",
	  12, false, 2, 46 },
	{ "x 01234:"
	  "AAabcdefghijklmnopqrstuvwxyz0123456",
	  7, false, 0, 0 },
	/* a host stays */
	{ "https://hooks.slack.com/services/"
	  "T0123/B0123/abcdefghijkl x",
	  8, false, 33, 24 },
	{ "-----BEGIN EC PRIVATE KEY-----x-----END EC PRIVATE KEY-----y", 0, false, 0, 59 },
	{ "-----BEGIN EC PRIVATE KEY-----xyz", 0, false, 0, 33 },
	{ "-----BEGIN PUBLIC KEY-----xyz", 0, false, 0, 0 },
	{ "-----BEGIN RSA", 0, false, 0, 0 },
	{ "-----BEGIN RSA", 0, true, 0, 14 },
	{ "PuTTY-User-Key-File-3: ssh-ed25519\nx", 0, false, 0, 36 },
	{ "-", 0, true, 0, 0 },
};

static void shapes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct span found = { 0 };
		bool is = secret_shape(table[i].text, strlen(table[i].text), 0, table[i].at,
				       table[i].cut, &found);

		if (is != (table[i].len > 0) || found.from != table[i].from ||
		    found.to - found.from != table[i].len)
			fail_msg("%s: %zu, %zu bytes", table[i].text, found.from,
				 found.to - found.from);
	}
}

/* What was taken for a secret already is not looked at again. */
static void not_before(void **state)
{
	static const char text[] = "0123456789:"
				   "AAabcdefghijklmnopqrstuvwxyz0123456";
	struct span found;

	(void)state;
	assert_true(secret_shape(text, strlen(text), 0, 10, false, &found));
	assert_int_equal(found.from, 0);
	assert_false(secret_shape(text, strlen(text), 5, 10, false, &found));
}

/* ---- every shape of the table ---- */

/* The `i`th character of a run: letters and digits where the set has both. */
static char member(const struct charset *set, size_t i)
{
	char members[256];
	size_t count = 0;

	for (unsigned c = 0; c < 256; c++)
		if (charset_has(set, c))
			members[count++] = c;
	assert_int_not_equal(count, 0);
	return members[i * 7 % count];
}

static void add_part(struct buf *out, const struct shape_part *p)
{
	if (p->literal)
		buf_add(out, p->literal, p->literal_len);
	else
		for (size_t i = 0; i < p->least; i++)
			buf_addc(out, member(&token_shapes.sets[p->set], i));
}

/* The shortest token of this shape, and where its secret part begins. */
static size_t make_token(struct buf *out, const struct shape *k)
{
	size_t kept = k->keep ? k->parts[0].literal_len : 0;

	if (k->has_lead)
		add_part(out, &k->lead);
	for (unsigned i = 0; i < k->count; i++)
		add_part(out, &k->parts[i]);
	return kept;
}

static void gone(const struct shape *k, const char *before, const struct buf *token, size_t kept,
		 const char *after)
{
	struct buf in = BUF_INIT, out = BUF_INIT;

	buf_adds(&in, before);
	buf_add(&in, token->at, token->len);
	buf_adds(&in, after);
	redact_text(&out, in.at, in.len, false);
	if (strstr(out.at, token->at + kept) || !strstr(out.at, REDACTED))
		fail_msg("%s: %s -> %s", k->id, in.at, out.at);
	buf_free(&in);
	buf_free(&out);
}

static void every_shape(void **state)
{
	(void)state;
	assert_true(token_shapes.count > 200);
	for (size_t i = 0; i < token_shapes.count; i++) {
		const struct shape *k = &token_shapes.shapes[i];
		struct buf token = BUF_INIT;
		size_t kept = make_token(&token, k);

		gone(k, "", &token, kept, "");
		gone(k, "curl https://h/?q=", &token, kept, "&x=1");
		gone(k, "node -e \"f('", &token, kept, "')\"");
		gone(k, "{\"x\":\"", &token, kept, "\"}");
		gone(k, "/tmp/", &token, kept, "/x");
		gone(k, "x%3A", &token, kept, "\n");
		buf_free(&token);
	}
}

/* What honest commands hold, and could be taken for a token. */
static void honest_words(void **state)
{
	static const char *const words[] = {
		"node_modules/@babel/plugin-transform-modules-commonjs/lib/index.js",
		"npm_config_registry npm_lifecycle_event npm_package_dev_optional",
		"sha512-9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08==",
		"sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= sha256:9f86d081884c7d659a2feaa0c55ad015a3bf",
		"0123456789abcdef0123456789abcdef01234567",
		"/home/ci/.cache/node-gyp/20.11.1/include/node/v8-internal.h",
		"esbuild-linux-64 @esbuild/linux-x64@0.19.12 sk-learn sk-toolkit-for-everything",
		"https://h/fsevents/-/fsevents-2.3.3.tgz#cac6407785d03675a2a5e1a5305c697b347d90d6",
		"123e4567-e89b-12d3-a456-426614174000",
		"-O2 -g -fPIC -DNODE_GYP_MODULE_NAME=binding -I/usr/include/nodejs/deps/uv/include",
		"s.appendChild(document.createTextNode(x)) pat.match(y) live_reload test_helpers",
		"key-value-store-implementation pul-requests fc-cache re_exports SKIP_INSTALL",
		"AUTHORS.md ASIAN_FONTS A3TIMES oy2 ciolib hf_hub r8_format",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct buf out = BUF_INIT;

		redact_text(&out, words[i], strlen(words[i]), false);
		assert_string_equal(out.at, words[i]);
		buf_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shapes),
		cmocka_unit_test(not_before),
		cmocka_unit_test(every_shape),
		cmocka_unit_test(honest_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
