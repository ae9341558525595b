#!/bin/bash
# R48: the project is a linked worktree of a bare clone, so its repository lies beside it and is not
# called .git. It is the project's, and protected like a .git: no hook, no configuration, no branch.
# Git writes its index; another file called index is one of the project's. The same where a .git
# file or GIT_DIR names the repository.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R48 'the repository of a worktree'
REPOSITORY_KIND=worktree
rt_setup() {
	local work=$RT_HOME/work
	case $REPOSITORY_KIND in
	separate)
		REPOSITORY=$work/store
		lab_as_user "$RT_PROJECT" git init -q --separate-git-dir="$REPOSITORY" ;;
	GIT_DIR)
		REPOSITORY=$RT_PROJECT/store
		lab_as_user "$RT_PROJECT" git init -q ;;
	*) rt_worktree ;;
	esac || exit 2
	mkdir "$RT_PROJECT/db" && echo table >"$RT_PROJECT/db/index" &&
		chown -R "$LAB_UID:$LAB_GID" "$RT_PROJECT/db" &&
		lab_as_user "$RT_PROJECT" sh -c 'git add db && git commit -q -m more &&
			touch db/index' && touch "$LAB/before" || exit 2
}
rt_worktree() {
	local work=$RT_HOME/work
	REPOSITORY=$work/app.git
	mv "$RT_PROJECT" "$work/files" && lab_as_user "$work" sh -c \
		'git init -q made && git -C made commit -q --allow-empty -m start &&
		git clone -q --bare made app.git && mkdir -p app.git/hooks &&
		git -C app.git worktree add -q "$1"' sh "$RT_PROJECT" &&
		mv "$work"/files/* "$RT_PROJECT/"
}

COMMON='cd "$INIT_CWD" && c=$(git rev-parse --git-common-dir)'
rt_package hook-x 1.0.0 - postinstall "$COMMON; echo evil >\"\$c/hooks/post-checkout\""
# (after config-x, since git writes the file anew)
rt_package append-x 1.0.0 - postinstall "$COMMON; sleep 1; echo '#evil' >>\"\$c/config\""
rt_package config-x 1.0.0 - postinstall "$COMMON; git config core.fsmonitor ./x"
rt_package index-x 1.0.0 - postinstall 'cd "$INIT_CWD" && echo evil >>db/index'
rt_package replaced-x 1.0.0 - postinstall \
	'cd "$INIT_CWD" && echo evil >db/i && sleep 1 && mv db/i db/index'
rt_package ref-x 1.0.0 - postinstall "$COMMON; git update-ref refs/heads/planted HEAD"
rt_package honest-x 1.0.0 - postinstall "$COMMON; git status --short && git describe --always"

found() { grep -lsw evil "$REPOSITORY/config" "$REPOSITORY/hooks/post-checkout" | wc -l; }

planted() { lab_as_user "$REPOSITORY" git --git-dir=. rev-parse --verify -q refs/heads/planted; }
# On watch the change is completed; that it was made is reported.
rt_changed() {
	rt_stopped index-x 'project-files-change' replaced-x 'project-files-change' \
		ref-x 'git-dir-change'
	rt_is 'git itself is not accused' \
		"$(rt_events 'wormsign.verdict~^(deny|kill|stop)$' package.name=honest-x)" ''
	rt_ok 'it has written its index' \
		[ "$(find "$REPOSITORY" -name index -newer "$LAB/before")" ]
}

rt_control
rt_is 'files with evil in them' "$(found)" 2
rt_is 'a program for git to run' \
	"$(lab_as_user "$REPOSITORY" git config core.fsmonitor)" ./x

if rt_guarded; then
	rt_is 'files with evil in them' "$(found)" 0
	rt_stopped hook-x 'git-hooks-write' append-x 'git-dir-change' config-x 'git-dir-change'
	rt_changed
fi
for REPOSITORY_KIND in separate GIT_DIR; do
	if [ $REPOSITORY_KIND = GIT_DIR ]; then
		RT_ENV=(GIT_DIR="$RT_HOME/work/app/store" GIT_WORK_TREE="$RT_HOME/work/app")
	fi
	rt_control $REPOSITORY_KIND
	rt_is 'another index' "$(grep -c evil "$RT_PROJECT/db/index")" 1
	rt_ok 'a branch is planted' planted
	if rt_guarded $REPOSITORY_KIND; then
		rt_changed
	fi
done
rt_end
