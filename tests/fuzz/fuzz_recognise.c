// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_recognise.c - any bytes as what /proc says of a runner and of the process below it: a line
 * each for the program's name, the runner's argv and the program's (the words end with NULs), then
 * the environment and a status file. What is found lies within them.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/admit.h"
#include "agent/recognise.h"
#include "events/ci_jobs.h"

/* Up to the next newline, in memory of its own, so that one byte too many is seen. */
static char *piece(const uint8_t **at, size_t *left, size_t *ret_len)
{
	const uint8_t *end = memchr(*at, '\n', *left);
	size_t len = end ? (size_t)(end - *at) : *left;
	char *copy = malloc(len + 1);

	if (!copy)
		abort();
	memcpy(copy, *at, len);
	copy[len] = 0;
	*at += len + (end != NULL);
	*left -= len + (end != NULL);
	*ret_len = len;
	return copy;
}

static void within(const char *s, const char *block, size_t len)
{
	if (s && (s < block || s > block + len || strnlen(s, CI_VALUE_MAX + 1) > CI_VALUE_MAX))
		abort();
}

static void look_at_environment(char *block, size_t len)
{
	char **words = recognised_words(block, len);
	struct job_identity id = { 0 };
	size_t covered = 0;

	if (!words)
		abort();
	for (size_t i = 0; words[i]; i++) {
		if (words[i] != block + covered)
			abort();
		covered += strlen(words[i]) + 1;
	}
	if (covered < len || covered > len + 1)
		abort();
	if (job_identity_find(&id, words) == 0)
		for (size_t i = 0; i < CI_MEMBERS; i++)
			within(id.members[i], block, len);
	within(job_step_find(words), block, len);
	free(words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len, runners_len, programs_len, block_len;
	char *name = piece(&data, &size, &len);
	char *runners = piece(&data, &size, &runners_len);
	char *programs = piece(&data, &size, &programs_len);
	char *block = piece(&data, &size, &block_len);
	struct program runner = { name, runners, runners_len };
	struct program program = { name, programs, programs_len };
	struct admit_status status;
	char *text = malloc(size + 1);

	if (!text)
		abort();
	memcpy(text, data, size);
	text[size] = 0;
	for (size_t i = 0; i < ci_start_count; i++)
		recognise_program(&ci_starts[i], &runner, &program);
	look_at_environment(block, block_len);
	admit_parse_status(&status, text);
	free(name);
	free(runners);
	free(programs);
	free(block);
	free(text);
	return 0;
}
