// SPDX-License-Identifier: GPL-2.0-only
/* encoding.c - what the tables of the encodings share. */
#include "delivery/encoding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

const char *const encoding_names[] = { "ecs", "ocsf", "cef", NULL };

json_int_t encoding_ms(const json_t *time)
{
	const char *text = json_string_value(time) ?: "", *rest;
	struct tm tm = { 0 };
	int ms = 0, digits = 0;

	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (!rest)
		return 0;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9' && digits < 3; rest++, digits++)
			ms = ms * 10 + (*rest - '0');
	for (; digits < 3; digits++)
		ms *= 10;
	return (json_int_t)timegm(&tm) * 1000 + ms;
}

int encoding_word(const struct encoding_word *words, const json_t *v)
{
	char number[32];
	const char *text = json_string_value(v) ?: "";

	if (json_is_integer(v)) {
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
		text = number;
	}
	while (words->word && strcmp(words->word, text) != 0)
		words++;
	return words->number;
}
