#!/bin/bash
# R01: an install script reads .npmrc, the cloud keys and the environment, and posts them to a
# webhook.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R01 'npmrc, cloud keys and environment to a webhook'
rt_package color-tools-x 1.4.2 classic postinstall 'node collect.js'

rt_control
rt_is 'npm is content' "$RT_STATUS" 0
rt_leaked .npmrc .aws/credentials env:NPM_TOKEN env:GITHUB_TOKEN

rt_guarded && rt_stopped color-tools-x 'secret|credential|aws'

[ -z "${VMTEST:-}" ] || rt_end # one npm install takes a minute in an emulated CPU

# The same as a plain dependency: npm then undoes the installation, but nothing may get out either.
RT_DEPENDENCIES=(color-tools-x)
rt_control plain
rt_leaked .npmrc .aws/credentials
if rt_guarded plain; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused color-tools-x 'secret|credential|aws'
	rt_silent
	rt_files_kept
	rt_no_survivors
fi
rt_end
