/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spool_reader.h - the records of one stream of a spool, in order, beginning anywhere. It reads
 * beside a writer, and gets over damage: bytes that are no record are skipped up to the next one
 * that is, and counted.
 */
#ifndef WORMSIGN_SPOOL_READER_H
#define WORMSIGN_SPOOL_READER_H

#include "base/buf.h"
#include "base/error.h"
#include "delivery/spool_dir.h"
#include "delivery/spool_record.h"

struct spool_reader {
	int dir; /* not owned */
	enum spool_stream stream;
	uint64_t next; /* sequence of the next record wanted */

	/* counted */
	uint64_t missing; /* records that should have been there */
	uint64_t skipped; /* bytes that are no record */

	/* internal */
	int fd;
	uint64_t first; /* of the open segment */
	off_t offset;	/* of what `bytes` begins with */
	struct buf bytes;
	size_t at;
};

/* next: 1 or more. */
void spool_reader_open(struct spool_reader *r, int dir, enum spool_stream s, uint64_t next);
void spool_reader_close(struct spool_reader *r);
/*
 * The next record with a sequence below `end`. 1: ret is set, and points into memory of the reader
 * until the next call; 0: there is none (yet); -errno with e: the directory or a file cannot be
 * read, or a segment is of a newer version (-EPROTO).
 */
int spool_reader_next(struct spool_reader *r, uint64_t end, struct spool_record *ret,
		      struct error *e);

#endif
