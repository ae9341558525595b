// SPDX-License-Identifier: GPL-2.0-only
/*
 * secret-tables.c - turn the tables of rules/data/ that are compiled in into C. Run by the
 * makefile:
 *
 *   secret-tables shapes rules/data/token-shapes.json >token_shapes.inc
 *   secret-tables options rules/data/credential-options.json >credential_options.inc
 *   secret-tables managers rules/data/other-managers.json >other_managers.inc
 *   secret-tables ci rules/data/ci-jobs.json >ci_jobs.inc
 *   secret-tables attack rules/data/attack.json >attack.inc
 *   secret-tables residue rules/data/residue.json >residue.inc
 *
 * A fault in the file ends the build, with the file and the JSON pointer.
 */
#include <errno.h>
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "events/ci_jobs.h"
#include "sanitize/credential_table.h"
#include "sanitize/shape_table.h"
#include "wire.h"

/* A C string. The readers let only printable characters in. */
static void print_string(const char *s, size_t len)
{
	if (!s) {
		fputs("NULL", stdout);
		return;
	}
	putchar('"');
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"' || s[i] == '\\' || s[i] == '?')
			putchar('\\');
		putchar(s[i]);
	}
	putchar('"');
}

static void print_text(const char *s)
{
	print_string(s, s ? strlen(s) : 0);
}

static void print_part(const struct shape_part *p)
{
	fputs("{ ", stdout);
	print_string(p->literal, p->literal_len);
	printf(", %u, %u, %u, %u }", p->literal_len, p->set, p->least, p->most);
}

static void print_shapes(const struct shape_table *t)
{
	fputs("static const struct charset charsets[] = {\n", stdout);
	for (size_t i = 0; i < t->set_count; i++) {
		fputs("\t{ { ", stdout);
		for (size_t b = 0; b < sizeof(t->sets[i].bits); b++)
			printf("%u,", t->sets[i].bits[b]);
		fputs(" } },\n", stdout);
	}
	fputs("};\n\nstatic const struct shape shapes[] = {\n", stdout);
	for (size_t i = 0; i < t->count; i++) {
		const struct shape *s = &t->shapes[i];

		fputs("\t{ .id = ", stdout);
		print_text(s->id);
		printf(", .word = %d, .mixed = %d, .keep = %d, .has_lead = %d", s->word, s->mixed,
		       s->keep, s->has_lead);
		fputs(", .lead = ", stdout);
		print_part(&s->lead);
		printf(", .count = %u, .parts = { ", s->count);
		for (unsigned p = 0; p < s->count; p++) {
			print_part(&s->parts[p]);
			fputs(", ", stdout);
		}
		fputs("} },\n", stdout);
	}
	printf("};\n\nconst struct shape_table token_shapes = { shapes, %zu, charsets, %zu };\n",
	       t->count, t->set_count);
}

static void print_character(char c)
{
	if (c)
		printf("'%c'", c);
	else
		putchar('0');
}

static void print_command(const struct credential_command *c, size_t i)
{
	printf("\t{ .programs = programs_%zu, .options = options_%zu, .command = ", i, i);
	print_text(c->command);
	fputs(", .attached = ", stdout);
	print_text(c->attached);
	fputs(", .valued = ", stdout);
	print_text(c->valued);
	printf(", .arguments = %#x, .runs = %d, .reads = %d, .argument_separator = ", c->arguments,
	       c->runs, c->reads);
	print_character(c->argument_separator);
	fputs(" },\n", stdout);
}

static void print_options(const struct credential_table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		printf("static const char *const programs_%zu[] = { ", i);
		for (const char *const *p = t->commands[i].programs; *p; p++) {
			print_text(*p);
			fputs(", ", stdout);
		}
		printf("NULL };\nstatic const struct credential_option options_%zu[] = { ", i);
		for (const struct credential_option *o = t->commands[i].options; o->name; o++) {
			fputs("{ ", stdout);
			print_text(o->name);
			printf(", %u, ", o->credential);
			print_character(o->separator);
			fputs(" }, ", stdout);
		}
		fputs("{ NULL, 0, 0 } };\n", stdout);
	}
	fputs("static const struct credential_command commands[] = {\n", stdout);
	for (size_t i = 0; i < t->count; i++)
		print_command(&t->commands[i], i);
	printf("};\n\nconst struct credential_table credential_options = { commands, %zu };\n",
	       t->count);
}

