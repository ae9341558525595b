// SPDX-License-Identifier: GPL-2.0-only
/* decode.c - fields of records as text. */
#define _GNU_SOURCE /* memrchr */
#include "events/decode.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>

#include "base/cleanup.h"

void decode_path(struct buf *out, const char *bytes, size_t len, bool cut)
{
	const char *end = bytes + len;

	if (cut)
		buf_adds(out, "...");
	if (!len || (len == 1 && bytes[0] == '/')) {
		buf_addc(out, '/');
		return;
	}
	if (end[-1] == '/')
		end--;
	for (;;) {
		const char *slash = memrchr(bytes, '/', end - bytes);
		const char *start = slash ? slash + 1 : bytes;

		buf_addc(out, '/');
		buf_add(out, start, end - start);
		if (!slash)
			return;
		end = slash;
	}
}

const char *decode_word(const char *at, const char *end, const char **ret_word, size_t *ret_len)
{
	const char *nul;

	if (at >= end)
		return NULL;
	nul = memchr(at, '\0', end - at);
	*ret_word = at;
	*ret_len = (nul ? nul : end) - at;
	return nul ? nul + 1 : end;
}

void decode_address(struct buf *out, const struct ws_address *a)
{
	char text[INET6_ADDRSTRLEN];

	if ((a->family == AF_INET || a->family == AF_INET6) &&
	    inet_ntop(a->family, a->address, text, sizeof(text)))
		buf_adds(out, text);
	else
		buf_addf(out, "family %u", a->family);
}

const char *decode_protocol(unsigned protocol)
{
	static const struct {
		unsigned number;
		const char *name;
	} names[] = {
		{ IPPROTO_TCP, "tcp" },
		{ IPPROTO_UDP, "udp" },
		{ IPPROTO_ICMP, "icmp" },
		{ IPPROTO_ICMPV6, "ipv6-icmp" },
		{ IPPROTO_SCTP, "sctp" },
		{ IPPROTO_DCCP, "dccp" },
		{ IPPROTO_UDPLITE, "udplite" },
		{ IPPROTO_RAW, "raw" },
		{ 262, "mptcp" }, /* IPPROTO_MPTCP */
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	return NULL;
}

void decode_time(struct buf *out, uint64_t realtime)
{
	time_t seconds = realtime / 1000000000;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm)) {
		buf_adds(out, "1970-01-01T00:00:00.000Z");
		return;
	}
	buf_addf(out, "%04d-%02d-%02dT%02d:%02d:%02d.%03uZ", tm.tm_year + 1900, tm.tm_mon + 1,
		 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (unsigned)(realtime / 1000000 % 1000));
}
