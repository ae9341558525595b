#!/bin/bash
# What the lockfile of a real pnpm, Yarn 1 and Yarn 4 states of a package is in the events of its
# script; a lockfile that is none, or hostile, costs nothing and states nothing.
# vm: no (downloads the managers)
. tests/lab/lab.sh
. tests/redteam/managers.sh
[ -n "${LAB_INSIDE:-}" ] || managers_fetch pnpm10 yarn1 yarn4
: "${WORMSIGN:?is the program to test}"
WORMSIGN=$(realpath "$WORMSIGN")
if [ ! -x "${WORMSIGN%/*}/wormsign-lockfile" ]; then
	echo 'SKIP: this build has no libyaml'
	exit 77
fi
lab_enter "$0"
. tests/run/lib.sh
lab_begin
trap 'lab_stop; rm -rf "$work"' EXIT
lab_registry_start || exit 1
lab_home || exit 1
app=$LAB/app
by_user() { lab_as_user "$app" "$@" >"$work/out" 2>&1; }
watched() {
	rm -rf "$app"/node_modules "$work/log"
	lab_under_wormsign "$app" "$work/log" "$@" >"$work/out" 2>&1
}
sums() { # NAME: the checksums that events of its script have
	events 'select(.package.name == "'"$1"'") | .package.checksum // "none"' | sort -u
}
install() { # what $manager installs with
	local bin=$MANAGERS/$1/node_modules/.bin
	case $1 in
	pnpm10) command=("$bin/pnpm" install --config.side-effects-cache=false)
		file=pnpm-lock.yaml ;;
	*) command=("$bin/yarn" install) file=yarn.lock ;;
	esac
}
tried=0
for manager in pnpm10 yarn1 yarn4; do
	managers_have $manager || { echo "# $manager left out: unavailable"; continue; }
	tried=$((tried + 1))
	rm -rf "$app"
	lab_project "$app" core-js@2.6.12 ms@2.1.3
	jq '.pnpm = {onlyBuiltDependencies: ["core-js"]}' "$app/package.json" >"$work/p" &&
		cat "$work/p" >"$app/package.json"
	if [ $manager = yarn4 ]; then
		printf '%s\n' "npmRegistryServer: \"${LAB_REGISTRY%/}\"" \
			'unsafeHttpWhitelist: ["127.0.0.1"]' 'enableScripts: true' \
			'npmMinimalAgeGate: 0' 'nodeLinker: node-modules' \
			'enableTelemetry: false' >"$app/.yarnrc.yml"
		: >"$app/yarn.lock"
	fi
	chown -R "$LAB_UID:$LAB_GID" "$app"
	install $manager
	by_user "${command[@]}"
	case $manager in
	pnpm10) wanted=$(grep -A 1 '^  core-js@2' "$app/$file" | grep -o 'sha512-[^}, ]*') ;;
	yarn1) wanted=$(grep -A 4 '^core-js@2' "$app/$file" | sed -n 's/.*integrity //p') ;;
	yarn4) wanted=$(grep -A 4 '^"core-js@npm:2' "$app/$file" | sed -n 's/.*checksum: //p') ;;
	esac
	[ ${#wanted} -gt 80 ] || missing "$manager: no checksum in $file: $(tail -n 3 "$work/out")"
	watched "${command[@]}"
	same "$manager: status" 0 $?
	same "$manager: the checksum of the lockfile" "$wanted" "$(sums core-js)"
done
[ $tried -gt 0 ] || { echo 'SKIP: none of the managers could be downloaded'; exit 77; }

# ---- hostile ones, with a stand-in for a manager that does not mind them ----
mkdir -p "$LAB/bin" "$app/node_modules/evil"
cat >"$LAB/bin/pnpm" <<'SH'
#!/bin/sh
(cd node_modules/evil && npm_lifecycle_event=postinstall npm_package_name=evil \
	npm_package_version=1.0.0 exec sh -c 'true')
SH
chmod 755 "$LAB/bin" "$LAB/bin/pnpm"
chown -R "$LAB_UID:$LAB_GID" "$app"
good=sha512-$(head -c 64 /dev/zero | base64 -w0)
entry() { printf 'packages:\n  evil@1.0.0:\n    resolution: {integrity: %s}\n' "$1"; }
hostile() { # WHAT WANTED: run, with what is in the lockfile
	local begun
	begun=$(date +%s%3N)
	rm -f "$work/log"
	lab_under_wormsign "$app" "$work/log" "$LAB/bin/pnpm" install >"$work/out" 2>&1
	same "$1: status" 0 $?
	same "$1: checksum" "$2" "$(sums evil)"
	took=$(($(date +%s%3N) - begun))
	[ -n "${3:-}" ] || return 0
	same "$1: does not hold it up" yes "$([ $took -lt $3 ] && echo yes || echo $took)"
}
lock=$app/pnpm-lock.yaml
rm -f "$app"/*.lock "$lock"
hostile 'no lockfile' none
plain=$took
entry "$good" >"$lock"
hostile 'a good one' "$good"
entry "$(printf '"%s\\n::error::x"' sha512-x)" >"$lock"
hostile 'a checksum that is none' none
{ entry "$good"; entry sha512-other | tail -n 2; } >"$lock"
hostile 'two checksums for one package' none
{ echo 'x: &x [a, a, a, a, a, a, a, a, a]'
	for i in 1 2 3 4 5 6 7 8 9; do echo "x$i: &x$i [*x, *x, *x, *x, *x, *x, *x, *x]"; done
	entry "$good"; } >"$lock"
hostile 'a billion laughs' none $((plain + 5000))
head -c 60M /dev/zero | tr '\0' '[' >"$lock"
hostile '60 MB of brackets' none $((plain + 5000))
{ entry "$good"; seq 400000 | sed "s|.*|  p&@1.0.0: {resolution: {integrity: $good}}|"; } >"$lock"
begun=$(date +%s%3N)
lab_under_wormsign "$app" "$work/log" "$LAB/bin/pnpm" install >"$work/out" 2>&1
same "400,000 packages: status" 0 $?
same "... are read in time, or not at all" yes \
	"$([ $(($(date +%s%3N) - begun)) -lt $((plain + 8000)) ] && echo yes)"
rm "$lock"
mkfifo "$lock"
hostile 'a FIFO' none $((plain + 5000))
rm "$lock"
ln -s /dev/zero "$lock"
hostile 'a device' none $((plain + 5000))
done_testing
