#!/bin/bash
# R13: the loop of a worm: it takes the token, fetches three packages of the victim, injects, bumps
# and publishes them.
#
# With the npm program, by plain HTTP with the token it finds, and with a token it brings along. The
# job's own `npm publish` afterwards must pass.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R13 'a worm publishes'
for name in lab-victim-a lab-victim-b lab-victim-c; do
	mkdir -p "$LAB/victims/$name"
	echo "{\"name\":\"$name\",\"version\":\"1.0.0\"}" >"$LAB/victims/$name/package.json"
	lab_publish "$LAB/victims/$name" || exit 2
done
versions() {
	for name in lab-victim-a lab-victim-b lab-victim-c; do lab_versions "$name"; done | wc -l
}
# The registry writes its log with a delay: entries of the control run may appear later.
settled() {
	local last=-1 now same=0 _
	for _ in {1..60}; do
		now=$(accepted)
		[ "$now" = "$last" ] || same=0
		[ "$now" -le "$1" ] || same=$((same + 1))
		[ $same -lt 6 ] || return
		last=$now
		sleep 0.5
	done
	rt_is 'the log shows what the control published' no yes
}
accepted() { grep -cE 'PUT.* (200|201)|(200|201).*PUT' "$LAB_REGISTRY_LOG"; }

for way in cli http brought; do
	RT_DEPENDENCIES=() RT_ATTACKERS=()
	rt_package "worm-$way-x" 3.2.1 worm postinstall "node by-${way/brought/http}.js $way"
	before=$(versions) puts=$(accepted)
	rt_control "$way"
	rt_is 'versions published by the worm' "$(($(versions) - before))" 3
	settled "$puts"
	before=$(versions)
	puts=$(accepted)
	rt_guarded "$way" || continue
	rt_is 'versions published by the worm' "$(($(versions) - before))" 0
	sleep 1 # see settled
	rt_is 'PUTs that the registry took' "$(($(accepted) - puts))" 0
	if [ "$way" = http ] &&
		rt_events rule.id=npmrc-hidden "package.name=worm-$way-x" >/dev/null; then
		# it was not given the token, and does nothing
		rt_is 'exit status' "$RT_STATUS" 0
		rt_no_innocent_accused
		rt_silent
	else
		rt_stopped "worm-$way-x" '^(propagation)$'
	fi
	rt_is 'ancestry reported whole' "$(grep -c 'lineage incomplete' "$LAB/out.$RT_LANE")" 0
done

# The job's own publication is not judged.
rt_setup() {
	jq '.name = "job-own-package" | del(.private, .dependencies, .optionalDependencies)' \
				"$RT_PROJECT/package.json" >"$LAB/own.json"
	cat "$LAB/own.json" >"$RT_PROJECT/package.json"
}
RT_COMMAND=(npm publish)
if rt_guarded job; then
	rt_peaceful
	rt_is 'the job has published' "$(lab_versions job-own-package)" 1.0.0
fi
rt_end
