// SPDX-License-Identifier: GPL-2.0-only
/* test_ruleset_image.c - what reports need comes back as it was; what is no image is refused. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "policy/ruleset_image.h"

static struct ruleset *shipped(void)
{
	static const char *const dirs[] = { "rules" };
	struct ruleset *r = NULL;
	struct error e = { 0 };

	if (ruleset_load(&r, dirs, 1, &e) < 0)
		fail_msg("%s", e.text);
	return r;
}

static void same_text(const char *a, const char *b)
{
	if (a && b)
		assert_string_equal(a, b);
	else
		assert_ptr_equal(a, b);
}

static void same_list(const struct strings *a, const struct strings *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		assert_string_equal(a->at[i], b->at[i]);
}

static void comes_back(void **state)
{
	CLEANUP(ruleset_freep) struct ruleset *r = shipped(), *back = NULL;
	_buf_ struct buf image = BUF_INIT;
	struct error e = { 0 };

	(void)state;
	assert_int_equal(strings_add(&r->expired, "a tuning has expired"), 0);
	r->rules[0].tuned = strdup("action kill -> alert");
	ruleset_image(&image, r);
	assert_false(image.failed);
	assert_int_equal(ruleset_from_image(&back, image.at, image.len, &e), 0);
	assert_true(back->count > 50);
	assert_int_equal(back->count, r->count);
	same_list(&r->labels, &back->labels);
	same_list(&r->expired, &back->expired);
	assert_true(r->environment.count > 5);
	assert_int_equal(back->environment.count, r->environment.count);
	for (size_t i = 0; i < r->environment.count; i++) {
		const struct environment_entry *a = &r->environment.at[i],
					       *b = &back->environment.at[i];

		assert_int_equal(a->class, b->class);
		assert_int_equal(a->list, b->list);
		same_list(&a->variables, &b->variables);
		same_list(&a->below, &b->below);
	}
	for (size_t i = 0; i < r->count; i++) {
		const struct rule *a = &r->rules[i], *b = &back->rules[i];

		same_text(a->id, b->id);
		same_text(a->family, b->family);
		same_text(a->title, b->title);
		same_text(a->why, b->why);
		same_text(a->remedy, b->remedy);
		same_text(a->label, b->label);
		same_text(a->tuned, b->tuned);
		same_list(&a->after, &b->after);
		same_list(&a->attack, &b->attack);
		same_list(&a->references, &b->references);
		assert_int_equal(a->severity, b->severity);
		assert_int_equal(a->action, b->action);
		assert_int_equal(a->ops, b->ops);
		assert_int_equal(a->actors, b->actors);
		assert_int_equal(b->path.count, 0); /* no patterns */
	}
}

/* Cut anywhere, and with a byte too many; and whatever one byte is changed to, nothing breaks. */
static void damaged(void **state)
{
	CLEANUP(ruleset_freep) struct ruleset *r = shipped();
	_buf_ struct buf image = BUF_INIT;
	struct ruleset *back = NULL;

	(void)state;
	ruleset_image(&image, r);
	for (size_t len = 0; len < image.len; len += len < 600 ? 1 : 97)
		assert_int_equal(ruleset_from_image(&back, image.at, len, NULL), -EBADMSG);
	for (size_t i = 0; i < 2000; i++) {
		char was = image.at[i];

		image.at[i] = (char)(was ^ 0x81);
		if (ruleset_from_image(&back, image.at, image.len, NULL) == 0)
			ruleset_free(TAKE_PTR(back));
		image.at[i] = was;
	}
	buf_addc(&image, 0);
	assert_int_equal(ruleset_from_image(&back, image.at, image.len, NULL), -EBADMSG);
	assert_null(back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
