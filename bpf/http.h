/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * http.h - follows what a client sends on one connection, byte by byte, and says with which methods
 * its requests begin: HTTP/1 with bodies and pipelining, and HTTP/2. Compiled into the kernel
 * programs and into unit tests.
 *
 * Where a head can be read in two ways (two lengths, a length and a coding, folded lines), servers
 * differ in where the next request begins. From there on each line that looks like a request line,
 * or ends like one, counts as one.
 */
#ifndef WORMSIGN_HTTP_H
#define WORMSIGN_HTTP_H

#include "decide.h"

enum ws_http_at {
	WS_AT_START = 0, /* before a request; empty lines are skipped */
	WS_AT_METHOD,
	WS_AT_TARGET, /* the rest of the request line */
	WS_AT_LINE,   /* at the beginning of a header line */
	WS_AT_NAME,
	WS_AT_VALUE,	/* of a header that does not matter */
	WS_AT_LENGTH,	/* the value of Content-Length */
	WS_AT_CODING,	/* ... of Transfer-Encoding */
	WS_AT_SIZE,	/* of a chunk */
	WS_AT_SIZE_END, /* the rest of that line */
	WS_AT_CHUNK_END,
	WS_AT_SCAN,   /* the extent of a request is unclear: look at every line */
	WS_AT_OPAQUE, /* not HTTP */
	/* HTTP/2 */
	WS_AT_FRAME,   /* in a frame's header */
	WS_AT_PADDING, /* at the length of a frame's padding */
	WS_AT_FIELD,   /* at the beginning of a header field */
	WS_AT_INTEGER, /* in an index or length of several bytes */
	WS_AT_STRING,  /* at the length of a string */
	WS_AT_TEXT,    /* in a string */
};

/* ws_http_stream.seen */
#define WS_HTTP_SEEN_NEXT	1u /* `next` is set */
#define WS_HTTP_SEEN_CHANGEABLE 2u /* the receiver need not read what was sent here */

/* ws_http_stream.flags */
#define WS_HTTP_HAS_LENGTH  1u
#define WS_HTTP_CHUNKED	    2u
#define WS_HTTP_UNCLEAR	    4u
#define WS_HTTP_TRAILER	    8u
#define WS_HTTP_CARRIAGE    16u	 /* the last byte was a CR */
#define WS_HTTP_DIGITS	    32u	 /* a number has begun */
#define WS_HTTP_DIGITS_OVER 64u	 /* ... and ended */
#define WS_HTTP_TUNNEL	    128u /* CONNECT */
/* HTTP/2 */
#define WS_HTTP_OF_METHOD 1u  /* the next string is a method */
#define WS_HTTP_OF_NAME	  2u  /* ... is the name of a field */
#define WS_HTTP_HUFFMAN	  4u  /* it is compressed */
#define WS_HTTP_IN_BLOCK  8u  /* the fields of a request, without a method so far */
#define WS_HTTP_OF_LENGTH 16u /* the integer is a length */

struct ws_http_stream {
	__u64 skip;    /* bytes of a body that are to come */
	__u64 number;  /* a length that is being read */
	__u64 word[3]; /* the beginning of what is being read */
	__u32 left;    /* HTTP/2: bytes of the frame that are to come */
	__u32 count;   /* bytes of what is being read */
	__u16 flags;
	__u8 at;     /* enum ws_http_at */
	__u8 resume; /* HTTP/2: where to go on in the next frame */
	__u32 next;  /* TCP: number of the next byte */
	__u32 seen;  /* TCP: WS_HTTP_SEEN_* */
	__u32 shift; /* HTTP/2: of the next byte of an integer; 64: it is passed over */
	__u32 head;  /* HTTP/2: bytes of a frame's header that have been read, into word[1] */
	__u32 pad;   /* HTTP/2: bytes after the fields of the frame */
};

/* Eight characters as the number that they are when read in the order of `word`. */
#define WS_CHARS(a, b, c, d, e, f, g, h)                                                         \
	((__u64)(a) | (__u64)(b) << 8 | (__u64)(c) << 16 | (__u64)(d) << 24 | (__u64)(e) << 32 | \
	 (__u64)(f) << 40 | (__u64)(g) << 48 | (__u64)(h) << 56)

