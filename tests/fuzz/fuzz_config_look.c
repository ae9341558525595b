// SPDX-License-Identifier: GPL-2.0-only
/*
 * fuzz_config_look.c - any bytes as a configuration file of git, netrc or a manager: nothing
 * beside the text is read, and a token in a line of its own is found whatever stands before it.
 *
 * The first byte says which kind of file it is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "session/config_look.h"

static const char token[] =
	"\n//registry.example/:_authToken=npm_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX\n";

/* In memory of just that size, so that a byte read beyond it shows. */
static unsigned look(enum config_kind kind, const uint8_t *data, size_t size, size_t more)
{
	char *text = malloc(size + more);
	unsigned found;

	if (!text)
		return CONFIG_CREDENTIAL;
	memcpy(text, data, size);
	memcpy(text + size, token, more);
	found = config_look_text(kind, text, size + more);
	free(text);
	return found;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum config_kind kind;

	if (!size)
		return 0;
	kind = *data++ % CONFIG_KINDS;
	size--;
	look(kind, data, size, 0);
	if (kind == CONFIG_MANAGER &&
	    !(look(kind, data, size, sizeof(token) - 1) & CONFIG_CREDENTIAL))
		abort();
	return 0;
}
