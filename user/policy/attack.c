// SPDX-License-Identifier: GPL-2.0-only
/* attack.c - see attack.h. */
#include "policy/attack.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#include "attack.inc"

static int by_id(const void *id, const void *technique)
{
	return strcmp(id, ((const struct attack_technique *)technique)->id);
}

const struct attack_technique *attack_find(const char *id)
{
	return bsearch(id, techniques, ARRAY_SIZE(techniques), sizeof(*techniques), by_id);
}

const struct attack_technique *attack_parent(const struct attack_technique *t)
{
	char id[16] = "";
	size_t len = strcspn(t->id, ".");

	if (!t->id[len] || len >= sizeof(id))
		return t;
	memcpy(id, t->id, len);
	return attack_find(id) ?: t;
}

void attack_text(struct buf *out, const char *id)
{
	const struct attack_technique *t = attack_find(id), *parent = t ? attack_parent(t) : NULL;
	const char *before = " (";

	buf_adds(out, id);
	if (!t)
		return;
	buf_addf(out, " %s%s%s", parent == t ? "" : parent->name, parent == t ? "" : ": ", t->name);
	for (size_t i = 0; i < attack_tactic_count; i++)
		if (t->tactics & UINT32_C(1) << i) {
			buf_addf(out, "%s%s", before, attack_tactics[i].name);
			before = ", ";
		}
	buf_addc(out, ')');
}