WS_INLINE bool ws_http_is_token(__u8 c)
{
	return c > ' ' && c < 127 && c != '/' && c != ':' && c != '"' && c != '(' && c != ')' &&
	       c != ',' && (c < ';' || c > '@') && (c < '[' || c > ']') && c != '{' && c != '}';
}

/* Begin to read something new. */
WS_INLINE void ws_http_go(struct ws_http_stream *s, __u8 at)
{
	s->at = at;
	s->count = 0;
	s->word[0] = s->word[1] = s->word[2] = 0;
}

/* Keep the first 24 bytes of what is being read. */
WS_INLINE void ws_http_keep(struct ws_http_stream *s, __u8 c)
{
	__u32 n = s->count;

	if (n < 8)
		s->word[0] |= (__u64)c << (n * 8);
	else if (n < 16)
		s->word[1] |= (__u64)c << ((n - 8) * 8);
	else if (n < 24)
		s->word[2] |= (__u64)c << ((n - 16) * 8);
	s->count = n + 1;
}

/* Of a line of which it is not known where a request begins in it: its last eight visible bytes go
 * to word[1], the end of what precedes a target to word[0], and the methods there to word[2]. */
WS_INLINE void ws_http_keep_line(struct ws_http_stream *s, __u8 c)
{
	__u64 w = s->word[0];

	if (c > ' ') { /* after a word that is only the end of one, a path or an address */
		bool target = c == '/' || c == '*' || c == 'h';

		if (w >> 32 == 0x20545550 && (target || !(w >> 24 & 0xff))) /* "PUT " */
			s->word[2] |= 1u << WS_HTTP_PUT;
		if (w >> 16 == 0x204843544150 && (target || !(w >> 8 & 0xff)))
			s->word[2] |= 1u << WS_HTTP_PATCH;
		if (w >> 8 == 0x204554454c4544 && (target || !(w & 0xff)))
			s->word[2] |= 1u << WS_HTTP_DELETE;
	}
	if (c > ' ')
		s->word[1] = s->word[1] << 8 | c;
	else
		c = ' ';
	if (c != ' ' || w >> 56 != ' ')
		s->word[0] = w >> 8 | (__u64)c << 56;
}

/* Whether a line ends with an HTTP version. */
WS_INLINE bool ws_http_has_version(const struct ws_http_stream *s)
{
	return s->word[1] >> 24 == 0x485454502fULL; /* "HTTP/" */
}

/* HTTP/2: a frame has ended, but for what is to be skipped. */
WS_INLINE void ws_http_end_frame(struct ws_http_stream *s)
{
	s->at = WS_AT_FRAME;
	s->head = 0;
	s->word[1] = 0;
}

/* ---- HTTP/1 ---- */

/* A head has ended. */
WS_INLINE void ws_http_end_head(struct ws_http_stream *s)
{
	__u16 f = s->flags;
	__u64 length = s->number;

	s->flags = 0;
	s->number = 0;
	ws_http_go(s, WS_AT_START);
	if (f & (WS_HTTP_TRAILER | WS_HTTP_TUNNEL))
		return;
	if ((f & WS_HTTP_UNCLEAR) ||
	    (f & (WS_HTTP_CHUNKED | WS_HTTP_HAS_LENGTH)) == (WS_HTTP_CHUNKED | WS_HTTP_HAS_LENGTH))
		s->at = WS_AT_SCAN;
	else if (f & WS_HTTP_CHUNKED)
		s->at = WS_AT_SIZE;
	else if (f & WS_HTTP_HAS_LENGTH)
		s->skip = length;
}

