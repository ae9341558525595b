// SPDX-License-Identifier: GPL-2.0-only
/* verdict_rule.c - the rule behind a verdict. */
#include "events/verdict_rule.h"

#include "base/cleanup.h"

/* What the engine decides without a rule. */
static const struct engine_rule {
	uint32_t index;
	struct verdict_rule rule;
} engine_rules[] = {
	{ WS_RULE_UNRESOLVED,
	  { .id = "engine-unresolved",
	    .title = "Install script changed or ran something whose path could not be resolved",
	    .why = "A path too deep or too long to follow, or a program that is deleted before it "
		   "is run, could be anything, so no rule can permit it.",
	    .remedy = "Look at what the script does before you install the package again.",
	    .severity = WS_SEV_HIGH,
	    .action = WS_DENY } },
	{ WS_RULE_CONDEMNED,
	  { .id = "engine-condemned",
	    .title = "A process of a condemned script went on",
	    .why = "The script was condemned before; each of its processes still alive dies at "
		   "its next operation.",
	    .remedy = "See the verdict that condemned it.",
	    .severity = WS_SEV_INFO,
	    .action = WS_KILL } },
	{ WS_RULE_LINEAGE,
	  { .id = "engine-lineage",
	    .title = "A child process could not be entered in the lineage",
	    .why = "A process that is not in the lineage is not watched, so it must not run.",
	    .remedy = "Free memory on this machine, then run the command again.",
	    .severity = WS_SEV_MEDIUM,
	    .action = WS_KILL } },
	{ WS_RULE_HELD,
	  { .id = "engine-held",
	    .title = "A script ran before the secrets were taken out of its environment",
	    .why = "Scripts of packages are stopped until their environment holds no secret. "
		   "This one was continued by another process before that was done. Honest "
		   "programs have no reason to do that; it gives a script the secrets.",
	    .remedy = "Remove the package, and renew the tokens that this job's environment holds.",
	    .severity = WS_SEV_HIGH,
	    .action = WS_KILL } },
	{ WS_RULE_GUARD,
	  { .id = "engine-guard",
	    .title = "A process of the session reached for wormsign itself",
	    .why = "A process that stops wormsign or changes its memory would go on unwatched. A "
		   "job that kills its whole process group does so without meaning to.",
	    .remedy = "Nothing to do, unless a script did it: the log names the process.",
	    .severity = WS_SEV_LOW,
	    .action = WS_HIDE } },
};

/* In force where no rule is about outliving the command. */
static const struct verdict_rule outlive_rule = {
	.id = "outlive",
	.title = "Install script left a process behind",
	.why = "A process that keeps running after the installation can act when it is no longer "
	       "watched.",
	.remedy = "It was killed. Remove the package unless you know why it needs a process of its "
		  "own.",
	.severity = WS_SEV_HIGH,
	.action = WS_KILL,
	.family = "engine",
};

static const struct verdict_rule search_rule = {
	.id = "home-search",
	.title = "Install script looks for many files of the home directory",
	.why = "Honest scripts ask for a few files of their own tools. One that goes through the "
	       "home "
	       "looks for something to take.",
	.remedy = "See what it asked for: sudo grep home-hidden LOG.",
	.severity = WS_SEV_MEDIUM,
	.action = WS_ALERT,
	.family = "engine",
};

static const struct verdict_rule shadowed_rule = {
	.id = "system-program-shadowed",
	.title = "A dependency's program runs in place of one of the system",
	.why = "Package managers put node_modules/.bin first in PATH: a dependency's bin called sh "
	       "or "
	       "node runs in place of the system's, as the project's own code.",
	.remedy = "Look at the package before you run it again: npm view PACKAGE bin. Wormsign did "
		  "not judge its program as a package.",
	.severity = WS_SEV_HIGH,
	.action = WS_ALERT,
	.family = "engine",
};

static void from_rule(struct verdict_rule *ret, const struct rule *r)
{
	*ret = (struct verdict_rule){ .id = r->id,
				      .title = r->title,
				      .why = r->why,
				      .remedy = r->remedy,
				      .family = r->family,
				      .severity = r->severity,
				      .action = r->action,
				      .rule = r };
}

void verdict_rule(struct verdict_rule *ret, const struct ruleset *rules, uint32_t index)
{
	if (rules && index < rules->count) {
		from_rule(ret, &rules->rules[index]);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(engine_rules); i++)
		if (engine_rules[i].index == index) {
			*ret = engine_rules[i].rule;
			ret->family = "engine";
			return;
		}
	*ret = (struct verdict_rule){ .id = "engine-unknown",
				      .title = "A rule that is not among those loaded",
				      .family = "engine",
				      .severity = WS_SEV_MEDIUM };
}

void verdict_rule_outlive(struct verdict_rule *ret, const struct ruleset *rules, unsigned actor)
{
	for (size_t i = 0; rules && i < rules->count; i++)
		if (rules->rules[i].ops & (1u << WS_OP_OUTLIVE) &&
		    rules->rules[i].actors & (1u << actor)) {
			from_rule(ret, &rules->rules[i]);
			return;
		}
	*ret = outlive_rule;
}

void verdict_rule_search(struct verdict_rule *ret)
{
	*ret = search_rule;
}

const char *verdict_rule_engine_id(size_t n)
{
	const char *const others[] = { outlive_rule.id, search_rule.id, shadowed_rule.id };

	if (n < ARRAY_SIZE(engine_rules))
		return engine_rules[n].rule.id;
	n -= ARRAY_SIZE(engine_rules);
	return n < ARRAY_SIZE(others) ? others[n] : NULL;
}

void verdict_rule_shadowed(struct verdict_rule *ret)
{
	*ret = shadowed_rule;
}