/* A list of words, as a NULL-ended array; false if it is none. */
static bool print_words(const char *array, size_t i, json_t *list)
{
	json_t *word;
	size_t at;

	if (!json_is_array(list))
		return false;
	printf("static const char *const %s_%zu[] = { ", array, i);
	json_array_foreach(list, at, word) {
		const char *text = json_string_value(word);

		if (!text || !text[0])
			return false;
		for (const char *c = text; *c; c++)
			if (*c <= ' ' || *c > '~')
				return false;
		print_text(text);
		fputs(", ", stdout);
	}
	puts("NULL };");
	return true;
}

/* The table, whose member `key` must be a list: *ret, which is borrowed. NULL with e. */
static json_t *load_with_list(json_t **ret, const char *key, const char *name,
			      const struct buf *text, struct error *e)
{
	json_error_t why;
	json_t *root = json_loadb(text->at, text->len, JSON_REJECT_DUPLICATES, &why);

	*ret = json_object_get(root, key);
	if (json_is_array(*ret))
		return root;
	if (root)
		error_set(e, -EINVAL, "%s: /%s is no list", name, key);
	else
		error_set(e, -EINVAL, "%s: line %d: %s", name, why.line, why.text);
	json_decref(root);
	return NULL;
}

static int print_managers(const char *name, const struct buf *text, struct error *e)
{
	json_t *list, *one, *root = load_with_list(&list, "managers", name, text, e);
	size_t i;

	if (!root)
		return -EINVAL;
	json_array_foreach(list, i, one)
		if (!print_words("programs", i, json_object_get(one, "programs")) ||
		    !print_words("commands", i, json_object_get(one, "commands")) ||
		    !json_string_value(json_object_get(one, "source")))
			return error_set(e, -EINVAL,
					 "%s: /managers/%zu: needs programs, commands (lists of "
					 "words) and a source",
					 name, i);
	puts("\nconst struct other_manager other_managers[] = {");
	for (i = 0; i < json_array_size(list); i++)
		printf("\t{ programs_%zu, commands_%zu },\n", i, i);
	printf("};\nconst size_t other_manager_count = %zu;\n", json_array_size(list));
	json_decref(root);
	return 0;
}

static bool print_provider(size_t i, json_t *one)
{
	json_t *identity = json_object_get(one, "identity");

	if (!print_words("signs", i, json_object_get(one, "signs")) ||
	    !print_words("step", i, json_object_get(one, "step")))
		return false;
	for (size_t m = 0; m < CI_MEMBERS; m++) {
		char array[48];

		snprintf(array, sizeof(array), "member_%s", ci_members[m]);
		if (!print_words(array, i, json_object_get(identity, ci_members[m])))
			return false;
	}
	return json_object_size(identity) == CI_MEMBERS &&
	       json_string_length(json_object_get(one, "name")) &&
	       json_string_length(json_object_get(one, "source"));
}

/* The kernel side has room for so many bytes of a name. */
static bool short_words(json_t *list)
{
	json_t *word;
	size_t at;

	json_array_foreach(list, at, word)
		if (json_string_length(word) >= WS_JOB_NAME_MAX)
			return false;
	return true;
}

static bool print_start(size_t i, json_t *one)
{
	json_t *runner = json_object_get(one, "runner");

	return print_words("executables", i, json_object_get(one, "executables")) &&
	       print_words("through", i, json_object_get(one, "through")) &&
	       short_words(json_object_get(one, "executables")) &&
	       short_words(json_object_get(one, "through")) && json_string_length(runner) &&
	       json_string_length(runner) < WS_JOB_NAME_MAX &&
	       json_is_boolean(json_object_get(one, "whole")) &&
	       json_string_length(json_object_get(one, "provider")) &&
	       json_string_length(json_object_get(one, "source"));
}

static const char *member(json_t *one, const char *name)
{
	return json_string_value(json_object_get(one, name));
}

