/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * redact_words.h - find the secrets in the words of a command: what redact_text.h removes from each
 * word, and words that are secret because of the words before them.
 */
#ifndef WORMSIGN_REDACT_WORDS_H
#define WORMSIGN_REDACT_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "sanitize/spans.h"

/*
 * argv: words, each ended by a NUL; the last one maybe not. Adds to *ret, and sorts it: then
 * spans_write() writes any of the words. cut: the last word was not read to its end.
 */
void redact_words(struct spans *ret, const char *argv, size_t len, bool cut);

#endif
