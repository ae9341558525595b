// SPDX-License-Identifier: GPL-2.0-only
/* spool_record.c - see spool_record.h. */
#include "delivery/spool_record.h"

#include <endian.h>
#include <errno.h>
#include <openssl/sha.h>
#include <string.h>

#include "base/crc32c.h"

static const char magic[8] = "WSSPOOL";

static void put32(uint8_t *at, uint32_t n)
{
	n = htole32(n);
	memcpy(at, &n, sizeof(n));
}

static void put64(uint8_t *at, uint64_t n)
{
	n = htole64(n);
	memcpy(at, &n, sizeof(n));
}

static uint32_t get32(const uint8_t *at)
{
	uint32_t n;

	memcpy(&n, at, sizeof(n));
	return le32toh(n);
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t n;

	memcpy(&n, at, sizeof(n));
	return le64toh(n);
}

void spool_header_write(uint8_t ret[SPOOL_HEADER], const struct spool_header *h)
{
	memset(ret, 0, SPOOL_HEADER);
	memcpy(ret, magic, sizeof(magic));
	put32(ret + 8, h->version);
	put32(ret + 12, SPOOL_HEADER);
	put64(ret + 16, h->first);
	put64(ret + 24, h->created);
	memcpy(ret + 32, h->before, SPOOL_HASH);
	put64(ret + 64, h->clock);
	put32(ret + SPOOL_HEADER - 4, crc32c(ret, SPOOL_HEADER - 4));
}

int spool_header_read(struct spool_header *ret, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	if (len >= sizeof(magic) && memcmp(p, magic, sizeof(magic)) != 0)
		return -EBADMSG;
	if (len < SPOOL_HEADER)
		return -ENODATA;
	/* Another version may have another header, so the checksum comes after it. */
	if (get32(p + 8) != SPOOL_VERSION) {
		ret->version = get32(p + 8);
		return -EPROTO;
	}
	if (get32(p + SPOOL_HEADER - 4) != crc32c(p, SPOOL_HEADER - 4) ||
	    get32(p + 12) != SPOOL_HEADER)
		return -EUCLEAN;
	ret->version = SPOOL_VERSION;
	ret->first = get64(p + 16);
	ret->created = get64(p + 24);
	memcpy(ret->before, p + 32, SPOOL_HASH);
	ret->clock = get64(p + 64);
	return 0;
}

int spool_record_write(struct buf *out, const struct spool_record *r, uint8_t ret_hash[SPOOL_HASH])
{
	uint8_t head[SPOOL_RECORD_LEAST] = { 0 };
	size_t begin = out->len, size = SPOOL_FIXED + r->id_len + r->body_len;
	uint8_t *at;

	if (r->id_len > SPOOL_ID_MAX || r->body_len > SPOOL_BODY_MAX)
		return -EMSGSIZE;
	put32(head, (uint32_t)size);
	put64(head + 8, r->sequence);
	put64(head + 16, r->time);
	head[24] = (uint8_t)r->kind;
	head[25] = (uint8_t)r->id_len;
	memcpy(head + 32, r->before, SPOOL_HASH);
	buf_add(out, head, sizeof(head));
	buf_add(out, r->id, r->id_len);
	buf_add(out, r->body, r->body_len);
	if (out->failed)
		return -ENOMEM;
	at = (uint8_t *)out->at + begin;
	put32(at + 4, crc32c(at + SPOOL_FRAME, size));
	SHA256(at + SPOOL_FRAME, size, ret_hash);
	return 0;
}

int spool_record_read(struct spool_record *ret, const void *bytes, size_t len,
		      uint8_t ret_hash[SPOOL_HASH])
{
	const uint8_t *p = bytes;
	size_t size, id_len;

	if (len < 4)
		return 0;
	size = get32(p);
	if (size < SPOOL_FIXED || size > SPOOL_RECORD_MOST - SPOOL_FRAME)
		return -EBADMSG;
	if (len < SPOOL_FRAME + size)
		return 0;
	id_len = p[25];
	if (SPOOL_FIXED + id_len > size || size - SPOOL_FIXED - id_len > SPOOL_BODY_MAX ||
	    get32(p + 4) != crc32c(p + SPOOL_FRAME, size))
		return -EBADMSG;
	if (p[24] != SPOOL_EVENT && p[24] != SPOOL_OWN)
		return -EBADMSG;
	ret->sequence = get64(p + 8);
	ret->time = get64(p + 16);
	ret->kind = p[24];
	memcpy(ret->before, p + 32, SPOOL_HASH);
	ret->id = (const char *)p + SPOOL_RECORD_LEAST;
	ret->id_len = id_len;
	ret->body = ret->id + id_len;
	ret->body_len = size - SPOOL_FIXED - id_len;
	if (ret_hash)
		SHA256(p + SPOOL_FRAME, size, ret_hash);
	return (int)(SPOOL_FRAME + size);
}
