#!/bin/bash
# R11: the runner's own files and the checkout's token are read; git itself may still read its
# configuration.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R11 'files of the CI runner'
rt_setup() {
	local token=checkout-token-$LAB_MARK
	rt_canary checkout-token "$token"
	lab_as_user "$RT_PROJECT" git init -q
	lab_as_user "$RT_PROJECT" git config http.https://example.invalid/.extraheader \
		"AUTHORIZATION: basic $token"
	# as checkout v6: outside of the checkout, by condition, and from there another file
	token=included-token-$LAB_MARK
	rt_canary included-token "$token"
	lab_as_user "$RT_PROJECT" git config "includeIf.gitdir:$RT_PROJECT/.git.path" \
		"$RT_HOME/actions-runner/_work/_temp/first"
	lab_as_user "$RT_PROJECT" git config -f "$RT_HOME/actions-runner/_work/_temp/first" \
		include.path second
	lab_as_user "$RT_PROJECT" git config -f "$RT_HOME/actions-runner/_work/_temp/second" \
		http.https://example.invalid/.extraheader "AUTHORIZATION: basic $token"
}
rt_package run-credentials-x 1.0.0 files postinstall 'node take.js actions-runner/.credentials'
rt_package run-rsa-x 1.0.0 files postinstall 'node take.js actions-runner/.credentials_rsaparams'
rt_package run-commands-x 1.0.0 files postinstall \
		'node take.js actions-runner/_work/_temp/_runner_file_commands/set_env_lab'
rt_package run-checkout-x 1.0.0 files postinstall 'node take.js project:.git/config'
rt_package run-included-x 1.0.0 files postinstall \
		'git log -1; git status && node take.js actions-runner/_work/_temp/second'

rt_control
rt_leaked actions-runner/.credentials actions-runner/.credentials_rsaparams \
		actions-runner/_work/_temp/_runner_file_commands/set_env_lab checkout-token \
		included-token

if rt_guarded; then
	rt_stopped run-credentials-x '^(secrets)$' run-rsa-x '^(secrets)$' run-commands-x \
		'^(secrets)$'
	rt_kept_out run-checkout-x 'git-token-(absent|read)'
	rt_kept_out run-included-x 'git-token-(absent|hidden|read)'
fi

RT_COMMAND=(git status --short)
rt_guarded git && rt_peaceful
rt_end
