/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spool_record.h - the bytes of a spool segment: a header, then records. All numbers are little
 * endian.
 *
 * Header (80 bytes): magic[8] version:4 length:4 first:8 created:8 before[32] clock:8 zero[4]
 * crc:4. Record: size:4 crc:4, then `size` bytes: sequence:8 time:8 kind:1 id_len:1 zero[6]
 * before[32] id[id_len] body[...]. crc is CRC-32C of what it covers: the header before it, or the
 * `size` bytes. `before` is the SHA-256 of the `size` bytes of the previous record of the stream,
 * so that a record that was removed or changed shows in the next one.
 */
#ifndef WORMSIGN_SPOOL_RECORD_H
#define WORMSIGN_SPOOL_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define SPOOL_VERSION	   1
#define SPOOL_HEADER	   80
#define SPOOL_FRAME	   8  /* size and crc */
#define SPOOL_FIXED	   56 /* of a record, up to the id */
#define SPOOL_HASH	   32
#define SPOOL_ID_MAX	   255
#define SPOOL_BODY_MAX	   (1 << 20)
#define SPOOL_RECORD_LEAST (SPOOL_FRAME + SPOOL_FIXED)
#define SPOOL_RECORD_MOST  (SPOOL_RECORD_LEAST + SPOOL_ID_MAX + SPOOL_BODY_MAX)

enum spool_kind {
	SPOOL_EVENT = 1, /* an event as the session wrote it */
	SPOOL_OWN,	 /* an event of delivery itself: what was lost before it, a heartbeat */
};

struct spool_header {
	uint32_t version;
	uint64_t first;	  /* sequence of the first record */
	uint64_t created; /* CLOCK_REALTIME, ns */
	uint64_t clock;	  /* the spool's own then, ns; nothing before it was written later */
	uint8_t before[SPOOL_HASH];
};

struct spool_record {
	uint64_t sequence; /* from 1 on, without holes in a stream */
	uint64_t time;	   /* CLOCK_REALTIME when it was taken, ns */
	enum spool_kind kind;
	uint8_t before[SPOOL_HASH];
	const char *id, *body; /* not NUL-ended; body is a JSON object, without a line feed */
	size_t id_len, body_len;
};

void spool_header_write(uint8_t ret[SPOOL_HEADER], const struct spool_header *h);
/* 0; -ENODATA: shorter than a header; -EBADMSG: not a segment; -EUCLEAN: a damaged header;
 * -EPROTO: of another version, which is in ret->version. */
int spool_header_read(struct spool_header *ret, const void *bytes, size_t len);

/* Append the record to out, and its hash to ret_hash. -EMSGSIZE: the id or the body is too long;
 * -ENOMEM. */
int spool_record_write(struct buf *out, const struct spool_record *r, uint8_t ret_hash[SPOOL_HASH]);
/*
 * The record that begins at bytes; ret points into them. Returns its length; 0: it does not end
 * within len; -EBADMSG: what is there is no record. ret_hash may be NULL.
 */
int spool_record_read(struct spool_record *ret, const void *bytes, size_t len,
		      uint8_t ret_hash[SPOOL_HASH]);

#endif