/* A header's name has been read up to its colon. */
WS_INLINE void ws_http_end_name(struct ws_http_stream *s)
{
	bool length = s->count == 14 &&
		      s->word[0] == WS_CHARS('c', 'o', 'n', 't', 'e', 'n', 't', '-') &&
		      s->word[1] == WS_CHARS('l', 'e', 'n', 'g', 't', 'h', 0, 0);
	bool coding =
		s->count == 17 && s->word[0] == WS_CHARS('t', 'r', 'a', 'n', 's', 'f', 'e', 'r') &&
		s->word[1] == WS_CHARS('-', 'e', 'n', 'c', 'o', 'd', 'i', 'n') && s->word[2] == 'g';

	if ((s->flags & WS_HTTP_TRAILER) || (!length && !coding)) {
		ws_http_go(s, WS_AT_VALUE);
		return;
	}
	if (s->flags & (length ? WS_HTTP_HAS_LENGTH : WS_HTTP_CHUNKED))
		s->flags |= WS_HTTP_UNCLEAR;
	s->flags &= ~(WS_HTTP_DIGITS | WS_HTTP_DIGITS_OVER);
	ws_http_go(s, length ? WS_AT_LENGTH : WS_AT_CODING);
}

WS_INLINE void ws_http_line(struct ws_http_stream *s, __u8 c)
{
	if (c == '\r')
		return;
	if (c == '\n') {
		ws_http_end_head(s);
		return;
	}
	if (!ws_http_is_token(c))
		s->flags |= WS_HTTP_UNCLEAR;
	ws_http_go(s, WS_AT_NAME);
	ws_http_keep(s, c >= 'A' && c <= 'Z' ? c + 32 : c);
}

WS_INLINE void ws_http_name(struct ws_http_stream *s, __u8 c)
{
	if (c == ':') {
		ws_http_end_name(s);
		return;
	}
	if (!ws_http_is_token(c))
		s->flags |= WS_HTTP_UNCLEAR;
	if (c == '\n')
		s->at = WS_AT_LINE;
	else
		ws_http_keep(s, c >= 'A' && c <= 'Z' ? c + 32 : c);
}

WS_INLINE void ws_http_length(struct ws_http_stream *s, __u8 c)
{
	if (c == '\n') {
		if (!(s->flags & WS_HTTP_DIGITS))
			s->flags |= WS_HTTP_UNCLEAR;
		s->flags |= WS_HTTP_HAS_LENGTH;
		s->at = WS_AT_LINE;
	} else if (c == ' ' || c == '\t' || c == '\r') {
		if (s->flags & WS_HTTP_DIGITS)
			s->flags |= WS_HTTP_DIGITS_OVER;
	} else if (c < '0' || c > '9' || (s->flags & WS_HTTP_DIGITS_OVER) ||
		   s->number > 1ULL << 56) {
		s->flags |= WS_HTTP_UNCLEAR;
	} else {
		if (!(s->flags & WS_HTTP_DIGITS))
			s->number = 0;
		s->flags |= WS_HTTP_DIGITS;
		s->number = s->number * 10 + (c - '0');
	}
}

