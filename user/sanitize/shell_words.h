/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shell_words.h - the words of a command line as text. It is read as a shell would read it, and
 * roughly as other languages write commands, too: exec('curl -u a:b') and ["curl", "-u", "a:b"].
 */
#ifndef WORMSIGN_SHELL_WORDS_H
#define WORMSIGN_SHELL_WORDS_H

#include "sanitize/text_view.h"

enum shell_sign {
	SHELL_WORD,	   /* a word; its quotes are removed */
	SHELL_END,	   /* a command ends: ; & ( ) ` or a newline */
	SHELL_PIPE,	   /* a command ends, and the next one reads what it writes */
	SHELL_HERE_STRING, /* <<<: the next word is the command's input */
};

/* word: of SHELL_WORD; lives as long as the call. quoted: it may hold blanks. */
typedef void (*shell_words_fn)(void *arg, enum shell_sign sign, const struct text_view *word);

/* Call fn for each word and sign of v. Returns false, and has called fn for nothing, if there is no
 * memory. */
bool shell_words(const struct text_view *v, shell_words_fn fn, void *arg);

#endif
