#!/bin/bash
# R03: the same theft inline where CI is set and detached where it is not; both lanes must send
# nothing and leave nothing behind.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R03 'inline in CI, detached on a desk'
rt_package color-lanes-x 2.0.1 lanes postinstall 'node install.js'

# Status and log agree on what became of it.
rt_ended() {
	if [ "$RT_STATUS" = 86 ]; then
		rt_events 'wormsign.verdict~^kill$' package.name=color-lanes-x \
			'rule.category,rule.ruleset~^(secrets|escape)$'
	else
		[ "$RT_STATUS" = 0 ] &&
			rt_events event.action=leftover package.name=color-lanes-x
	fi
}

for lane in ci desk; do
	RT_ENV=()
	[ "$lane" = desk ] || RT_ENV=(CI=true GITHUB_ACTIONS=true)
	rt_control "$lane"
	rt_is 'npm is content' "$RT_STATUS" 0
	rt_ok 'the keys reach the sink' rt_eventually 10 rt_has_leaked .aws/credentials
	rt_guarded "$lane" || continue
	if [ "$lane" = ci ]; then
		rt_stopped color-lanes-x '^secrets$'
	else
		# Detached, it still sleeps when npm ends, and has done nothing so far: it is ended
		# and reported, without an accusation. If npm takes longer, it reads and is accused.
		rt_ok 'it is reported as left over, or accused' rt_ended
		rt_no_innocent_accused
		rt_silent
		rt_files_kept
		rt_no_survivors
		rt_honest_installed
	fi
	sleep 3
	rt_silent
done
rt_end
