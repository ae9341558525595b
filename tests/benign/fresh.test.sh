#!/bin/bash
# A fresh runner: the caches that scripts write to do not exist when the session starts, whichever
# variable names them.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lab/lab.sh
WORMSIGN=$(realpath -m "${WORMSIGN:-.output/wormsign}")
[ -x "$WORMSIGN" ] || { echo "SKIP: no $WORMSIGN: run make first"; exit 77; }
for tool in npm node git setpriv; do
	command -v "$tool" >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
lab_enter -n "$PWD/tests/benign/fresh.test.sh"
lab_begin || exit 2
failed=0

# What honest scripts do to a cache: a file beside, renamed into place, another thrown away. And a
# nested npm, which does all that in its own.
mkdir -p "$LAB/package/nested" || exit 2
cat >"$LAB/package/install.js" <<'JS'
const fs = require('fs'), os = require('os'), path = require('path');
const { execFileSync } = require('child_process');
const home = os.homedir();
const caches = [process.env.XDG_CACHE_HOME || `${home}/.cache`, process.env.npm_config_cache,
  `${home}/.config/configstore`, `${home}/.electron`, `${home}/.node-gyp`,
  path.resolve('..', '.cache')];
for (const dir of caches) {
  const own = path.join(dir, 'fresh-x', 'v1');
  fs.mkdirSync(own, { recursive: true });
  for (const n of [1, 2]) {
    fs.writeFileSync(`${own}/file.${n}.tmp`, 'x');
    fs.writeFileSync(`${own}/file.${n}.tmp`, 'y');
    fs.chmodSync(`${own}/file.${n}.tmp`, 0o755);
    fs.renameSync(`${own}/file.${n}.tmp`, `${own}/file.${n}`);
  }
  fs.unlinkSync(`${own}/file.2`);
}
execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', '--prefix', 'nested',
  `${__dirname}/leaf.tgz`], { stdio: 'inherit' });
JS
echo '{"name":"nested","private":true}' >"$LAB/package/nested/package.json"
mkdir -p "$LAB/leaf/package" && echo '{"name":"leaf","version":"1.0.0"}' \
	>"$LAB/leaf/package/package.json"
tar -czf "$LAB/package/leaf.tgz" -C "$LAB/leaf" package
echo '{"name":"fresh-x","version":"1.0.0","scripts":{"postinstall":"node install.js"}}' \
	>"$LAB/package/package.json"
tar -czf "$LAB/fresh.tgz" -C "$LAB" package
chmod 644 "$LAB/fresh.tgz"

# try WHAT [NAME=VALUE...]: an install in a home without a single cache, with these in the
# environment.
try() {
	local what=$1 log status accused
	shift
	lab_home || exit 2
	rm -rf "$LAB_HOME"/{.npm,.cache,.config,.electron,.node-gyp}
	LAB_ENV+=("$@")
	mkdir -p "$LAB_HOME/work/app" && echo '{"name":"app","private":true}' \
		>"$LAB_HOME/work/app/package.json"
	chown -R "$LAB_UID:$LAB_GID" "$LAB_HOME/work"
	log=$LAB/log
	rm -f "$log"
	lab_under_wormsign "$LAB_HOME/work/app" "$log" npm install \
		--offline --no-audit --no-fund "$LAB/fresh.tgz" >"$LAB/out" 2>&1
	status=$?
	accused=$(node tests/benign/compare.js verdicts "$log" | tail -n +2)
	if [ "$status" = 0 ] && [ -z "$accused" ] &&
		[ -d "$LAB_HOME/work/app/node_modules/fresh-x/nested/node_modules/leaf" ]; then
		echo "ok $what"
	else
		failed=1
		printf 'not ok %s: status %s\n%s\n' "$what" "$status" "$accused"
		tail -n 20 "$LAB/out"
	fi
}

try 'no cache at all'
try 'caches of another name, in the home' XDG_CACHE_HOME="$LAB/home/ci/xdg/cache" \
	npm_config_cache="$LAB/home/ci/my/npm"
try 'caches of another name, in the project' XDG_CACHE_HOME="$LAB/home/ci/work/app/.xdg" \
	npm_config_cache="$LAB/home/ci/work/app/.npm"
exit "$failed"
