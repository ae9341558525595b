#!/bin/bash
# R16: what honest scripts read too (.npmrc, the environment) must hold no credential when a package's script looks.
#
# Reading it accuses nobody: one in ten honest packages does. So what leaves must be worthless.
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
	rt_is 'canaries at the sink' "$(lab_leaked web)" ''
	rt_files_kept
	rt_no_survivors
	rt_honest_installed
fi
rt_end
