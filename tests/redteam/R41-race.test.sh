#!/bin/bash
# R41: read and send within microseconds, many processes behind one barrier, and threads that use
# another's descriptor.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R41 'the race against the kill'
rt_package race-process-x 1.0.0 - postinstall \
	"./bin/race process ~/.aws/credentials $RT_SINK 64 1000; true" race
rt_package race-udp-x 1.0.0 - postinstall \
	"./bin/race udp ~/.vault-token $RT_SINK 64 1000; true" race
rt_package race-thread-x 1.0.0 - postinstall \
	"./bin/race thread ~/.kube/config $RT_SINK 8 1000; true" race

rt_control
rt_leaked .aws/credentials .vault-token .kube/config

if rt_guarded; then
	rt_stopped race-process-x '^(secrets)$' race-udp-x '^(secrets)$' race-thread-x '^(secrets)$'
fi
rt_end
