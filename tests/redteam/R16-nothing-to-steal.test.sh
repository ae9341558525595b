#!/bin/bash
# R16: what no honest script needs is not there to be stolen: the secrets of the environment. Each
# script is held at its exec until they are gone; a helper of the same package that continues it
# early gains nothing.
#
# Known limit: honest scripts read ~/.npmrc, too, so a small theft of what it holds is reported and
# not stopped. If that part fails because nothing leaves any more, invert it and remove the limit
# from SECURITY.md.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R16 'npmrc and environment'
rt_package read-npmrc-x 1.0.0 files postinstall 'node take.js .npmrc'
rt_package read-environment-x 1.0.0 - postinstall \
	"node -e \"require('./kit.js').post('/env', process.env)\""
rt_package read-printenv-x 1.0.0 files postinstall 'env | node post-stdin.js'
rt_package read-proc-x 1.0.0 files install \
	'cat /proc/self/environ /proc/$$/environ | node post-stdin.js'
rt_package read-python-x 1.0.0 files preinstall \
	"python3 -c 'import os; print(dict(os.environb))' | node post-stdin.js"
rt_package read-nested-x 1.0.0 files postinstall \
	'npm run --silent again; npm config list -l | node post-stdin.js'

rt_control
rt_leaked .npmrc env:NPM_TOKEN env:GITHUB_TOKEN env:AWS_SECRET_ACCESS_KEY

if rt_guarded; then
	rt_ok 'known limit: the npmrc leaves' rt_has_leaked .npmrc
	rt_is 'nothing of the environment at the sink' "$(lab_leaked web | grep '^env:')" ''
	rt_ok 'reading the npmrc is reported' \
		[ -n "$(rt_events 'rule.id=npmrc-read' package.name=read-npmrc-x)" ]
	rt_ok 'the log names what was withheld' \
		[ -n "$(rt_events 'wormsign.withheld.names=NPM_TOKEN')" ]
	rt_is 'files of value beyond these at the sink' \
		"$(lab_leaked web | grep -vE '^(env:|\.npmrc$)')" ''
	rt_files_kept
	rt_no_survivors
	rt_honest_installed
fi
rt_end
