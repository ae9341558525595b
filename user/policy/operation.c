// SPDX-License-Identifier: GPL-2.0-only
/* operation.c - see operation.h. */
#include "policy/operation.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "policy/address.h"
#include "policy/names.h"

#define TIMES_MAX 1000000

static int read_string(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	*FIELD(const char *, base, k) = json_string_value(v);
	return json_is_string(v) ? 0 : reader_wrong(rd, "must be a string");
}

static int read_absolute(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);

	*FIELD(const char *, base, k) = text;
	return text && text[0] == '/' ? 0 : reader_wrong(rd, "must be an absolute path");
}

static int read_address(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	const char *text = json_string_value(v);
	struct error why = { 0 };
	struct address_range a;

	*FIELD(const char *, base, k) = text;
	if (!text || strchr(text, '/'))
		return reader_wrong(rd, "must be an IP address");
	return address_parse(&a, text, &why) < 0 ? reader_wrong(rd, "`%s`: %s", text, why.text) : 0;
}

/* A list of strings, which may be empty. */
static int read_words(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	json_t *word;
	size_t i;

	if (!json_is_array(v))
		return reader_wrong(rd, "must be a list of strings");
	json_array_foreach(v, i, word)
		if (!json_is_string(word))
			return reader_wrong(rd, "must be a list of strings");
	*FIELD(json_t *, base, k) = v;
	return 0;
}

static int read_bool(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	*FIELD(bool, base, k) = json_is_true(v);
	return json_is_boolean(v) ? 0 : reader_wrong(rd, "must be true or false");
}

static int read_number(struct reader *rd, json_t *v, json_int_t most, json_int_t *ret)
{
	*ret = json_integer_value(v);
	if (!json_is_integer(v) || *ret < 1 || *ret > most)
		return reader_wrong(rd, "must be a number from 1 to %lld", (long long)most);
	return 0;
}

static int read_uint32(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	json_int_t n;
	int r = read_number(rd, v, k->kind, &n);

	if (r == 0)
		*FIELD(uint32_t, base, k) = (uint32_t)n;
	return r;
}

static int read_uint64(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	json_int_t n;
	int r = read_number(rd, v, INT64_MAX, &n);

	if (r == 0)
		*FIELD(uint64_t, base, k) = (uint64_t)n;
	return r;
}

/* One name, or a list of them. */
static int read_places(struct reader *rd, const struct key *k, json_t *v, void *base)
{
	struct key one = { .names = k->names };
	unsigned place;
	int r;

	if (!json_is_string(v))
		return read_bits(rd, k, v, base);
	r = read_enum(rd, &one, v, &place);
	if (r == 0)
		*FIELD(uint32_t, base, k) = WS_PLACE_BIT(place);
	return r;
}

#define AT(field) offsetof(struct operation, field)

static const struct key operation_keys[] = {
	{ "op", read_enum, AT(op), .names = op_name, .required = true },
	{ "actor", read_enum, AT(actor), .names = actor_name, .required = true },
	{ "event", read_enum, AT(event), .names = event_name },
	{ "place", read_places, AT(places), .names = place_name },
	{ "directory", read_bool, AT(directory), .kind = 0 },
	{ "path", read_absolute, AT(path), .kind = 0 },
	{ "exe", read_absolute, AT(exe), .kind = 0 },
	{ "argv", read_words, AT(argv), .kind = 0 },
	{ "labels", read_words, AT(labels), .kind = 0 },
	{ "session_labels", read_words, AT(session_labels), .kind = 0 },
	{ "package", read_string, AT(package), .kind = 0 },
	{ "address", read_address, AT(address), .kind = 0 },
	{ "port", read_uint32, AT(port), .kind = 65535 },
	{ "http", read_enum, AT(http), .names = http_name },
	{ "times", read_uint32, AT(times), .kind = TIMES_MAX },
	{ "bytes", read_uint64, AT(bytes), .kind = 0 },
};

int operation_read(struct reader *rd, json_t *v, struct operation *ret)
{
	struct operation o = { .times = 1 };
	int r = read_object(rd, operation_keys, ARRAY_SIZE(operation_keys), v, &o);

	if (r < 0)
		return r;
	if (ops_with_path() & 1u << o.op && !o.path)
		return reader_wrong(rd, "`path` is needed for %s", op_name(o.op));
	if (ops_with_address() & 1u << o.op && !o.address)
		return reader_wrong(rd, "`address` is needed for %s", op_name(o.op));
	*ret = o;
	return 0;
}

int operation_parse(struct operation *ret, json_t *v, struct error *e)
{
	struct reader rd = { .e = e };

	return operation_read(&rd, v, ret);
}
