// SPDX-License-Identifier: GPL-2.0-only
/* known_secrets.c - the values that this session must not repeat. */
#include "sanitize/known_secrets.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "sanitize/text_view.h"

/* Address space only: pages that nothing is written to cost nothing. */
#define STORE_SIZE (64u << 20)
#define LISTS	   4096

/* Only so many of a value's first bytes are compared, which bounds the work for each byte of a
 * text. A text that agrees in all of them is taken for a piece of the value. */
#define COMPARE_MAX 256

#define VALUE_MIN	6
#define PART_MIN	16 /* shortest line or word of a value that is a value itself */
#define BEGINNING_MIN	12 /* shortest beginning of a value that is found at the end of a text */
#define BEGINNING_CUT	6  /* the same, if the text is known to be truncated */
#define ENCODINGS_DEPTH 2

/* What must stand before and behind a value. */
enum border {
	BORDER_ANY,  /* nothing in particular */
	BORDER_WORD, /* no letter or digit: the value is like an ordinary word */
	BORDER_CODE, /* base64: a character beside it holds some bits of the value */
};

/* One way to write a value. They lie in the store, one behind another. */
struct needle {
	uint32_t next; /* offset in the store of the next one with the same hash; 0: none */
	uint32_t len;
	uint32_t border;
	unsigned char bytes[]; /* folded */
};

struct store {
	size_t used, left_out;
	uint32_t lists[LISTS];	 /* offsets of needles, by the hash of their first four bytes */
	uint8_t seen[65536 / 8]; /* by the same hash, longer: most texts are done with this */
};

static struct store *store; /* NULL: not open */