static int print_ci(const char *name, const struct buf *text, struct error *e)
{
	json_error_t why;
	json_t *root = json_loadb(text->at, text->len, JSON_REJECT_DUPLICATES, &why),
	       *providers = json_object_get(root, "providers"),
	       *starts = json_object_get(root, "starts"), *one;
	size_t i;

	if (!json_is_array(providers) || !json_is_array(starts) || json_array_size(starts) > 32)
		return error_set(e, -EINVAL, "%s: line %d: %s", name, why.line,
				 root ? "/providers or /starts is no list, or has too many entries"
				      : why.text);
	json_array_foreach(providers, i, one)
		if (!print_provider(i, one))
			return error_set(
				e, -EINVAL,
				"%s: /providers/%zu: needs a name, signs and step (lists of "
				"words), an identity with a list for each member, and a "
				"source",
				name, i);
	json_array_foreach(starts, i, one)
		if (!print_start(i, one))
			return error_set(
				e, -EINVAL,
				"%s: /starts/%zu: needs a provider, whole (true or false), a "
				"runner, executables and through (lists of short words), "
				"and a source",
				name, i);
	puts("\nconst struct ci_provider ci_providers[] = {");
	json_array_foreach(providers, i, one) {
		printf("\t{ \"%s\", signs_%zu, { ", member(one, "name"), i);
		for (size_t m = 0; m < CI_MEMBERS; m++)
			printf("member_%s_%zu, ", ci_members[m], i);
		printf("}, step_%zu },\n", i);
	}
	printf("};\nconst size_t ci_provider_count = %zu;\n", json_array_size(providers));
	puts("\nconst struct ci_start ci_starts[] = {");
	json_array_foreach(starts, i, one) {
		printf("\t{ \"%s\", \"%s\", ", member(one, "provider"), member(one, "runner"));
		print_text(member(one, "argument"));
		printf(", executables_%zu, through_%zu, %d },\n", i, i,
		       json_is_true(json_object_get(one, "whole")));
	}
	printf("};\nconst size_t ci_start_count = %zu;\n", json_array_size(starts));
	json_decref(root);
	return 0;
}

/* The bits of a technique's tactics; 0: they are wrong. */
static uint32_t tactic_bits(json_t *tactics, json_t *names)
{
	uint32_t bits = 0;
	json_t *name, *one;
	size_t n, i;

	json_array_foreach(names, n, name) {
		uint32_t bit = 0;

		json_array_foreach(tactics, i, one)
			if (json_equal(json_object_get(one, "id"), name))
				bit = UINT32_C(1) << i;
		if (!bit)
			return 0;
		bits |= bit;
	}
	return bits;
}

static int print_attack(const char *name, const struct buf *text, struct error *e)
{
	json_error_t why;
	json_t *root = json_loadb(text->at, text->len, JSON_REJECT_DUPLICATES, &why),
	       *tactics = json_object_get(root, "tactics"),
	       *techniques = json_object_get(root, "techniques"), *one;
	const char *before = "";
	size_t i;

	if (!json_is_array(techniques) || !json_array_size(tactics) ||
	    json_array_size(tactics) > 32 || !member(root, "version"))
		return error_set(e, -EINVAL, "%s: line %d: %s", name, why.line,
				 root ? "needs a version, tactics (at most 32) and techniques"
				      : why.text);
	json_array_foreach(tactics, i, one)
		if (!member(one, "id") || !member(one, "name"))
			return error_set(e, -EINVAL, "%s: /tactics/%zu: needs an id and a name",
					 name, i);
	json_array_foreach(techniques, i, one) {
		const char *id = member(one, "id");

		/* in the order of strcmp(): attack_find() halves the list */
		if (!id || strcmp(before, id) >= 0 || !member(one, "name") ||
		    !tactic_bits(tactics, json_object_get(one, "tactics")))
			return error_set(e, -EINVAL,
					 "%s: /techniques/%zu: needs an id (after the one before), "
					 "a name and tactics",
					 name, i);
		before = id;
	}
	printf("const char attack_version[] = \"%s\";\n", member(root, "version"));
	puts("const struct attack_tactic attack_tactics[] = {");
	json_array_foreach(tactics, i, one)
		printf("\t{ \"%s\", \"%s\" },\n", member(one, "id"), member(one, "name"));
	printf("};\nconst size_t attack_tactic_count = %zu;\n", json_array_size(tactics));
	puts("static const struct attack_technique techniques[] = {");
	json_array_foreach(techniques, i, one) {
		printf("\t{ \"%s\", ", member(one, "id"));
		print_text(member(one, "name"));
		printf(", %#x },\n", tactic_bits(tactics, json_object_get(one, "tactics")));
	}
	puts("};");
	json_decref(root);
	return 0;
}

