#!/bin/bash
# R07: helper programs print tokens (gh, gcloud, az, kubectl, git credential); a nested npm that
# asks for nothing passes.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R07 'other programs fetch the token'
# Stand-ins that do what the real ones do: print a token from the file that is theirs.
while read -r name file; do
	rt_tool "$name" <<-TOOL
		#!/bin/sh
		exec cat "\$HOME/$file"
	TOOL
done <<-'TOOLS'
	gh .config/gh/hosts.yml
	gcloud .config/gcloud/access_tokens.db
	az .azure/accessTokens.json
	kubectl .kube/config
TOOLS
# shellcheck disable=SC2034 # read in lib.sh
RT_CHANGED=1 # ~/.gitconfig
rt_setup() { lab_as_user "$RT_PROJECT" git config --global credential.helper store; }

rt_package ask-gh-x 1.0.0 helper postinstall 'node ask.js gh auth token'
rt_package ask-gcloud-x 1.0.0 helper postinstall \
	'node ask.js gcloud config config-helper --format json'
rt_package ask-az-x 1.0.0 helper postinstall 'node ask.js az account get-access-token'
rt_package ask-kubectl-x 1.0.0 helper postinstall 'node ask.js kubectl get secret -A -o json'
rt_package ask-git-x 1.0.0 helper postinstall \
	"node ask.js git credential fill '<' protocol=https host=example.invalid"
attackers=("${RT_ATTACKERS[@]}")
rt_package honest-nested-x 1.0.0 - postinstall \
	'npm config get registry && npm ls --json >/dev/null 2>&1; npm --version'
RT_ATTACKERS=("${attackers[@]}")

rt_control
rt_leaked .config/gh/hosts.yml .config/gcloud/access_tokens.db .azure/accessTokens.json \
	.kube/config .git-credentials

if rt_guarded; then
	rt_stopped ask-gh-x '^(secrets)$' ask-gcloud-x '^(secrets)$' ask-az-x '^(secrets)$' \
		ask-kubectl-x '^(secrets)$' ask-git-x '^(secrets)$'
	rt_ok 'the package with a nested npm is there' \
		[ -f "$RT_PROJECT/node_modules/honest-nested-x/package.json" ]
fi
rt_end