WS_INLINE void ws_http_coding(struct ws_http_stream *s, __u8 c)
{
	if (c == '\n') {
		if (s->word[0] != WS_CHARS('c', 'h', 'u', 'n', 'k', 'e', 'd', 0) || s->count != 7)
			s->flags |= WS_HTTP_UNCLEAR;
		s->flags |= WS_HTTP_CHUNKED;
		s->at = WS_AT_LINE;
	} else if (c != ' ' && c != '\t' && c != '\r') {
		ws_http_keep(s, c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
}

/* The line before a chunk, without its end: lines end with CR LF there, or it is unclear where. */
WS_INLINE void ws_http_size(struct ws_http_stream *s, __u8 c)
{
	__u32 digit = c >= '0' && c <= '9'		   ? c - '0'
		      : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
							   : 16;

	if (digit < 16 && s->number < 1ULL << 56) {
		s->flags |= WS_HTTP_DIGITS;
		s->number = s->number * 16 + digit;
		return;
	}
	if (!(s->flags & WS_HTTP_DIGITS) || (c != ';' && c != '\r' && c != ' ' && c != '\t')) {
		ws_http_go(s, WS_AT_SCAN);
		return;
	}
	s->flags = c == '\r' ? WS_HTTP_CARRIAGE : 0;
	s->at = WS_AT_SIZE_END;
}

WS_INLINE void ws_http_size_end(struct ws_http_stream *s, __u8 c)
{
	if (c != '\n') {
		s->flags = c == '\r' ? WS_HTTP_CARRIAGE : 0;
		return;
	}
	if (!(s->flags & WS_HTTP_CARRIAGE)) {
		ws_http_go(s, WS_AT_SCAN);
		return;
	}
	s->skip = s->number;
	s->flags = s->number ? 0 : WS_HTTP_TRAILER;
	ws_http_go(s, s->number ? WS_AT_CHUNK_END : WS_AT_LINE);
	s->number = 0;
}

WS_INLINE void ws_http_chunk_end(struct ws_http_stream *s, __u8 c)
{
	if (c == '\r' && !s->flags) {
		s->flags = WS_HTTP_CARRIAGE;
		return;
	}
	ws_http_go(s, c == '\n' && s->flags ? WS_AT_SIZE : WS_AT_SCAN);
	s->flags = 0;
}

WS_INLINE __u32 ws_http_method_byte(struct ws_http_stream *s, __u8 c)
{
	__u32 method;

	if (c != ' ' && c != '\t') {
		ws_http_keep(s, c);
		if (!ws_http_is_token(c) || s->count > 32)
			ws_http_go(s, WS_AT_OPAQUE);
		return 0;
	}
	ws_http_keep(s, ' ');
	method = ws_http_method(s->word[0]);
	s->flags = s->count == 8 && s->word[0] == WS_CHARS('C', 'O', 'N', 'N', 'E', 'C', 'T', ' ')
			   ? WS_HTTP_TUNNEL
			   : 0;
	s->at = WS_AT_TARGET;
	s->word[1] = 0;
	return 1u << method;
}

/* The request line has ended. */
WS_INLINE void ws_http_end_target(struct ws_http_stream *s)
{
	bool second = s->word[1] == 0x485454502f322e30ULL && (__u32)s->word[0] == 0x20495250;

	if (second) { /* "PRI * HTTP/2.0", and then "\r\nSM\r\n\r\n" */
		s->skip = 8;
		s->flags = 0;
		ws_http_end_frame(s);
		return;
	}
	ws_http_go(s, ws_http_has_version(s) ? WS_AT_LINE : WS_AT_SCAN);
}

WS_INLINE __u32 ws_http_scan(struct ws_http_stream *s, __u8 c)
{
	__u32 methods;

	if (c != '\n') {
		ws_http_keep_line(s, c);
		return 0;
	}
	methods = ws_http_has_version(s) ? s->word[2] : 0;
	ws_http_go(s, WS_AT_SCAN);
	return methods;
}

/*
 * ---- HTTP/2 (RFC 9113, 7541) ----
 *
 * Methods are what matters, wherever a field of the block holds one: a server that rejects a
 * request for its second method keeps it in the table of the connection, for the next request to
 * name by its number. For the same reason a field whose name has such a number may be a method.
 */

/* enum ws_http of a string of n bytes, which begins with w. */
WS_INLINE __u32 ws_http_named(__u64 w, __u64 n, bool huffman)
{
	if (!huffman) {
		if (n > 7)
			return WS_HTTP_NONE;
		return ws_http_method(w | (__u64)' ' << (n * 8));
	}
	if (n == 3 && w == 0x7fc3d7)
		return WS_HTTP_PUT;
	if (n == 5 && w == 0xffd8fb0ed7ULL)
		return WS_HTTP_PATCH;
	if (n == 6 && w == 0x3ff80d3e83bfULL)
		return WS_HTTP_DELETE;
	return WS_HTTP_NONE;
}

/* The rest of the frame does not matter. */
WS_INLINE void ws_http_skip_frame(struct ws_http_stream *s)
{
	s->skip = s->left;
	s->left = 0;
	s->flags = 0;
	ws_http_end_frame(s);
}

/* The fields of this frame follow, after n bytes, and before `pad` bytes that mean nothing. */
WS_INLINE void ws_http_begin_block(struct ws_http_stream *s, __u32 n, __u32 pad)
{
	if (n > s->left)
		n = s->left;
	s->left -= n;
	if (pad > s->left)
		pad = s->left;
	s->left -= pad;
	s->pad = pad;
	ws_http_end_frame(s);
	s->skip = n;
	if (s->left) {
		s->at = s->resume;
	} else {
		s->skip += pad;
		s->pad = 0;
	}
}

/* The header of a frame: length (3 bytes), type, flags, stream (4 bytes). */
WS_INLINE void ws_http_frame(struct ws_http_stream *s, __u8 c)
{
	__u8 type, flags;
	__u64 w;

	if (s->head < 8)
		s->word[1] |= (__u64)c << (s->head * 8);
	if (++s->head < 9)
		return;
	w = s->word[1];
	s->left = (w & 0xff) << 16 | (w & 0xff00) | (w >> 16 & 0xff);
	type = w >> 24;
	flags = w >> 32;
	if (type != 1 && (type != 9 || !(s->flags & WS_HTTP_IN_BLOCK))) {
		ws_http_skip_frame(s);
		return;
	}
	if (type == 9) { /* CONTINUATION */
		ws_http_begin_block(s, 0, 0);
		return;
	}
	s->flags = WS_HTTP_IN_BLOCK; /* HEADERS */
	s->resume = WS_AT_FIELD;
	s->number = flags & 32 ? 5 : 0; /* PRIORITY */
	if ((flags & 8) && s->left)	/* PADDED */
		s->at = WS_AT_PADDING;
	else
		ws_http_begin_block(s, s->number, 0);
}

/* An index or a length is complete. */
WS_INLINE __u32 ws_http_integer_end(struct ws_http_stream *s)
{
	__u64 n = s->number;

	if (s->flags & WS_HTTP_OF_LENGTH) {
		s->flags &= ~WS_HTTP_OF_LENGTH;
		s->count = 0;
		s->word[0] = 0;
		s->at = WS_AT_TEXT;
		if (!n) { /* an empty string */
			s->at = s->flags & WS_HTTP_OF_NAME ? WS_AT_STRING : WS_AT_FIELD;
			s->flags &= ~WS_HTTP_OF_NAME;
		}
		return 0;
	}
	if (n == 2 || n == 3 || n > 61) /* ":method" of the static table, or any of the other */
		s->flags |= WS_HTTP_OF_METHOD;
	else if (!n)
		s->flags |= WS_HTTP_OF_NAME;
	s->at = WS_AT_STRING;
	return 0;
}

/* The first byte of a field. */
WS_INLINE __u32 ws_http_field(struct ws_http_stream *s, __u8 c)
{
	__u32 most;

	s->flags = WS_HTTP_IN_BLOCK;
	if (c & 0x80) { /* name and value from a table */
		if (c == 0x82 || c == 0x83)
			return 1u << (c == 0x82 ? WS_HTTP_GET : WS_HTTP_POST);
		if (c == 0xff) {
			s->shift = 64; /* an index to be passed over */
			s->at = WS_AT_INTEGER;
		}
		return 0;
	}
	if ((c & 0xe0) == 0x20) { /* a new size of the table */
		if ((c & 31) == 31) {
			s->shift = 64;
			s->at = WS_AT_INTEGER;
		}
		return 0;
	}
	most = c & 0x40 ? 63 : 15;
	s->number = c & most;
	s->shift = 0;
	if (s->number == most) {
		s->at = WS_AT_INTEGER;
		return 0;
	}
	return ws_http_integer_end(s);
}

WS_INLINE __u32 ws_http_integer(struct ws_http_stream *s, __u8 c)
{
	if (s->shift < 28)
		s->number += (__u64)(c & 127) << s->shift;
	if (s->shift < 64)
		s->shift += 7;
	if (c & 128)
		return 0;
	if (s->shift >= 64) {
		s->at = WS_AT_FIELD;
		return 0;
	}
	return ws_http_integer_end(s);
}

WS_INLINE __u32 ws_http_string(struct ws_http_stream *s, __u8 c)
{
	s->flags = (s->flags & ~WS_HTTP_HUFFMAN) | WS_HTTP_OF_LENGTH |
		   (c & 0x80 ? WS_HTTP_HUFFMAN : 0);
	s->number = c & 127;
	s->shift = 0;
	if (s->number == 127) {
		s->at = WS_AT_INTEGER;
		return 0;
	}
	return ws_http_integer_end(s);
}

WS_INLINE __u32 ws_http_text(struct ws_http_stream *s, __u8 c)
{
	bool huffman = s->flags & WS_HTTP_HUFFMAN;

	ws_http_keep(s, c);
	if (s->count < s->number)
		return 0;
	s->at = WS_AT_FIELD;
	if (s->flags & WS_HTTP_OF_METHOD)
		return 1u << ws_http_named(s->word[0], s->count, huffman);
	if (s->flags & WS_HTTP_OF_NAME) {
		s->flags &= ~WS_HTTP_OF_NAME;
		if (huffman ? s->count == 5 && s->word[0] == 0xe4395349b9ULL
			    : s->count == 7 &&
				      s->word[0] == WS_CHARS(':', 'm', 'e', 't', 'h', 'o', 'd', 0))
			s->flags |= WS_HTTP_OF_METHOD;
		s->at = WS_AT_STRING;
	}
	return 0;
}

/* A byte of a frame that holds a request's fields. */
WS_INLINE __u32 ws_http_block(struct ws_http_stream *s, __u8 c)
{
	__u32 methods = 0;

	s->left--;
	switch (s->at) {
	case WS_AT_FIELD:
		methods = ws_http_field(s, c);
		break;
	case WS_AT_INTEGER:
		methods = ws_http_integer(s, c);
		break;
	case WS_AT_STRING:
		methods = ws_http_string(s, c);
		break;
	default:
		methods = ws_http_text(s, c);
		break;
	}
	if (!s->left && s->at != WS_AT_FRAME) { /* it may go on in the next frame */
		s->resume = s->at;
		ws_http_end_frame(s);
		s->skip = s->pad;
		s->pad = 0;
	}
	return methods;
}

/* ---- both ---- */

/* How many of the next n bytes need not be looked at. */
WS_INLINE __u32 ws_http_skip(struct ws_http_stream *s, __u32 n)
{
	if (s->at == WS_AT_OPAQUE)
		return n;
	if (s->skip < n)
		n = s->skip;
	s->skip -= n;
	return n;
}

/* Take the next byte; ws_http_skip() has been asked before. Returns the set of methods (1 << enum
 * ws_http) of requests that begin here, 0: none does. */
WS_INLINE __u32 ws_http_take(struct ws_http_stream *s, __u8 c)
{
	switch (s->at) {
	case WS_AT_START:
		if (c == '\r' || c == '\n' || c == ' ' || c == '\t')
			return 0;
		ws_http_go(s, WS_AT_METHOD);
		return ws_http_method_byte(s, c);
	case WS_AT_METHOD:
		return ws_http_method_byte(s, c);
	case WS_AT_TARGET:
		if (c == '\n')
			ws_http_end_target(s);
		else if (c > ' ')
			s->word[1] = s->word[1] << 8 | c;
		return 0;
	case WS_AT_LINE:
		ws_http_line(s, c);
		return 0;
	case WS_AT_NAME:
		ws_http_name(s, c);
		return 0;
	case WS_AT_VALUE:
		if (c == '\n')
			s->at = WS_AT_LINE;
		return 0;
	case WS_AT_LENGTH:
		ws_http_length(s, c);
		return 0;
	case WS_AT_CODING:
		ws_http_coding(s, c);
		return 0;
	case WS_AT_SIZE:
		ws_http_size(s, c);
		return 0;
	case WS_AT_SIZE_END:
		ws_http_size_end(s, c);
		return 0;
	case WS_AT_CHUNK_END:
		ws_http_chunk_end(s, c);
		return 0;
	case WS_AT_SCAN:
		return ws_http_scan(s, c);
	case WS_AT_OPAQUE:
		return 0;
	case WS_AT_FRAME:
		ws_http_frame(s, c);
		return 0;
	case WS_AT_PADDING:
		s->left--;
		ws_http_begin_block(s, s->number, c);
		return 0;
	}
	return ws_http_block(s, c);
}

#endif
