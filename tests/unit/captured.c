// SPDX-License-Identifier: GPL-2.0-only
/* captured.c - stdout and stderr lead to files for the time of a call. */
#include "captured.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cmocka_all.h"

static void read_back(FILE *f, char *ret, size_t room)
{
	rewind(f);
	ret[fread(ret, 1, room - 1, f)] = 0;
	fclose(f);
}

int captured_call(struct captured *c, int (*fn)(int argc, char **argv), const char *line)
{
	static char text[4096], *words[256];
	FILE *files[] = { tmpfile(), tmpfile() };
	char *rest = text;
	int saved[2], n = 0, r;

	assert_true(strlen(line) < sizeof(text));
	strcpy(text, line);
	for (char *word; (word = strsep(&rest, " "));)
		if (*word && n < (int)ARRAY_SIZE(words) - 1)
			words[n++] = word;
	words[n] = NULL;
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		assert_non_null(files[i]);
		saved[i] = dup(1 + i);
		dup2(fileno(files[i]), 1 + i);
	}
	optind = 0; /* getopt_long starts anew */
	r = fn(n, words);
	fflush(stdout);
	for (int i = 0; i < 2; i++) {
		dup2(saved[i], 1 + i);
		close(saved[i]);
	}
	read_back(files[0], c->out, sizeof(c->out));
	read_back(files[1], c->err, sizeof(c->err));
	return r;
}
