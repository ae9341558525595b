// SPDX-License-Identifier: GPL-2.0-only
/* test_own_event.c - an event that the schema of the log allows, with an id of its own. */
#include <string.h>

#include "base/cleanup.h"
#include "cmocka_all.h"
#include "delivery/own_event.h"
#include "json_schema.h"

static void by_the_schema(void **state)
{
	_json_ json_t *schema = json_load_file("user/event.schema.json", 0, NULL), *back = NULL;
	const struct own_event o = {
		.action = "gap", .kind = "pipeline_error", .origin = 0xab, .sequence = 7
	};
	_buf_ struct buf out = BUF_INIT;
	char id[OWN_EVENT_ID], why[512] = "";

	(void)state;
	own_event_id(id, &o);
	assert_string_equal(id, "gap-00000000000000ab-7");
	own_event_write(&out, own_event_new(&o, "n\xc3\xbc"));
	assert_false(out.failed);
	assert_non_null(strstr(out.at, "\"message\":\"n\\u00FC\""));
	back = json_loads(out.at, 0, NULL);
	if (json_schema_check(schema, back, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	/* what the log must have, delivery's own events need not */
	json_object_set_new(json_object_get(back, "event"), "dataset",
			    json_string("wormsign.events"));
	assert_int_equal(json_schema_check(schema, back, why, sizeof(why)), -1);
	own_event_write(&out, NULL);
	assert_true(out.failed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_the_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
