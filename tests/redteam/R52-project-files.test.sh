#!/bin/bash
# R52: packages that change what the project is made of: a source, a test, a setting, by every way
# to change a file; that leave a new file where a tool looks for it; and that change its history.
# Then packages that keep to what is theirs there.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R52 "the project's own files, and its history"
RT_SCRIPTED=() RT_HONEST=(ms)
rt_setup() {
	lab_as_user "$RT_PROJECT" sh -c 'git init -q && mkdir src sub lib && touch x.log &&
		for f in one two three four five seven sub/a; do
			mkdir -p "src/$(dirname $f)" && echo honest >"src/$f"
		done && git add . && git commit -qm start && git branch other && git gc -q &&
		mkdir -p .git/lfs/objects .git/modules/m/objects && touch .git/lfs/objects/x &&
		echo x >.git/modules/m/objects/x && chmod a-w .git/modules/m/objects/x'
}
# changes NAME SCRIPT: the script is run in $INIT_CWD; $own is the package's directory
changes() {
	rt_package "$1" 1.0.0 - postinstall "own=\$PWD; cd \"\$INIT_CWD\" && $2"
}
changes append-x 'echo evil >>src/one'
changes rename-x 'echo evil >$own/f && mv $own/f src/seven'
changes gone-x 'rm src/two'
changes truncate-x 'truncate -s 0 src/three'
changes link-x 'echo evil >$own/f && ln $own/f lib/f'
changes hard-x 'ln src/four $own/f && echo evil >>$own/f'
changes mapped-x 'node -e "
	const fs = require(\"fs\"), fd = fs.openSync(\"src/five\", \"r+\");
	fs.writeSync(fd, \"evil\\n\", 0)"'
changes away-x 'exec mv src/sub src/old'
changes in-x 'mkdir $own/d && echo evil >$own/d/f && exec mv $own/d lib/d'
changes test-x 'echo evil >conftest.py'
changes cargo-x 'mkdir .cargo; echo evil >.cargo/config.toml'
changes mise-x 'echo evil >mise.local.toml'
changes hook-x 'echo evil >lefthook.yml'
changes commit-x 'git commit -q --allow-empty -m evil'
changes ref-x 'git update-ref refs/heads/other $(git commit-tree -m evil HEAD^{tree})'
changes tag-x 'git tag evil'
names=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}")

# The project's own state: what is evil, and what is gone.
evil() {
	lab_as_user "$RT_PROJECT" sh -c 'grep -rlsw evil src lib conftest.py .cargo \
		mise.local.toml lefthook.yml; git log --all --format=%s | grep evil; git tag
		for f in src/two src/sub; do [ -e $f ] || echo no $f; done
		[ -s src/three ] || echo empty' | sort | wc -l
}

rt_control
rt_is 'what the packages have done' "$(evil)" 16

if rt_guarded; then
	rt_is 'exit status' "$RT_STATUS" 86
	while read -r name; do
		case $name in
		test-x) rule=tool-files-write ;;
		cargo-x) rule=manager-config-write ;;
		mise-x) rule=agent-hooks-write ;;
		hook-x) rule=git-hooks-write ;;
		commit-x) rule='git-(dir-change|history-write)' ;; # COMMIT_EDITMSG comes first
		ref-x | tag-x) rule=git-history-write ;;
		*) rule=project-files-change ;;
		esac
		rt_accused "$name" "^$rule\$"
	done <<<"$names"
	rt_no_innocent_accused
	[ "$(rt_backend)" != deny ] || rt_is 'what the packages have done' "$(evil)" 0
fi

# What only the repository holds.
RT_DEPENDENCIES=() RT_ATTACKERS=()
changes objects-x 'exec rm -rf .git/objects/pack'
changes loose-x 'exec mv .git/lfs/objects $own/o'
changes logs-x 'exec rm -f .git/logs/refs/heads/other'
changes corrupt-x 'chmod u+w .git/modules/m/objects/x; exec truncate -s 0 .git/modules/m/objects/x'
destroyed() {
	lab_as_user "$RT_PROJECT" sh -c '
		for f in .git/objects/pack .git/lfs/objects .git/logs/refs/heads/other; do
			[ -e $f ] || echo no $f
		done
		[ -s .git/modules/m/objects/x ] || echo empty' | wc -l
}
rt_control objects
rt_is 'what the packages have destroyed' "$(destroyed)" 4
if rt_guarded objects; then
	rt_is 'exit status' "$RT_STATUS" 86
	for name in objects-x loose-x logs-x corrupt-x; do rt_accused $name '^git-dir-change$'; done
	rt_no_innocent_accused
	[ "$(rt_backend)" != deny ] || rt_is 'what they have destroyed' "$(destroyed)" 0
fi

# What packages may do in the project.
RT_DEPENDENCIES=() RT_ATTACKERS=()
changes keeps-x 'echo new >new.txt && mkdir gen && echo 1 >gen/a && echo 2 >gen/a &&
	mv gen/a gen/b && rm -r gen && echo line >>x.log && mkdir -p .cache && echo 1 >.cache/c &&
	echo 2 >.cache/c && mkdir -p t && cp $own/package.json t/tsconfig.json'
changes asks-x 'git status -s >$own/s && git describe --always --dirty >$own/d &&
	git log -1 >$own/l && git rev-parse HEAD >$own/h'
changes clones-x 'git clone -q . $own/clone && cd $own/clone && git tag mine &&
	git commit -q --allow-empty -m mine && git checkout -q -b branch'
if rt_guarded honest; then
	rt_peaceful
	rt_ok 'they did it' test -s "$RT_PROJECT/x.log" -a -d "$RT_PROJECT/t"
	# In a later session a package may change what it made in an earlier one.
	RT_LOG=$RT_LOG.again
	lab_under_wormsign "$RT_PROJECT" "$RT_LOG" npm rebuild keeps-x >"$LAB/out.again" 2>&1
	RT_STATUS=$?
	rt_peaceful
fi
rt_end
