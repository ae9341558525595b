// SPDX-License-Identifier: GPL-2.0-only
/* redact_text.c - remove secrets from text. */
#include "sanitize/redact_text.h"

#include "base/cleanup.h"
#include "sanitize/command_secrets.h"
#include "sanitize/known_secrets.h"
#include "sanitize/text_secrets.h"

void redact_find(struct spans *ret, const char *text, size_t len, bool cut)
{
	struct text_view v = { .bytes = text, .len = len };

	known_secrets_find(ret, text, len, cut ? KNOWN_SECRETS_CUT : 0);
	text_secrets(ret, &v, cut, false);
	command_secrets_text(ret, &v);
	spans_sort(ret);
}

void redact_text(struct buf *out, const char *text, size_t len, bool cut)
{
	CLEANUP(spans_free) struct spans found = { 0 };

	redact_find(&found, text, len, cut);
	spans_write(out, &found, text, 0, len);
}

void redact_comm(struct buf *out, const char *comm, size_t len)
{
	redact_text(out, comm, len, len >= 15);
}