int known_secrets_open(struct error *e)
{
	void *at;

	if (store)
		return 0;
	at = mmap(NULL, STORE_SIZE, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (at == MAP_FAILED)
		return error_set(e, -errno, "no memory to hold the session's secrets: %s",
				 strerror(errno));
	/* These only add protection (swap, core dumps, forks), so their failure is not an error. */
	mlock2(at, STORE_SIZE, MLOCK_ONFAULT);
	madvise(at, STORE_SIZE, MADV_DONTDUMP);
	madvise(at, STORE_SIZE, MADV_WIPEONFORK);
	store = at;
	store->used = sizeof(*store);
	return 0;
}

void known_secrets_close(void)
{
	if (!store)
		return;
	explicit_bzero(store, store->used);
	munmap(store, STORE_SIZE);
	store = NULL;
}

size_t known_secrets_left_out(void)
{
	return store ? store->left_out : 0;
}

/* Case does not matter, and neither does which blank it is: words of a command are ended by NULs,
 * and forms have a '+' there. */
static unsigned char fold(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c | 0x20;
	return !c || c == '+' || (c >= '\t' && c <= '\r') ? ' ' : c;
}

static unsigned hash_of(uint32_t four)
{
	return four * 2654435761u >> 16;
}

static uint32_t four_at(const unsigned char *s)
{
	return (uint32_t)s[0] | (uint32_t)s[1] << 8 | (uint32_t)s[2] << 16 | (uint32_t)s[3] << 24;
}

/* ---- adding ---- */

/* A needle whose bytes the caller fills, before enter(); NULL: too short, or no room. */
static struct needle *new_needle(size_t len, enum border border)
{
	size_t size = (sizeof(struct needle) + len + 7) & ~(size_t)7;
	struct needle *n;

	if (len < VALUE_MIN)
		return NULL;
	if (STORE_SIZE - store->used < size) {
		store->left_out++;
		return NULL;
	}
	n = (struct needle *)((char *)store + store->used);
	n->len = len;
	n->border = border;
	store->used += size;
	return n;
}

static void enter(struct needle *n)
{
	unsigned hash = hash_of(four_at(n->bytes));

	n->next = store->lists[hash & (LISTS - 1)];
	store->lists[hash & (LISTS - 1)] = (char *)n - (char *)store;
	store->seen[hash >> 3] |= 1u << (hash & 7);
}

static void add_plain(const char *value, size_t len, enum border border)
{
	struct needle *n = new_needle(len, border);

	if (!n)
		return;
	for (size_t i = 0; i < len; i++)
		n->bytes[i] = fold(value[i]);
	enter(n);
}

static void add_hex(const char *value, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	struct needle *n = new_needle(2 * len, BORDER_ANY);

	if (!n)
		return;
	for (size_t i = 0; i < len; i++) {
		n->bytes[2 * i] = digits[(unsigned char)value[i] >> 4];
		n->bytes[2 * i + 1] = digits[value[i] & 15];
	}
	enter(n);
}

/*
 * Add the value's base64 as it looks when `before` bytes are encoded before it, without the
 * characters that also encode bits of its neighbours. last: the two characters in which the
 * alphabets differ. Returns whether one of them is in it.
 */
static bool add_base64(const char *value, size_t len, unsigned before, const char *last)
{
	static const char common[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
	size_t from = (8 * before + 5) / 6, to = 8 * (before + len) / 6;
	struct needle *n = new_needle(to - from, BORDER_CODE);
	bool has_last = false;

	if (!n)
		return false;
	for (size_t c = from; c < to; c++) {
		unsigned six = 0;

		for (size_t bit = 6 * c; bit < 6 * c + 6; bit++)
			six = six << 1 |
			      ((unsigned char)value[bit / 8 - before] >> (7 - bit % 8) & 1);
		n->bytes[c - from] = fold(six < 62 ? common[six] : last[six - 62]);
		has_last |= six >= 62;
	}
	enter(n);
	return has_last;
}

static void add_forms(const char *value, size_t len, enum border border)
{
	add_plain(value, len, border);
	add_hex(value, len);
	for (unsigned before = 0; before < 3; before++)
		if (add_base64(value, len, before, "+/"))
			add_base64(value, len, before, "-_");
}

/* Passwords that everybody knows: those that service containers are started with in CI. They are
 * no secrets, and they are names of programs and packages, which people must be able to read. */
static bool is_common(const char *value, size_t len)
{
	static const char *const words[] = {
		"admin",       "administrator", "changeit",   "changeme",   "default",
		"development", "disabled",	"docker",     "elastic",    "enabled",
		"example",     "github",	"gitlab",     "grafana",    "jenkins",
		"keycloak",    "localhost",	"mariadb",    "minioadmin", "mongo",
		"mongodb",     "mysql",		"neo4j",      "opensearch", "oracle",
		"password",    "postgres",	"postgresql", "production", "rabbitmq",
		"redacted",    "secret",	"staging",    "testing",    "undefined",
		"username",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == len && strncasecmp(value, words[i], len) == 0)
			return true;
	return false;
}

struct kinds {
	size_t lower, upper, digits, others;
	bool same; /* one character again and again, as in "******" */
};

static struct kinds kinds_of(const char *value, size_t len)
{
	struct kinds k = { .same = true };

	for (size_t i = 0; i < len; i++) {
		unsigned char c = value[i];

		k.same &= value[i] == value[0];
		if (c >= 'a' && c <= 'z')
			k.lower++;
		else if (c >= 'A' && c <= 'Z')
			k.upper++;
		else if (ascii_digit(c))
			k.digits++;
		else
			k.others++;
	}
	return k;
}

/* Whether the value differs enough from other text to be searched for; *ret: what must then stand
 * beside it. */
static bool border_of(const char *value, size_t len, enum border *ret)
{
	struct kinds k = kinds_of(value, len);
	bool letters = k.lower + k.upper == len, digits = k.digits == len;

	if (len < VALUE_MIN || k.same || is_common(value, len))
		return false;
	if (len < 8 && (letters || digits))
		return false;
	*ret = len < 8 || (len < 16 && (letters || digits)) ? BORDER_WORD : BORDER_ANY;
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static void add_one(const char *value, size_t len)
{
	enum border border;

	while (len && is_blank(value[len - 1]))
		len--;
	while (len && is_blank(value[0])) {
		value++;
		len--;
	}
	if (border_of(value, len, &border))
		add_forms(value, len, border);
}

/* The end of the part that begins at `at`: a blank, a newline, or "\n" as JSON writes it. */
static size_t part_end(const char *value, size_t len, size_t at, size_t *ret_next)
{
	for (size_t i = at; i < len; i++) {
		if (is_blank(value[i])) {
			*ret_next = i + 1;
			return i;
		}
		if (value[i] == '\\' && i + 1 < len && value[i + 1] == 'n') {
			*ret_next = i + 2;
			return i;
		}
	}
	*ret_next = len;
	return len;
}

void known_secrets_add(const char *value, size_t len)
{
	size_t next;

	if (!store)
		return;
	add_one(value, len);
	for (size_t at = 0; at < len; at = next) {
		size_t end = part_end(value, len, at, &next);

		/* "-----BEGIN PRIVATE KEY-----" is no secret. */
		if (end - at >= PART_MIN && end - at < len && value[at] != '-')
			add_one(value + at, end - at);
	}
}

/* ---- finding ---- */

static bool is_base64(unsigned char c)
{
	return ascii_alnum(c) || (c && strchr("+/-_", c));
}

/* How many bytes of the text at `at` are the needle, or a piece of it that counts; 0: none. */
static size_t agrees(const struct needle *n, const struct text_view *v, size_t at, unsigned how)
{
	size_t left = v->len - at, most = n->len < left ? n->len : left, i = 0;
	size_t least = how & KNOWN_SECRETS_CUT ? BEGINNING_CUT : BEGINNING_MIN;

	while (i < most && fold(v->bytes[at + i]) == n->bytes[i])
		i++;
	if (i == n->len)
		return i;
	if (i >= COMPARE_MAX)
		return i;
	if (i < left || i < least)
		return 0;
	/* It looks like an ordinary word, and the text ends here anyhow. */
	return n->border != BORDER_WORD || how & KNOWN_SECRETS_CUT ? i : 0;
}

static bool has_borders(const struct needle *n, const struct text_view *v, size_t at, size_t len)
{
	if (n->border != BORDER_WORD)
		return true;
	return (!at || !ascii_alnum(v->bytes[at - 1])) &&
	       (at + len == v->len || !ascii_alnum(v->bytes[at + len]));
}

static void add_span(struct spans *ret, const struct needle *n, const struct text_view *v,
		     size_t from, size_t to)
{
	if (n->border == BORDER_CODE) {
		from -= from && is_base64(v->bytes[from - 1]) && view_joins(v, from);
		to += to < v->len && is_base64(v->bytes[to]) && view_joins(v, to);
	}
	view_add_span(ret, v, from, to);
}

/* Adds what begins at `at`; returns how many bytes of it need not be looked at again. */
static size_t find_at(struct spans *ret, const struct text_view *v, size_t at, unsigned hash,
		      unsigned how)
{
	uint32_t offset = store->lists[hash & (LISTS - 1)];
	size_t longest = 0;

	while (offset) {
		const struct needle *n = (const struct needle *)((char *)store + offset);
		size_t len;

		offset = n->next;
		if ((how & KNOWN_SECRETS_LONG) && n->border == BORDER_WORD)
			continue;
		len = agrees(n, v, at, how);
		if (!len || !has_borders(n, v, at, len))
			continue;
		add_span(ret, n, v, at, at + len);
		if (len > longest)
			longest = len;
	}
	return longest > COMPARE_MAX ? longest - COMPARE_MAX : 1;
}

static void find_in_view(struct spans *ret, const struct text_view *v, unsigned how)
{
	uint32_t four = 0;
	size_t skip_to = 0;

	for (size_t i = 0; i < v->len; i++) {
		unsigned hash;

		four = four >> 8 | (uint32_t)fold(v->bytes[i]) << 24;
		if (i < 3 || i - 3 < skip_to)
			continue;
		hash = hash_of(four);
		if (store->seen[hash >> 3] >> (hash & 7) & 1)
			skip_to = i - 3 + find_at(ret, v, i - 3, hash, how);
	}
}

static void find_in_all(struct spans *ret, const struct text_view *v, unsigned how, unsigned depth)
{
	static bool (*const undo[])(struct text_view * ret, const struct text_view *v,
				    bool *ret_failed) = { view_undo_percent, view_undo_escape,
							  view_undo_backslash };
	struct text_view plain;

	find_in_view(ret, v, how);
	/* Without its blanks a text has no words, and so none of our own that a value is like. */
	if (view_undo_breaks(&plain, v, &ret->failed)) {
		find_in_view(ret, &plain, how | KNOWN_SECRETS_LONG);
		view_free(&plain);
	}
	if (depth == ENCODINGS_DEPTH)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(undo); i++)
		if (undo[i](&plain, v, &ret->failed)) {
			find_in_all(ret, &plain, how, depth + 1);
			view_free(&plain);
		}
}

void known_secrets_find(struct spans *ret, const char *text, size_t len, unsigned how)
{
	struct text_view whole = { .bytes = text, .len = len };

	if (store && store->used > sizeof(*store))
		find_in_all(ret, &whole, how, 0);
}

void known_secrets_redact(struct buf *out, const char *text, size_t len, unsigned how)
{
	CLEANUP(spans_free) struct spans found = { 0 };

	known_secrets_find(&found, text, len, how);
	spans_sort(&found);
	spans_write(out, &found, text, 0, len);
}
