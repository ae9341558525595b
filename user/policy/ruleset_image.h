/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ruleset_image.h - a rule set as bytes, so that another process of the same build can report by it
 * without reading the rules again: names, words, actions and labels, but no patterns; and the
 * tables of variables. Integers are this machine's, strings end with a NUL.
 */
#ifndef WORMSIGN_RULESET_IMAGE_H
#define WORMSIGN_RULESET_IMAGE_H

#include "base/buf.h"
#include "base/error.h"
#include "policy/ruleset.h"

/* Append the image of r; out->failed if memory ran out. */
void ruleset_image(struct buf *out, const struct ruleset *r);
/* An owned *ret, to be freed with ruleset_free(). -EBADMSG, -ENOMEM, explained in e. Its rules
 * match nothing: they have no patterns. */
int ruleset_from_image(struct ruleset **ret, const char *bytes, size_t len, struct error *e);

#endif
