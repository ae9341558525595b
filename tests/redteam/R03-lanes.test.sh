#!/bin/bash
# R03: the same theft inline where CI is set and detached where it is not; both lanes must end alike.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R03 'inline in CI, detached on a desk'
rt_package color-lanes-x 2.0.1 lanes postinstall 'node install.js'

for lane in ci desk; do
	RT_ENV=()
	[ "$lane" = desk ] || RT_ENV=(CI=true GITHUB_ACTIONS=true)
	rt_control "$lane"
	rt_is 'npm is content' "$RT_STATUS" 0
	rt_ok 'the keys reach the sink' rt_eventually 10 rt_has_leaked .aws/credentials
	rt_guarded "$lane" || continue
	# Detached, it still sleeps when the command ends, and dies for that before it has read anything.
	rt_stopped color-lanes-x "$([ "$lane" = ci ] && echo '^secrets$' || echo '^(secrets|escape)$')"
	sleep 3
	rt_silent
done
rt_end
