// SPDX-License-Identifier: GPL-2.0-only
/* dead_letter.c - see dead_letter.h. */
#include "delivery/dead_letter.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/write_quietly.h"
#include "delivery/spool_dir.h"

/* What is no JSON may be no text either: other bytes are written \xNN. */
static json_t *text_of(const char *bytes, size_t len)
{
	_buf_ struct buf text = BUF_INIT;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c >= 0x20 && c < 0x7f)
			buf_addc(&text, (char)c);
		else
			buf_addf(&text, "\\x%02x", c);
	}
	return text.failed ? NULL : json_stringn(text.at, text.len);
}

static void add_line(struct buf *out, const char *id, const char *body, size_t len, const char *why)
{
	_json_ json_t *event = json_loadb(body, len, 0, NULL);
	_json_ json_t *v = json_pack("{s:s,s:s}", "id", id, "reason", why);
	char *text;

	if (event)
		json_object_set(v, "event", event);
	else
		json_object_set_new(v, "text", text_of(body, len));
	text = v ? json_dumps(v, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
	if (text)
		buf_adds(out, text);
	else
		out->failed = true;
	buf_addc(out, '\n');
	free(text);
}

/* Whether the file ends within a line: the process or the machine stopped while it was written. */
static bool is_torn(int fd, off_t size)
{
	char last = '\n';

	return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int dead_letter_add(int dir, const char *sink, const char *id, const char *body, size_t len,
		    const char *why)
{
	const int flags = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY |
			  O_CLOEXEC;
	char name[SPOOL_NAME_MAX + 16];
	_buf_ struct buf out = BUF_INIT;
	_close_ int fd = -1;
	struct stat st;
	ssize_t n;
	int err;

	snprintf(name, sizeof(name), "%s.dead", sink);
	fd = openat(dir, name, flags, 0600);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (is_torn(fd, st.st_size))
		buf_addc(&out, '\n');
	add_line(&out, id, body, len, why);
	if (out.failed)
		return -ENOMEM;
	n = write_quietly(fd, out.at, out.len);
	err = n < 0 ? -errno : n < (ssize_t)out.len ? -ENOSPC : 0;
	if (err == 0 && fdatasync(fd) < 0)
		err = -errno;
	/* It is tried again, and what reads the file must not meet half a line. */
	if (err < 0 && n > 0 && ftruncate(fd, st.st_size) < 0)
		return -EIO;
	return err;
}
