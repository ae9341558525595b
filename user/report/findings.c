// SPDX-License-Identifier: GPL-2.0-only
/* findings.c - a session's verdicts by script and rule, and its connections by script. */
#include "report/findings.h"

#include <stdlib.h>
#include <string.h>

enum finding_kind finding_kind(const struct finding *f)
{
	if (f->reported && f->action >= WS_DENY)
		return FINDING_ALERT;
	if (f->action >= WS_DENY)
		return f->stops ? FINDING_STOPPED : FINDING_REFUSED;
	return f->action == WS_HIDE ? FINDING_HIDDEN : FINDING_ALERT;
}

void findings_free(struct findings *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->at[i].tried);
		for (size_t k = 0; k < f->at[i].sample_count; k++)
			free(f->at[i].samples[k].text);
		free(f->at[i].samples);
		free(f->at[i].classes);
	}
	for (size_t i = 0; i < f->to_count; i++)
		free(f->to[i].text);
	free(f->at);
	free(f->to);
	*f = (struct findings){ 0 };
}

/* Room for one more entry of `size` bytes in the list at *at. */
static bool make_room(void *at, size_t *room, size_t count, size_t size, size_t most)
{
	size_t more = *room ? *room * 2 : 16;
	void *p;

	if (count < *room)
		return true;
	if (count >= most)
		return false;
	p = realloc(*(void **)at, more * size);
	if (!p)
		return false;
	*(void **)at = p;
	*room = more;
	return true;
}

/* The index of a sample of this text, entered if it is new; -1: there is no room. */
static int sample_of(struct finding *f, const char *text)
{
	struct finding_sample *new;

	for (size_t i = 0; i < f->sample_count; i++)
		if (strcmp(f->samples[i].text, text) == 0)
			return (int)i;
	if (!make_room(&f->samples, &f->sample_room, f->sample_count, sizeof(*f->samples),
		       FINDING_SAMPLES))
		return -1;
	new = &f->samples[f->sample_count];
	*new = (struct finding_sample){ .text = strdup(text) };
	return new->text ? (int)f->sample_count++ : -1;
}

static void add_sample(struct finding *f, const struct finding *one)
{
	int sample;

	if (!one->sample)
		return;
	sample = sample_of(f, one->sample);
	if (sample < 0) {
		f->samples_more++;
		return;
	}
	f->samples[sample].count++;
	for (size_t i = 0; i < f->class_count; i++)
		if (f->classes[i].class == one->class)
			return;
	if (make_room(&f->classes, &f->class_room, f->class_count, sizeof(*f->classes),
		      FINDING_CLASSES))
		f->classes[f->class_count++] =
			(struct finding_class){ .class = one->class, .sample = (uint32_t)sample };
}

void findings_add(struct findings *f, const struct finding *one)
{
	for (size_t i = f->count; i > 0; i--) {
		struct finding *known = &f->at[i - 1];

		if (known->scope != one->scope || known->rule != one->rule ||
		    known->actor != one->actor || known->mode != one->mode ||
		    (one->action == WS_HIDE && known->effect != one->effect))
			continue;
		known->count++;
		known->stops |= one->stops;
		add_sample(known, one);
		return;
	}
	if (!make_room(&f->at, &f->room, f->count, sizeof(*f->at), FINDINGS_MAX)) {
		f->left_out++;
		return;
	}
	f->at[f->count] = (struct finding){
		.scope = one->scope,
		.actor = one->actor,
		.rule = one->rule,
		.action = one->action,
		.mode = one->mode,
		.effect = one->effect,
		.count = 1,
		.tried = one->tried ? strdup(one->tried) : NULL,
		.stops = one->stops,
		.reported = one->reported,
	};
	add_sample(&f->at[f->count], one);
	f->count++;
}

const struct finding *findings_fold(struct findings *f, const struct ws_report_key *key,
				    uint64_t count, const char **ret_sample)
{
	struct finding *first = NULL;

	*ret_sample = NULL;
	for (size_t i = 0; i < f->count; i++) {
		struct finding *known = &f->at[i];

		if (known->scope != key->scope || known->rule != key->rule)
			continue;
		first = first ?: known;
		for (size_t k = 0; k < known->class_count && !(key->class & WS_REPORT_COARSE); k++)
			if (known->classes[k].class == key->class) {
				struct finding_sample *s =
					&known->samples[known->classes[k].sample];

				s->count += count;
				known->count += count;
				known->folded += count;
				*ret_sample = s->text;
				return known;
			}
	}
	if (first) {
		first->count += count;
		first->folded += count;
		first->samples_more += count;
	}
	return first;
}

void findings_connect(struct findings *f, uint64_t scope, uint32_t actor, const char *text)
{
	char *copy;

	for (size_t i = 0; i < f->to_count; i++)
		if (f->to[i].scope == scope && strcmp(f->to[i].text, text) == 0)
			return;
	copy = strdup(text);
	if (!copy ||
	    !make_room(&f->to, &f->to_room, f->to_count, sizeof(*f->to), DESTINATIONS_MAX)) {
		free(copy);
		f->to_left_out++;
		return;
	}
	f->to[f->to_count++] = (struct destination){ .scope = scope, .actor = actor, .text = copy };
}
