#!/bin/bash
# R48: the project is a linked worktree of a bare clone, so its repository lies beside it and is not
# called .git. It is the project's, and protected like a .git: no hook, no configuration.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R48 'the repository of a worktree'
rt_setup() {
	local work=$RT_HOME/work
	REPOSITORY=$work/app.git
	mv "$RT_PROJECT" "$work/files" && lab_as_user "$work" sh -c \
		'git init -q made && git -C made commit -q --allow-empty -m start &&
		git clone -q --bare made app.git && mkdir -p app.git/hooks &&
		git -C app.git worktree add -q "$1"' sh "$RT_PROJECT" &&
		mv "$work"/files/* "$RT_PROJECT/" || exit 2
}

COMMON='cd "$INIT_CWD" && c=$(git rev-parse --git-common-dir)'
rt_package hook-x 1.0.0 - postinstall "$COMMON; echo evil >\"\$c/hooks/post-checkout\""
# (after config-x, since git writes the file anew)
rt_package append-x 1.0.0 - postinstall "$COMMON; sleep 1; echo '#evil' >>\"\$c/config\""
rt_package config-x 1.0.0 - postinstall "$COMMON; git config core.fsmonitor ./x"
rt_package honest-x 1.0.0 - postinstall "$COMMON; git status --short && git describe --always"

found() { grep -lsw evil "$REPOSITORY/config" "$REPOSITORY/hooks/post-checkout" | wc -l; }

rt_control
rt_is 'files with evil in them' "$(found)" 2
rt_is 'a program for git to run' \
	"$(lab_as_user "$REPOSITORY" git config core.fsmonitor)" ./x

if rt_guarded; then
	rt_is 'files with evil in them' "$(found)" 0
	rt_stopped hook-x 'git-hooks-write' append-x 'git-hooks-write' config-x 'git-hooks-write'
	rt_is 'git itself is not accused' \
		"$(rt_events 'wormsign.verdict~^(deny|kill|stop)$' package.name=honest-x)" ''
fi
rt_end
