// SPDX-License-Identifier: GPL-2.0-only
/* facts.c - strings in a memory file, each ended by a NUL: the directory, the command's words, the
 * environment. */
#include "agent/facts.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/write_quietly.h"

static uint32_t add(struct buf *out, char *const *strings)
{
	uint32_t count = 0;

	for (; strings[count]; count++)
		buf_add(out, strings[count], strlen(strings[count]) + 1);
	return count;
}

int facts_send(int socket, const char *cwd, char *const *command, char *const *environment)
{
	struct agent_facts m = { .head.kind = AGENT_FACTS };
	_buf_ struct buf bytes = BUF_INIT;
	_close_ int fd = memfd_create("wormsign-facts", MFD_CLOEXEC);

	buf_add(&bytes, cwd, strlen(cwd) + 1);
	m.words = add(&bytes, command);
	m.variables = add(&bytes, environment);
	if (bytes.len > FACTS_MAX)
		return -E2BIG;
	if (bytes.failed || fd < 0)
		return -ENOMEM;
	if (write_quietly(fd, bytes.at, bytes.len) != (ssize_t)bytes.len)
		return -EIO;
	return protocol_send(socket, &m, sizeof(m), NULL, 0, &fd, 1, 0);
}

/* All of the file, with a NUL behind. */
static char *read_all(int fd, size_t *ret_len)
{
	struct stat st;
	size_t len = 0;
	char *bytes;

	/* a memory file, or another that does not block */
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FACTS_MAX)
		return NULL;
	bytes = malloc(st.st_size + 1);
	while (bytes && len < (size_t)st.st_size) {
		ssize_t n = pread(fd, bytes + len, st.st_size - len, (off_t)len);

		if (n <= 0)
			break;
		len += n;
	}
	if (bytes)
		bytes[len] = 0;
	*ret_len = len;
	return bytes;
}

int facts_read(struct facts *ret, const struct agent_facts *m, int fd, struct error *e)
{
	size_t len = 0, want = 1 + (size_t)m->words + m->variables, n = 0;
	struct facts f = { .bytes = read_all(fd, &len) };

	/* each string has a byte of its own; two lists end with NULL */
	if (f.bytes && want <= len)
		f.strings = calloc(want + 2, sizeof(*f.strings));
	for (size_t at = 0; f.strings && at < len && n < want; n++) {
		f.strings[n + (n > m->words)] = f.bytes + at;
		at += strlen(f.bytes + at) + 1;
	}
	if (!f.strings || n < want) {
		facts_free(&f);
		return error_set(e, -EBADMSG, "the facts of the session are malformed");
	}
	f.cwd = f.strings[0];
	f.command = f.strings + 1;
	f.environment = f.command + m->words + 1;
	*ret = f;
	return 0;
}

void facts_free(struct facts *f)
{
	free(f->strings);
	free(f->bytes);
	*f = (struct facts){ 0 };
}
