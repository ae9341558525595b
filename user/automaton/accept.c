// SPDX-License-Identifier: GPL-2.0-only
/* accept.c - see accept.h. */
#include "automaton/accept.h"

#include "decide.h"

void accept_or(struct ws_set *to, const struct ws_set *from)
{
	ws_mask_or(&to->match, &from->match);
	ws_mask_or(&to->except, &from->except);
	ws_mask_or(&to->exe_match, &from->exe_match);
	ws_mask_or(&to->exe_except, &from->exe_except);
	ws_mask_or(&to->above, &from->above);
	ws_mask_or(&to->except_new, &from->except_new);
	to->shared |= from->shared;
	to->builds |= from->builds;
	to->sets_up |= from->sets_up;
	to->shell |= from->shell;
	if (from->manager && (!to->manager || from->manager < to->manager))
		to->manager = from->manager;
}

static bool includes(const struct ws_mask *all, const struct ws_mask *part)
{
	struct ws_mask missing = *part;

	ws_mask_andnot(&missing, all);
	return ws_mask_empty(&missing);
}

bool accept_includes(const struct ws_set *all, const struct ws_set *part)
{
	return includes(&all->match, &part->match) && includes(&all->except, &part->except) &&
	       includes(&all->exe_match, &part->exe_match) &&
	       includes(&all->exe_except, &part->exe_except) &&
	       includes(&all->above, &part->above) &&
	       includes(&all->except_new, &part->except_new) && (all->shared || !part->shared) &&
	       (all->manager || !part->manager) && !(part->builds & ~all->builds) &&
	       !(part->sets_up & ~all->sets_up) && !(part->shell & ~all->shell);
}
