#!/bin/bash
# M05: what the block tells people to do is pasted, under each package manager, for a dependency of
# the project and for one of a dependency: it removes the package, and runs none of its scripts.
# vm: no (downloads the managers)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh
. tests/redteam/managers.sh
if [ -z "${LAB_INSIDE:-}" ]; then
	managers_fetch pnpm10 yarn1 yarn4 bun
fi

rt_begin M05 'remedies, pasted'
mark=$LAB/mark/ran
mkdir -p "$LAB/mark" && chmod 777 "$LAB/mark"

# package NAME JSON: published as it is
package() {
	mkdir -p "$LAB/packages/$1"
	echo "$2" >"$LAB/packages/$1/package.json"
	lab_publish "$LAB/packages/$1"
}
ran() { echo "echo $1 >>$mark"; }
package remedy-worm "{\"name\":\"remedy-worm\",\"version\":\"1.0.0\",\"scripts\":{
	\"preinstall\":\"$(ran pre)\",\"postinstall\":\"$(ran post); cat \$HOME/.aws/credentials\",
	\"preuninstall\":\"$(ran uninstall)\",\"prepare\":\"$(ran prepare)\"}}"
package remedy-core '{"name":"remedy-core","version":"1.0.0","dependencies":{"remedy-worm":"*"}}'
package remedy-other "{\"name\":\"remedy-other\",\"version\":\"1.0.0\",\"scripts\":{
	\"postinstall\":\"$(ran other)\"}}"

# project MANAGER DEPENDENCY: a new one, with settings that let scripts of dependencies run
project() {
	rm -rf "$project"
	lab_project "$project" "$2" remedy-other
	(cd "$project" && node -e '
		const fs = require("fs"), p = JSON.parse(fs.readFileSync("package.json"));
		p.trustedDependencies = ["remedy-worm", "remedy-other"];
		p.pnpm = { onlyBuiltDependencies: p.trustedDependencies };
		fs.writeFileSync("package.json", JSON.stringify(p, null, 2));
		if (process.argv[1] !== "yarn4") process.exit();
		fs.writeFileSync(".yarnrc.yml", `npmRegistryServer: "${process.argv[2]}"\n` +
			"unsafeHttpWhitelist: [\"127.0.0.1\"]\nenableScripts: true\n" +
			"npmMinimalAgeGate: 0\nnodeLinker: node-modules\nenableTelemetry: false\n");
		fs.writeFileSync("yarn.lock", "");' "$1" "$LAB_REGISTRY")
	chown -R "$LAB_UID:$LAB_GID" "$project"
}

# pasted COMMANDS: as the user types them in the project
pasted() {
	rm -f "$mark"
	lab_as_user "$project" sh -c "$1" >"$LAB/pasted" 2>&1
	RT_STATUS=$?
	rt_is "no script ran" "$(cat "$mark" 2>/dev/null | xargs)" ''
}
depends() { node -p "Object.keys(require('$project/package.json').dependencies||{}).join()"; }

lab_home
project=$LAB_HOME/work/remedies
path=$LAB_PATH
for MANAGER in npm pnpm10 yarn1 yarn4 bun; do
	if ! managers_have "$MANAGER"; then
		echo "# $MANAGER left out: unavailable"
		continue
	fi
	case $MANAGER in
	npm) install='npm install --no-audit --no-fund' ;;
	pnpm10) install='pnpm install --no-frozen-lockfile' ;;
	*) install="${MANAGER%[14]} install" ;;
	esac
	LAB_ENV+=("PATH=$MANAGERS/$MANAGER/node_modules/.bin:$path")
	for dependency in remedy-worm remedy-core; do
		RT_LANE=$MANAGER-$dependency
		project "$MANAGER" "$dependency"
		rm -f "$LAB/log.$RT_LANE"
		lab_under_wormsign "$project" "$LAB/log.$RT_LANE" sh -c "$install" >"$LAB/out" 2>&1
		rt_is "exit status" $? 86
		next=$(sed -n 's/^  next     .*: \([a-z]* [^:]* --[^:]*\)$/\1/p' "$LAB/out")
		rt_ok "a command is printed: ${next:-none}" [ -n "$next" ]
		see='See what brings it in: \(.*\)\. Remove that dependency: .*'
		see=$(sed -n "s/^  next     $see/\1/p" "$LAB/out")
		if [ -n "$see" ]; then # it could not be found out: what is printed shows it
			pasted "$see"
			rt_is "what shows it: status" "$RT_STATUS" 0
			rt_ok "what shows it names the dependency" \
				grep -q "$dependency" "$LAB/pasted"
			next=${next/ NAME / $dependency }
		fi
		rt_ok "it names $dependency" [ "${next/ $dependency /}" != "$next" ]
		pasted "$next"
		rt_is "removing it: status" "$RT_STATUS" 0
		rt_is "what is left in package.json" "$(depends)" remedy-other
		rt_is "rows of what to do that are longer than 200" \
			"$(grep -cE '^  (next|status|permit) {3,6}.{201,}$' "$LAB/out")" 0
	done
done

# What is installed elsewhere is no dependency of the project in which the command was given, whose
# npm would say that there is nothing to remove.
LAB_ENV+=("PATH=$path")
for install in "npm install -g --prefix $LAB_HOME/global remedy-worm" \
	'npm exec --yes --package=remedy-core -- true'; do
	RT_LANE="npm-elsewhere-${install:4:4}"
	project npm remedy-other
	lab_under_wormsign "$project" "$LAB/log.$RT_LANE" sh -c "$install" >"$LAB/out" 2>&1
	rt_is "exit status" $? 86
	place='This project does not bring it in. Remove what was installed'
	next=$(sed -n "s/^  next     $place: \(rm -rf .*\)$/\1/p" "$LAB/out")
	rt_ok "the place is named: ${next:-none}" \
		grep -qE "^rm -rf $LAB_HOME/[^ ]*/node_modules/remedy-worm$" <<<"$next"
	lab_as_user "$project" mkdir -p "${next#rm -rf }" # npm may have taken it away
	pasted "$next"
	rt_is "removing it: status" "$RT_STATUS" 0
	rt_ok "it is gone" [ ! -e "${next#rm -rf }" ]
done

# The tuning that permits a false alarm is one that the rules' own check takes.
mkdir "$LAB/permit"
sed -n 's/^  permit   [^{]*\({.*}\)$/\1/p' "$LAB/out" >"$LAB/permit/t.json"
rt_ok 'the permit is a tuning' "$WORMSIGN" rules check "$LAB/permit"
rt_ok 'it permits the package' grep -q 'verdict: allow' <("$WORMSIGN" rules --rules "$LAB/permit" \
	explain read package /home/ci/.aws/credentials package=remedy-worm)
rt_ok 'and no other' grep -q 'verdict: kill' <("$WORMSIGN" rules --rules "$LAB/permit" \
	explain read package /home/ci/.aws/credentials package=other)
rt_end
