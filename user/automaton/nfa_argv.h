/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * nfa_argv.h - argv patterns as steps of the graph, word by word: the first word with and without
 * its directories, options and words that may be skipped, and `#!`, a program or the script of an
 * interpreter.
 */
#ifndef WORMSIGN_NFA_ARGV_H
#define WORMSIGN_NFA_ARGV_H

#include "automaton/nfa_graph.h"
#include "automaton/pattern.h"

/*
 * Move *at from the start node past pattern p (WS_DFA_ARGV). *ret_tail: if the pattern ends in
 * `-**` or `**`, the node within a word that this stands for, else NFA_NONE. 0, -ENOMEM, or -E2BIG
 * explained in e.
 */
int nfa_step_argv(struct nfa *n, uint32_t *at, uint32_t *ret_tail, const struct pattern *p,
		  struct error *e);

#endif
