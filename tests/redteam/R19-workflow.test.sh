#!/bin/bash
# R19: a workflow file is written into the project, committed on a new branch, pushed, and the
# branch deleted again.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R19 'a workflow in the repository'
rt_setup() {
	RT_REMOTE=$RT_HOME/remote.git
	lab_as_user "$RT_HOME" git init -q --bare "$RT_REMOTE"
	lab_as_user "$RT_PROJECT" git init -q
	lab_as_user "$RT_PROJECT" git remote add origin "$RT_REMOTE"
	lab_as_user "$RT_PROJECT" sh -c 'echo node_modules >.gitignore &&
		git add .gitignore package.json && git commit -qm start'
}
pushed() { lab_as_user "$RT_HOME" git -C "$RT_REMOTE" branch --list | grep -c add-linter; }

rt_package format-x 1.2.3 workflow postinstall 'node format.js'
# Two more ways to make the file: git's own (lock, rename), and a file without a name (O_TMPFILE)
# that is linked.
plant='d="$INIT_CWD/.github/workflows"; mkdir -p "$d"; ./bin/plant'
rt_package format-rename-x 1.2.3 - postinstall "$plant lock \"\$d/b.yml\"; true" plant
rt_package format-tmpfile-x 1.2.3 - postinstall "$plant tmpfile \"\$d/c.yml\"; true" plant

rt_control
rt_is 'branches pushed' "$(pushed)" 1
rt_ok 'written by rename' [ -f "$RT_PROJECT/.github/workflows/b.yml" ]
rt_ok 'written without a name' [ -f "$RT_PROJECT/.github/workflows/c.yml" ]

if rt_guarded; then
	rt_is 'branches pushed' "$(pushed)" 0
	rt_is 'workflow files with text' \
		"$(find "$RT_PROJECT/.github" -type f -size +0 2>/dev/null | wc -l)" 0
	rt_stopped format-x 'workflow|ci|git|persist' format-rename-x 'workflow|ci|git|persist' \
		format-tmpfile-x 'workflow|ci|git|persist'
fi
rt_end
