// SPDX-License-Identifier: GPL-2.0-only
/* spool_export.c - see spool_export.h. */
#include "delivery/spool_export.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "delivery/spool_reader.h"

static bool is_plain(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (bytes[i] < 0x20 || bytes[i] >= 0x7f)
			return false;
	return true;
}

/* 0x7f is the one control character that jansson leaves as it is. */
static void print_text(const char *text, FILE *to)
{
	for (; *text; text++)
		if (*text == 0x7f)
			fputs("\\u007f", to);
		else
			fputc(*text, to);
}

/* false: it is no JSON object. What is plain is printed as it was taken. */
static bool print_event(const char *body, size_t len, FILE *to)
{
	_json_ json_t *v = json_loadb(body, len, 0, NULL);
	_free_ char *text = NULL;

	if (!json_is_object(v))
		return false;
	if (is_plain(body, len)) {
		fwrite(body, 1, len, to);
	} else {
		text = json_dumps(v, JSON_COMPACT | JSON_ENSURE_ASCII);
		print_text(text ?: "", to);
	}
	fputc('\n', to);
	return true;
}

int spool_export(int dir, uint64_t since, FILE *to, uint64_t *odd, struct error *e)
{
	int err = 0;

	for (int i = 0; err == 0 && i < SPOOL_STREAMS; i++) {
		struct spool_record record;
		struct spool_reader r;

		spool_reader_open(&r, dir, i, 1);
		while ((err = spool_reader_next(&r, UINT64_MAX, &record, e)) > 0)
			if (record.time >= since)
				*odd += !print_event(record.body, record.body_len, to);
		spool_reader_close(&r);
	}
	return err;
}
