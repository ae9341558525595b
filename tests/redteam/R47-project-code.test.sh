#!/bin/bash
# R47: dependencies that do nothing themselves but leave code for others: a script in the project's
# package.json, a file that one of these names, a Makefile, a changed program of corepack and of
# yarn, a command above the project.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R47 'code that the project or a manager will run'
COREPACK=.cache/node/corepack/v1/pnpm/10.0.0/bin
rt_setup() {
	RT_WRAPPERS=/tmp/yarn--$$-0
	lab_as_user "$RT_PROJECT" sh -c 'mkdir tools && echo "// honest" >tools/gen.js &&
		echo honest >tools/x.sh && npm pkg set scripts.gen="node ./tools/gen" \
		scripts.x="sh -e tools/x.sh"'
	lab_as_user "$RT_HOME" sh -c 'mkdir -p "$1" "$2" && echo honest >"$1/pnpm.cjs" &&
		echo honest >"$2/node"' sh "$RT_HOME/$COREPACK" "$RT_WRAPPERS"
}

rt_package manifest-x 1.0.0 - postinstall \
	'cd "$INIT_CWD" && sed -i "s/^{/{\"evil\":1,/" package.json'
rt_package makefile-x 1.0.0 - postinstall 'echo "all:; evil" >"$INIT_CWD/Makefile"'
rt_package gen-x 1.0.0 - postinstall 'echo "// evil" >>"$INIT_CWD/tools/gen.js"'
rt_package gone-x 1.0.0 - postinstall 'rm -f "$INIT_CWD/tools/x.sh"'
rt_package member-x 1.0.0 - postinstall \
	'mkdir "$INIT_CWD/packages" && cd "$INIT_CWD/packages" && echo "{\"evil\":1}" >package.json'
rt_package moved-x 1.0.0 - postinstall \
	'mkdir m && echo "{\"moved\":1}" >m/package.json && mv m "$INIT_CWD/m"'
rt_package corepack-x 1.0.0 - postinstall "echo evil >>\"\$HOME/$COREPACK/pnpm.cjs\""
rt_package wrapper-x 1.0.0 - postinstall "echo evil >>/tmp/yarn--$$-0/node"
rt_package above-x 1.0.0 - postinstall \
	'd="$INIT_CWD/../node_modules/.bin"; mkdir -p "$d" && echo evil >"$d/sh"'

found() { grep -lsw evil "$RT_PROJECT/Makefile" "$RT_PROJECT/tools/gen.js" \
	"$RT_PROJECT/packages/package.json" "$RT_HOME/$COREPACK/pnpm.cjs" \
	"$RT_WRAPPERS/node" "$(dirname "$RT_PROJECT")/node_modules/.bin/sh" | wc -l; }

rt_control
rt_is 'files with the package'"'"'s code' "$(found)" 6
rm -rf "/tmp/yarn--$$-0"

if rt_guarded; then
	rt_is 'files with the package'"'"'s code' "$(found)" 0
	rt_stopped manifest-x 'persist' makefile-x 'persist' gen-x build gone-x build \
		member-x 'member' moved-x '^project-files-change$' \
		corepack-x 'persist' \
		wrapper-x 'persist' above-x 'propag|bin-shim'
fi
rm -rf "/tmp/yarn--$$-0"
rt_end
