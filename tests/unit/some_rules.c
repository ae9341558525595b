// SPDX-License-Identifier: GPL-2.0-only
/* some_rules.c - a small set of rules made in memory, for tests. */
#include "some_rules.h"

const struct ruleset *some_rules(bool outlive)
{
	static char *attack[] = { "T1552.001", "T1195" },
		    *references[] = { "https://example.org/a" };
	static char *labels[] = { "secret-read" };
	static struct rule rules[SOME_RULES] = {
		[RULE_SECRET] = { .id = "cloud-credentials-read",
				  .family = "secrets",
				  .title = "Install script reads cloud credentials",
				  .why = "Install scripts never need cloud credentials.",
				  .remedy = "Rotate it; PACKAGE took it.",
				  .severity = WS_SEV_CRITICAL,
				  .action = WS_KILL,
				  .ops = 1u << WS_OP_READ | 1u << WS_OP_CONNECT,
				  .actors = 1u << WS_ACTOR_PACKAGE,
				  .label = "secret-read" },
		[RULE_HOME] = { .id = "home-hidden",
				.family = "home",
				.title = "The rest of the home",
				.why = "It is nobody's business.",
				.remedy = "",
				.severity = WS_SEV_INFO,
				.action = WS_HIDE,
				.ops = 1u << WS_OP_READ,
				.actors = 1u << WS_ACTOR_PACKAGE },
		[RULE_NPMRC] = { .id = "npmrc-read",
				 .family = "secrets",
				 .title = "Install script reads npmrc",
				 .why = "Some honest ones do, too.",
				 .remedy = "Look at it.",
				 .severity = WS_SEV_LOW,
				 .action = WS_ALERT,
				 .ops = 1u << WS_OP_READ,
				 .actors = 1u << WS_ACTOR_PACKAGE },
		[RULE_OUTLIVE_ALERT] = { .id = "outlive-alert",
					 .family = "survival",
					 .title = "A process stays",
					 .why = "It may be harmless.",
					 .remedy = "Look at it.",
					 .severity = WS_SEV_LOW,
					 .action = WS_ALERT,
					 .ops = 1u << WS_OP_OUTLIVE,
					 .actors = 1u << WS_ACTOR_PACKAGE },
	};
	static struct ruleset set = { .rules = rules, .labels = { labels, 1 } };

	rules[RULE_SECRET].attack = (struct strings){ attack, 2 };
	rules[RULE_SECRET].references = (struct strings){ references, 1 };
	set.count = outlive ? SOME_RULES : SOME_RULES - 1;
	return &set;
}
