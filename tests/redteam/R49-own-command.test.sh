#!/bin/bash
# R49: packages that put something else in the place of their own command in node_modules/.bin, as
# installers of native programs do: over it, beside it and renamed, with the old one moved away.
# Then packages that do the same to another's command, or make one of another name.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R49 "one's own command, and others'"
RT_SCRIPTED=()
# command_package NAME SCRIPT: its command is called NAME, without the scope
command_package() {
	local dir=$LAB/packages/$1
	mkdir -p "$dir"
	jq -n --arg n "$1" --arg s "$2" '{name: $n, version: "1.0.0", scripts: {postinstall: $s},
		bin: {($n | sub(".*/"; "")): "cli.js"}}' >"$dir/package.json"
	printf '#!/usr/bin/env node\n' >"$dir/cli.js"
	printf '#!/bin/sh\necho %s\n' "$1" >"$dir/native"
	chmod +x "$dir/native" "$dir/cli.js"
	lab_publish "$dir"
	RT_DEPENDENCIES+=("?$1")
	RT_ATTACKERS+=("$1 1.0.0 postinstall")
}
command_package h-over 'cd ../.bin && cp ../h-over/native h-over'
command_package h-anew 'cd ../.bin && rm h-anew && cp ../h-anew/native h-anew'
command_package h-copy 'cd ../.bin && cp ../h-copy/native h-copy.tmp && mv h-copy.tmp h-copy'
command_package h-link 'cd ../.bin && ln -s ../h-link/native h-link.tmp && mv h-link.tmp h-link'
command_package h.dots 'cd ../.bin && cp ../h.dots/native h.dots.12~ && mv h.dots.12~ h.dots'
command_package h-hide 'cd ../.bin && cp ../h-hide/native .h-hide-1 && mv .h-hide-1 h-hide'
command_package h-abs 'd=$PWD; cd ../.bin && ln -sf "$d/native" h-abs'
command_package h-long 'd=$PWD/a/directory/with/a/name/that/no/inode/holds; cd ../.bin &&
	mkdir -p $d && cp ../h-long/native $d && rm h-long && ln -s $d/native h-long &&
	ln -s $d/native h-long.tmp && mv h-long.tmp h-long && ln -sf $d/native h-long'
command_package h-old 'cd ../.bin && mv h-old h-old.old && cp ../h-old/native h-old && rm h-old.old'
command_package @lab/h-scope \
	'cd ../../.bin && cp ../@lab/h-scope/native h-scope.tmp && mv h-scope.tmp h-scope'
if rt_guarded honest; then
	rt_peaceful
	for name in h-over h-anew h-copy h-link h.dots h-hide h-abs h-long h-old h-scope; do
		rt_ok "the command $name is the program" \
			grep -q "^echo .*$name" "$RT_PROJECT/node_modules/.bin/$name"
	done
fi

# semver is another package's command
RT_DEPENDENCIES=() RT_ATTACKERS=() RT_HONEST=(semver)
command_package e-link 'cd ../.bin && ln -s ../e-link/native e-link.t && exec mv e-link.t semver'
command_package e-abs 'd=$PWD; cd ../.bin && exec ln -sf "$d/native" semver'
command_package e-copy 'cd ../.bin && cp ../e-copy/native e-copy.t && exec mv e-copy.t semver'
command_package e-move 'cd ../.bin && exec mv e-move semver'
command_package e-new 'cd ../.bin && exec ln -s ../e-new/native e-ne.tmp'
command_package e-dot 'cd ../.bin && exec cp ../e-dot/native .semver-1'
command_package e-more 'cd ../.bin && cp ../e-more/native e-more.t && exec mv e-more.t e-more-git'
command_package semver.x 'cd ../.bin && exec ln semver.x semver.y'
command_package git 'cd ../.bin && cp ../git/native git.t && exec mv git.t git-remote-x'
rt_control others
rt_ok "semver is another's program" [ "$(wc -c <"$RT_PROJECT/node_modules/.bin/semver")" -lt 99 ]
if rt_guarded others; then
	rt_is 'exit status' "$RT_STATUS" 86
	for name in e-link e-abs e-copy e-move e-new e-dot e-more semver.x git; do
		rt_accused "$name" '^bin-shim-write$'
	done
	rt_no_innocent_accused
fi

# The same where `npm install -g` puts commands: a prefix in the home.
RT_DEPENDENCIES=() RT_ATTACKERS=() RT_HONEST=()
command_package g-link 'ln -sf "$PWD/native" "$npm_config_prefix/bin/g-link"'
command_package g-copy 'cd "$npm_config_prefix/bin" && cp "$OLDPWD/native" g-copy.tmp &&
	mv g-copy.tmp g-copy'
global() { # LANE PACKAGE...
	local lane=$1
	shift
	RT_COMMAND=(npm install -g --prefix "$RT_HOME/.local" "$@")
	rt_guarded "$lane"
}
rt_setup() {
	lab_as_user "$RT_HOME" sh -c 'mkdir -p .local/bin && echo honest >.local/bin/others'
}
if global global g-link g-copy; then
	rt_peaceful
	for name in g-link g-copy; do
		rt_ok "the command $name is the program" \
			grep -q "^echo $name" "$RT_HOME/.local/bin/$name"
	done
fi
command_package e-global 'ln -sf "$PWD/native" "$npm_config_prefix/bin/others"'
if global global-others e-global; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused e-global '^tools-write$'
	rt_no_innocent_accused
fi
rt_end
