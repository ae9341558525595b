#!/bin/bash
# R04: no scripts, only a binding.gyp whose command substitution runs a thief; an honest addon
# beside it must build.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

[ -f /usr/include/node/node.h ] || { echo 'SKIP: no node headers in /usr/include/node'; exit 77; }
for program in /usr/bin/python3 make g++; do
	command -v "$program" >/dev/null || { echo "SKIP: $program is not installed"; exit 77; }
done

rt_begin R04 'binding.gyp alone'
rt_package palette-x 1.0.0 gyp - ''
RT_ATTACKERS=('palette-x 1.0.0 install')
rt_package honest-addon-x 1.0.0 gyp-honest - ''
RT_ATTACKERS=('palette-x 1.0.0 install')
RT_HONEST=(ms semver honest-addon-x)

rt_control
rt_leaked .ssh/id_ed25519
rt_ok 'the honest addon builds' lab_as_user "$RT_PROJECT" node -e "require('honest-addon-x')"

rt_guarded && rt_stopped palette-x 'secret|credential|ssh'
rt_end
