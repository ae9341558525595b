// SPDX-License-Identifier: GPL-2.0-only
/* command_label.c - a command as people would name it, and as they would type it. */
#define _GNU_SOURCE /* memrchr */
#include "events/command_label.h"

#include "base/ascii.h"
#include "base/cleanup.h"
#include "events/decode.h"
#include "policy/managers.h"
#include "sanitize/redact_text.h"
#include "sanitize/redact_words.h"

/* Shorten a path to its last component. */
static void base_name(const char **word, size_t *len)
{
	const char *slash = memrchr(*word, '/', *len);

	if (slash && slash + 1 < *word + *len) {
		*len -= slash + 1 - *word;
		*word = slash + 1;
	}
}

/* How many words the name of the manager replaces: for "node
 * /usr/lib/node_modules/npm/bin/npm-cli.js ci" the first two. */
static unsigned manager_words(const struct ws_rec_exec *r, const char *name)
{
	const char *at = r->argv.bytes, *end = at + r->argv.len, *word;
	size_t len, n = strlen(name);
	unsigned count = 0;

	while (count < 4 && (at = decode_word(at, end, &word, &len))) {
		count++;
		base_name(&word, &len);
		if (len >= n && memcmp(word, name, n) == 0)
			return count;
	}
	return 1;
}

void command_label(struct buf *out, const struct ws_rec_exec *r)
{
	const char *at = r->argv.bytes, *end = at + r->argv.len, *word;
	CLEANUP(spans_free) struct spans secrets = { 0 };
	_buf_ struct buf exe = BUF_INIT;
	size_t len, start = out->len;
	unsigned skip = 0;

	if (r->manager && r->manager <= manager_count) {
		buf_adds(out, managers[r->manager - 1].name);
		skip = manager_words(r, managers[r->manager - 1].name);
	}
	redact_words(&secrets, r->argv.bytes, r->argv.len, r->head.flags & WS_F_ARGV_CUT);
	for (unsigned i = 0;
	     out->len - start <= COMMAND_LABEL_MAX && (at = decode_word(at, end, &word, &len));
	     i++) {
		size_t from = word - r->argv.bytes;
		_buf_ struct buf clean = BUF_INIT;

		spans_write(&clean, &secrets, r->argv.bytes, from, from + len);
		if (i < skip)
			continue;
		if (out->len > start)
			buf_addc(out, ' ');
		word = clean.at;
		len = clean.len;
		if (i == 0)
			base_name(&word, &len);
		buf_add(out, word, len);
	}
	if (out->len == start && r->exe_len) { /* argv is empty, or could not be read */
		decode_path(&exe, r->exe, r->exe_len, r->head.flags & WS_F_PATH_CUT);
		redact_text(out, exe.at, exe.len, false);
	}
	if (out->len == start)
		redact_comm(out, r->head.comm, decode_len(r->head.comm));
	if (out->len - start > COMMAND_LABEL_MAX) {
		buf_cut(out, start + COMMAND_LABEL_MAX);
		/* do not end in the middle of a UTF-8 character */
		while (out->len > start && ((unsigned char)out->at[out->len - 1] & 0xc0) == 0x80)
			buf_cut(out, out->len - 1);
		if (out->len > start && (unsigned char)out->at[out->len - 1] >= 0xc0)
			buf_cut(out, out->len - 1);
		buf_adds(out, "...");
	} else if (r->head.flags & WS_F_ARGV_CUT) {
		buf_adds(out, "...");
	}
}

/* Whether a shell takes the word as it is. */
static bool is_plain(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = word[i];

		if (!(ascii_alnum(c) || c >= 0x80 || (c && strchr("_-./,:=@%+[]", c))))
			return false;
	}
	return len > 0;
}

void command_line(struct buf *out, const struct spans *secrets, const char *argv, size_t argv_len,
		  bool argv_cut)
{
	const char *at = argv, *end = argv + argv_len, *word;
	size_t len, start = out->len;

	while ((at = decode_word(at, end, &word, &len))) {
		_buf_ struct buf clean = BUF_INIT;

		spans_write(&clean, secrets, argv, word - argv, word - argv + len);
		if (out->len > start)
			buf_addc(out, ' ');
		if (is_plain(clean.at, clean.len)) {
			buf_add(out, clean.at, clean.len);
			continue;
		}
		buf_addc(out, '\'');
		for (size_t i = 0; i < clean.len; i++)
			if (clean.at[i] == '\'')
				buf_adds(out, "'\\''");
			else
				buf_addc(out, clean.at[i]);
		buf_addc(out, '\'');
	}
	if (argv_cut)
		buf_adds(out, " ...");
}

void command_text(struct buf *out, const char *argv, size_t len, bool cut)
{
	CLEANUP(spans_free) struct spans secrets = { 0 };

	redact_words(&secrets, argv, len, cut);
	command_line(out, &secrets, argv, len, cut);
}
