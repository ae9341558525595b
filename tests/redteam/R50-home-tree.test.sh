#!/bin/bash
# R50: the home is the work tree of a repository of dot-files, and the project a directory below it.
# Packages may ask git about the project, which looks into every directory of the home; they may
# not look there themselves, nor have git read the files.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh
command -v git >/dev/null || { echo 'SKIP: git is not installed'; exit 77; }

rt_begin R50 'a home under git'
RT_SCRIPTED=() RT_HONEST=(ms)
rt_setup() {
	lab_as_user "$RT_HOME" sh -c 'git init -q . && git config user.email ci@localhost &&
		git config user.name ci && git add .profile work/app/package.json &&
		git commit -qm start' || exit 2
	touch -d 2020-01-01 "$RT_PROJECT/package.json" # so that git writes its index
}
ASK='cd "$INIT_CWD" && '
rt_package status-h 1.0.0 - postinstall "$ASK git status --short"
rt_package all-h 1.0.0 - postinstall "$ASK git status --porcelain -uall >/dev/null"
rt_package describe-h 1.0.0 - postinstall "$ASK git describe --always --dirty"
rt_package log-h 1.0.0 - postinstall \
	"$ASK git rev-parse HEAD && git log -1 && git diff --stat && git ls-files -o >/dev/null"
if rt_guarded honest; then
	rt_peaceful
	rt_ok 'what git was not to see is in the log' rt_events rule.id=ssh-keys \
		wormsign.verdict=hide package.name=all-h
fi

RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package ls-x 1.0.0 - postinstall 'exec ls ~/.ssh'
rt_package hash-x 1.0.0 - postinstall "$ASK exec git hash-object -w ~/.aws/credentials"
rt_package diff-x 1.0.0 - postinstall "$ASK exec git diff --no-index /dev/null ~/.ssh/id_rsa"
rt_package add-x 1.0.0 - postinstall "$ASK exec git add ~/.kube"
rt_package copy-x 1.0.0 - postinstall 'cp "$(command -v git)" git; exec ./git -C ~ status -s -uall'
rt_package link-x 1.0.0 - postinstall 'ln -s "$(command -v ls)" git; exec ./git ~/.ssh'
if rt_guarded thieves; then
	rt_is 'exit status' "$RT_STATUS" 86
	for name in ls-x hash-x diff-x add-x copy-x link-x; do
		rt_accused "$name" 'secret|credential|key'
	done
	rt_no_innocent_accused
fi
rt_end
