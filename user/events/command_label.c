// SPDX-License-Identifier: GPL-2.0-only
/* command_label.c - a command as people would name it, and as they would type it. */
#define _GNU_SOURCE /* memrchr */
#include "command_label.h"

#include "decode.h"
#include "managers.h"
#include "redact.h"

static void base_name(const char **word, size_t *len)
{
	const char *slash = memrchr(*word, '/', *len);

	if (slash && slash + 1 < *word + *len) {
		*len -= slash + 1 - *word;
		*word = slash + 1;
	}
}

/* Number of words that a manager's name stands for: "node /usr/lib/node_modules/npm/bin/npm-cli.js"
 * are two. */
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
	struct redact_words state = { 0 };
	_buf_ struct buf exe = BUF_INIT;
	size_t len, start = out->len;
	unsigned skip = 0;

	if (r->manager && r->manager <= manager_count) {
		buf_adds(out, managers[r->manager - 1].name);
		skip = manager_words(r, managers[r->manager - 1].name);
	}
	for (unsigned i = 0;
	     out->len - start <= COMMAND_LABEL_LONGEST && (at = decode_word(at, end, &word, &len));
	     i++) {
		bool cut = at == end && (r->head.flags & WS_F_ARGV_CUT);
		_buf_ struct buf clean = BUF_INIT;

		redact_word(&state, &clean, word, len, cut);
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
	if (out->len == start && r->exe_len) { /* no argv at all is a trick, or could not be read */
		decode_path(&exe, r->exe, r->exe_len, r->head.flags & WS_F_PATH_CUT);
		redact_text(out, exe.at, exe.len, false);
	}
	if (out->len == start)
		buf_add(out, r->head.comm, decode_len(r->head.comm));
	if (out->len - start > COMMAND_LABEL_LONGEST) {
		buf_cut(out, start + COMMAND_LABEL_LONGEST);
		/* not in the middle of a character */
		while (out->len > start && ((unsigned char)out->at[out->len - 1] & 0xc0) == 0x80)
			buf_cut(out, out->len - 1);
		if (out->len > start && (unsigned char)out->at[out->len - 1] >= 0xc0)
			buf_cut(out, out->len - 1);
		buf_adds(out, "...");
	} else if (r->head.flags & WS_F_ARGV_CUT) {
		buf_adds(out, "...");
	}
}

static bool is_plain(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = word[i];

		if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') ||
		      c >= 0x80 || (c && strchr("_-./,:=@%+[]", c))))
			return false;
	}
	return len > 0;
}

void command_line(struct buf *out, const char *argv, size_t argv_len, bool argv_cut)
{
	const char *at = argv, *end = argv + argv_len, *word;
	struct redact_words state = { 0 };
	size_t len, start = out->len;

	while ((at = decode_word(at, end, &word, &len))) {
		_buf_ struct buf clean = BUF_INIT;

		redact_word(&state, &clean, word, len, argv_cut && at == end);
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