static bool print_residue_lists(size_t i, json_t *one)
{
	json_t *except = json_object_get(one, "except"), *none = json_array();
	bool good = print_words("paths", i, json_object_get(one, "paths")) &&
		    print_words("except", i, except ?: none) &&
		    json_string_length(json_object_get(one, "what")) &&
		    json_string_length(json_object_get(one, "source"));

	json_decref(none);
	return good;
}

static int print_residue(const char *name, const struct buf *text, struct error *e)
{
	json_t *places, *one, *root = load_with_list(&places, "places", name, text, e);
	size_t i;

	if (!root)
		return -EINVAL;
	json_array_foreach(places, i, one)
		if (!print_residue_lists(i, one))
			return error_set(e, -EINVAL,
					 "%s: /places/%zu: needs what (words for it), paths and "
					 "maybe except (lists of words), and a source",
					 name, i);
	puts("\nconst struct residue_place residue_places[] = {");
	json_array_foreach(places, i, one) {
		fputs("\t{ ", stdout);
		print_text(member(one, "what"));
		printf(", paths_%zu, except_%zu, %d, %d, %d },\n", i, i,
		       json_is_true(json_object_get(one, "executables")),
		       json_is_true(json_object_get(one, "tree")),
		       json_is_true(json_object_get(one, "spool")));
	}
	printf("};\nconst size_t residue_place_count = %zu;\n", json_array_size(places));
	json_decref(root);
	return 0;
}

static int read_file(struct buf *ret, const char *name)
{
	_fclose_ FILE *f = fopen(name, "re");
	char piece[4096];
	size_t n;

	if (!f)
		return -errno;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(ret, piece, n);
	return ferror(f) ? -EIO : ret->failed ? -ENOMEM : 0;
}

static int print_table(const char *kind, const char *name, struct error *e)
{
	CLEANUP(credential_table_freep) struct credential_table *options = NULL;
	CLEANUP(shape_table_freep) struct shape_table *shapes = NULL;
	_buf_ struct buf text = BUF_INIT;
	int r = read_file(&text, name);

	if (r < 0)
		return error_set(e, r, "%s: cannot be read: %s", name, strerror(-r));
	printf("/* Generated from %s by scripts/secret-tables.c. */\n", name);
	if (strcmp(kind, "shapes") == 0) {
		r = shape_table_read(&shapes, name, text.at, text.len, e);
		if (r == 0)
			print_shapes(shapes);
	} else if (strcmp(kind, "options") == 0) {
		r = credential_table_read(&options, name, text.at, text.len, e);
		if (r == 0)
			print_options(options);
	} else if (strcmp(kind, "managers") == 0) {
		r = print_managers(name, &text, e);
	} else if (strcmp(kind, "ci") == 0) {
		r = print_ci(name, &text, e);
	} else if (strcmp(kind, "attack") == 0) {
		r = print_attack(name, &text, e);
	} else if (strcmp(kind, "residue") == 0) {
		r = print_residue(name, &text, e);
	} else {
		return error_set(e, -EINVAL, "there is no kind of table '%s'", kind);
	}
	return r < 0 ? r : fflush(stdout) ? error_set(e, -errno, "%s", strerror(errno)) : 0;
}

int main(int argc, char **argv)
{
	struct error e = { 0 };

	if (argc != 3) {
		fputs("usage: secret-tables shapes|options|managers|ci|attack|residue FILE\n",
		      stderr);
		return 2;
	}
	if (print_table(argv[1], argv[2], &e) < 0) {
		fprintf(stderr, "secret-tables: %s\n", e.text);
		return 1;
	}
	return 0;
}
