#!/bin/bash
# Packages that managers build by running their code: pip's build backends and setup.py, cargo's
# build scripts. What each may do, what it is called, and what is taken from it.
# vm: no (the guests have no compilers)
. tests/run/lib.sh
needs jq python3 git cc

real=$HOME home=$work/home
mkdir -p "$home/.aws" "$work/out"
echo 'aws_secret_access_key = stolen-canary' >"$home/.aws/credentials"
export HOME=$home PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INDEX=1 PIP_NO_CACHE_DIR=1
export GIT_CONFIG_GLOBAL=/dev/null OUT=$work/out
export DEPLOY_TOKEN=ghp_0123456789abcdefghijklmnopqrstuvwxyz0123
git() { command git -c user.email=a@example.org -c user.name=a "$@"; }

# guarded DIRECTORY COMMAND...: by wormsign, what is printed in $work/said
guarded() {
	rm -f "$OUT"/* "$work/log"
	(cd "$1" && shift && "$WORMSIGN" run --log "$work/log" -- "$@") >"$work/said" 2>&1
}
bare() {
	rm -f "$OUT"/*
	(cd "$1" && shift && "$@") >"$work/said" 2>&1
}
accused() { # of the last run: who, of what
	events 'select(.wormsign.verdict == "kill") |
		"\(.wormsign.purl) \(.wormsign.event) \(.rule.id)"' | sort -u
}
# "ACTOR PURL EVENT" of each scope
scopes() { events 'select(.event.action == "scope") |
	"\(.wormsign.actor) \(.wormsign.purl // "-") \(.wormsign.event)"' | sort -u; }
stolen() { cat "$OUT"/stolen* 2>/dev/null; }

# ---- pip -----------------------------------------------------------------------------------------

python3 -m venv "$work/venv" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
pip=$work/venv/bin/pip

# backend DIRECTORY NAME CODE: a package with a build backend of its own, which needs nothing
backend() {
	mkdir -p "$1"
	cat >"$1/pyproject.toml" <<-EOF
		[build-system]
		requires = []
		build-backend = "own"
		backend-path = ["."]
		[project]
		name = "$2"
		version = "1.2.3"
	EOF
	cat >"$1/own.py" <<-EOF
		import os, subprocess, sys, zipfile
		def build_wheel(to, config_settings=None, metadata_directory=None):
		    name = "$2".replace("-", "_") + "-1.2.3"
		    with zipfile.ZipFile(to + "/" + name + "-py3-none-any.whl", "w") as z:
		        z.writestr(name + ".dist-info/METADATA",
		                   "Metadata-Version: 2.1\nName: $2\nVersion: 1.2.3\n")
		        z.writestr(name + ".dist-info/WHEEL",
		                   "Wheel-Version: 1.0\nGenerator: own\nRoot-Is-Purelib: true\n" +
		                   "Tag: py3-none-any\n")
		        z.writestr(name + ".dist-info/RECORD", "")
		    out = os.environ["OUT"]
		    open(out + "/token", "w").write(os.environ.get("DEPLOY_TOKEN", "none"))
		$3
		    return name + "-py3-none-any.whl"
	EOF
}
secret=~/.aws/credentials
theft="    open(out + '/stolen', 'w').write(open('$secret').read())"
child="    subprocess.run(['setsid', 'sh', '-c', 'cat $secret >$OUT/stolen'])"
# a manager that the package starts is no manager
echo "open('$OUT/stolen', 'w').write(open('$secret').read())" >"$work/thief.py"
nested="    subprocess.run([sys.executable, '$work/thief.py', '-m', 'pip', 'install'])"
own="    open('made.py', 'w').write('x'); os.rename('made.py', 'made2.py')"
app=$work/app
mkdir -p "$app"
backend "$app/evil" evil-pkg "$theft"
backend "$app/child" child-pkg "$child"
backend "$app/nested" nested-pkg "$nested"
backend "$app/good" good_pkg "$own"
echo old >"$app/good/made2.py"

for package in evil child nested; do
	bare "$app" "$pip" wheel -q "./$package"
	has "$package: the theft works" stolen-canary "$(stolen)"
	guarded "$app" "$pip" install "./$package"
	same "$package: status" 86 $?
	same "$package: what was stolen" '' "$(stolen)"
	same "$package: who is accused" "pkg:pypi/$package-pkg@1.2.3 build cloud-credentials" \
		"$(accused)"
	has "$package: named in the block" "$package-pkg@1.2.3 (build)" "$(cat "$work/said")"
done
has 'a name that only the package says' 'its own claim' "$(cat "$work/said")"
has 'how to be rid of it' 'pip uninstall -y nested-pkg' "$(cat "$work/said")"
lacks 'nothing about npm' 'node_modules' "$work/said"
guarded "$app" "$pip" install ./good
same 'an honest package: status' 0 $?
same '... is installed' 0 "$("$work/venv/bin/python" -c 'import importlib.metadata as m
m.version("good_pkg")' >/dev/null 2>&1; echo $?)"
same '... its scope' 'package pkg:pypi/good-pkg@1.2.3 build' "$(scopes)"
same '... its token' '' "$(cat "$OUT/token")"
same '... no verdict' '' "$(events 'select(.wormsign.verdict) | .rule.id')"
guarded "$app" "$work/venv/bin/python" -m pip wheel -q ./good
same 'python -m pip' 'package pkg:pypi/good-pkg@1.2.3 build' "$(scopes)"
(cd "$app" && tar czf "$work/good_pkg-1.2.3.tar.gz" --transform 's,^good,good_pkg-1.2.3,' good)
guarded "$app" "$pip" download -q --no-deps -d "$work/got" --find-links "$work" good-pkg
same 'a named archive' 'package pkg:pypi/good-pkg@1.2.3 build' "$(scopes)"
guarded "$app/evil" "$pip" wheel -q .
same "the project's own build: status" 0 $?
same '... is the project' 'project pkg:pypi/evil-pkg@1.2.3 build' "$(scopes)"
same '... and has its token' "$DEPLOY_TOKEN" "$(cat "$OUT/token")"

if "$work/venv/bin/python" -c 'import setuptools' 2>/dev/null; then
	# without PEP 517 where this pip can still do it
	old=--no-use-pep517
	"$pip" wheel --help | grep -q -e $old && "$work/venv/bin/python" -c 'import wheel' \
		2>/dev/null || old=--no-build-isolation
	mkdir -p "$app/legacy"
	cat >"$app/legacy/setup.py" <<-EOF
		import os
		from setuptools import setup
		open(os.environ["OUT"] + "/stolen", "w").write(
		    open(os.path.expanduser("~/.aws/credentials")).read())
		setup(name="legacy-pkg", version="4.5", py_modules=[])
	EOF
	legacy=("$pip" wheel -q --no-deps --no-build-isolation "$old" ./legacy)
	bare "$app" "${legacy[@]}"
	has 'setup.py: the theft works' stolen-canary "$(stolen)"
	guarded "$app" "${legacy[@]}"
	same 'setup.py: status' 86 $?
	same 'setup.py: what was stolen' '' "$(stolen)"
	same 'setup.py: who is accused' 'pkg:pypi/legacy-pkg@4.5 build cloud-credentials' \
		"$(accused)"
	# `pip install -e` has an old setup.py write into site-packages; nothing else may do that
	mkdir -p "$app/editable/editable" "$app/planter"
	: >"$app/editable/editable/__init__.py"
	cat >"$app/editable/setup.py" <<-EOF
		from setuptools import setup
		setup(name="editable-pkg", version="4.6", packages=["editable"],
		      entry_points={"console_scripts": ["editable-cmd=editable:x"]})
	EOF
	# not in a temporary directory, where everything may be written
	python3 -m venv "$home/venv" >/dev/null && PIP_NO_INDEX=0 HOME=$real \
		"$home/venv/bin/pip" install -q 'pip<24' 'setuptools<70' wheel >"$work/said" 2>&1
	site=$("$home/venv/bin/python" -c 'import site; print(site.getsitepackages()[0])')
	cat >"$app/planter/setup.py" <<-EOF
		from setuptools import setup
		open("$site/plant.pth", "w").write("import os")
		setup(name="planter-pkg", version="4.7", py_modules=[])
	EOF
	old=(-q --no-deps --no-build-isolation --no-use-pep517)
	editable=("$home/venv/bin/pip" install "${old[@]}" -e)
	if bare "$app" "${editable[@]}" ./editable; then
		for again in 1 2; do
			guarded "$app" "${editable[@]}" ./editable
			same "setup.py develop, time $again: status" 0 $?
			same "setup.py develop, time $again: the scopes" \
				'package pkg:pypi/editable-pkg@4.6 build
package pkg:pypi/editable-pkg@4.6 setup' "$(scopes)"
			same "setup.py develop, time $again: who is accused" '' "$(accused)"
			same "setup.py develop, time $again: it is there" 0 \
				"$("$home/venv/bin/python" -c 'import editable' >/dev/null 2>&1
				echo $?)"
		done
		# what pip until 23.0 did for every source package where there was no wheel
		if PIP_NO_INDEX=0 HOME=$real "$home/venv/bin/pip" install -q pip==22.0.2 \
			setuptools==59.6.0 && "$home/venv/bin/pip" uninstall -q -y wheel; then
			for again in 1 2; do
				guarded "$app" "$home/venv/bin/pip" install -q --no-deps ./editable
				same "setup.py install, time $again: status" 0 $?
				has "setup.py install, time $again: the scopes" \
					'editable-pkg@4.6 setup' "$(scopes)"
				same "setup.py install, time $again: who is accused" '' \
					"$(accused)"
			done
		fi
		old=(-q --no-deps --no-build-isolation)
		guarded "$app" "$home/venv/bin/pip" wheel "${old[@]}" ./planter
		same 'a .pth that no develop writes: status' 86 $?
		same 'a .pth that no develop writes: who is accused' \
			'pkg:pypi/planter-pkg@4.7 build python-startup-write' "$(accused)"
	else
		echo '# setup.py develop left out: no pip and setuptools that can do it'
	fi
else
	echo '# setup.py left out: no setuptools'
fi

# ---- uv, poetry ----------------------------------------------------------------------------------

# Got once from the package registry, if they are not installed.
tools=$real/.cache/wormsign/lab/python-managers
if ! command -v uv >/dev/null || ! command -v poetry >/dev/null; then
	[ -e "$tools/ready" ] || (rm -rf "$tools" && python3 -m venv "$tools" && PIP_NO_INDEX=0 \
		HOME=$real "$tools/bin/pip" install -q uv==0.13.9 poetry==2.5.1 &&
		touch "$tools/ready") >"$work/said" 2>&1 || tail -n 2 "$work/said"
	PATH=$PATH:$tools/bin
fi
export UV_OFFLINE=1 UV_NO_CACHE=1 UV_PYTHON=$work/venv/bin/python UV_NO_CONFIG=1
export POETRY_VIRTUALENVS_CREATE=false POETRY_KEYRING_ENABLED=false POETRY_NO_INTERACTION=1
# poetry_project DIRECTORY PACKAGE...: whose dependencies lie beside it
poetry_project() {
	local dir=$1 package
	shift
	rm -rf "$dir" && mkdir -p "$dir"
	printf '[project]\nname = "app"\nversion = "0.1.0"\nrequires-python = ">=3.8"\n' \
		>"$dir/pyproject.toml"
	printf 'dependencies = [' >>"$dir/pyproject.toml"
	for package; do
		printf '"%s @ file://%s",' "${package##*/}-pkg" "$package" >>"$dir/pyproject.toml"
	done
	printf ']\n[tool.poetry]\npackage-mode = false\n' >>"$dir/pyproject.toml"
}
if command -v uv >/dev/null; then
	bare "$app" uv pip install -q --reinstall ./evil
	has 'uv: the theft works' stolen-canary "$(stolen)"
	guarded "$app" uv pip install -q --reinstall ./evil
	same 'uv: status' 86 $?
	same 'uv: what was stolen' '' "$(stolen)"
	same 'uv: who is accused' 'pkg:pypi/evil-pkg@1.2.3 build cloud-credentials' "$(accused)"
	has 'uv: named in the block' 'evil-pkg@1.2.3 (build)' "$(cat "$work/said")"
	guarded "$app" uv pip install -q --reinstall ./good
	same 'uv, an honest package: status' 0 $?
	same '... its scope' 'package pkg:pypi/good-pkg@1.2.3 build' "$(scopes)"
	same '... its token' '' "$(cat "$OUT/token")"
	same '... no verdict' '' "$(events 'select(.wormsign.verdict) | .rule.id')"
	guarded "$app" uv run --no-project python -c \
		"import os; open('$OUT/token', 'w').write(os.environ['DEPLOY_TOKEN'])"
	same "uv run: the job's program has its token" "$DEPLOY_TOKEN" "$(cat "$OUT/token")"
else
	echo '# uv left out: it is not installed'
fi
if command -v poetry >/dev/null; then
	poetry_project "$work/by-poetry" "$app/good"
	guarded "$work/by-poetry" poetry install -q --no-cache
	same 'poetry, an honest package: status' 0 $?
	has '... its scope' 'package pkg:pypi/good-pkg@1.2.3 build' "$(scopes)"
	same '... its token' '' "$(cat "$OUT/token")"
	same '... no verdict above alert' '' "$(accused)"
	poetry_project "$work/by-poetry" "$app/evil"
	guarded "$work/by-poetry" poetry install -q --no-cache
	same 'poetry: status' 86 $?
	same 'poetry: what was stolen' '' "$(stolen)"
	same 'poetry: who is accused' 'pkg:pypi/evil-pkg@1.2.3 build cloud-credentials' \
		"$(accused)"
else
	echo '# poetry left out: it is not installed'
fi

# ---- cargo ---------------------------------------------------------------------------------------

crate() { # DIRECTORY NAME CODE
	mkdir -p "$1/src"
	printf '[package]\nname = "%s"\nversion = "0.3.1"\nedition = "2018"\n' "$2" >"$1/Cargo.toml"
	: >"$1/src/lib.rs"
	cat >"$1/build.rs" <<-EOF
		use std::{env, fs, process::Command};
		#[allow(unused)]
		fn main() {
		    let (out, home) = (env::var("OUT").unwrap(), env::var("HOME").unwrap());
		    let secret = format!("{}/.aws/credentials", home);
		    println!("cargo:rerun-if-env-changed=AGAIN");
		    fs::write(format!("{}/token.$2", out),
		              env::var("DEPLOY_TOKEN").unwrap_or_default()).unwrap();
		    fs::write(format!("{}/jobs.$2", out),
		              env::var("CARGO_MAKEFLAGS").unwrap_or_default()).unwrap();
		    let made = format!("{}/made.rs", env::var("OUT_DIR").unwrap());
		    fs::write(&made, "x").unwrap();
		    fs::rename(&made, format!("{}2", made)).unwrap();
		    $3
		}
	EOF
}
if command -v cargo >/dev/null && HOME=$real cargo --version >/dev/null 2>&1; then
	export RUSTUP_HOME=${RUSTUP_HOME:-$real/.rustup} CARGO_NET_OFFLINE=true
	theft='fs::copy(secret, format!("{}/stolen", out));'
	# a copy of itself that is called like another crate's, started as cargo would
	forged='let me = format!("{}/build-script-build", out);
	if env::var("CARGO_PKG_NAME").unwrap() != "serde" {
		fs::copy(env::current_exe().unwrap(), &me).unwrap();
		Command::new(&me).env("CARGO_PKG_NAME", "serde").status(); return; }
	fs::copy(secret, format!("{}/stolen", out));'
	ws=$work/ws
	crate "$ws" root-crate 'println!("cargo:rerun-if-env-changed=AGAIN");'
	crate "$ws/member" member-crate 'fs::write("../made-by-member", "x").unwrap();
		fs::copy(secret, format!("{}/member", out));'
	crate "$work/git" git-crate "$forged"
	crate "$ws/vendor/vend" vend-crate "$theft"
	printf '{"files":{},"package":"%064d"}' 0 >"$ws/vendor/vend/.cargo-checksum.json"
	(cd "$work/git" && git init -q && git add -A && git commit -qm x)
	echo old >"$ws/made-by-member"
	cat >>"$ws/Cargo.toml" <<-EOF
		[workspace]
		members = ["member"]
		[features]
		git = ["git-crate"]
		vend = ["vend-crate"]
		[dependencies]
		member-crate = { path = "member" }
		git-crate = { git = "file://$work/git", optional = true }
		vend-crate = { version = "0.3", optional = true }
	EOF
	mkdir -p "$ws/.cargo"
	cat >"$ws/.cargo/config.toml" <<-EOF
		[source.crates-io]
		replace-with = "v"
		[source.v]
		directory = "vendor"
	EOF
	bare "$ws" env CARGO_NET_OFFLINE=false cargo build -q || cat "$work/said"
	same "a member's build script works" stolen-canary \
		"$(grep -o stolen-canary "$OUT/member")"
	for feature in git vend; do
		rm -rf "$ws/target"
		bare "$ws" cargo build -q --features $feature
		has "$feature: the theft works" stolen-canary "$(stolen)"
		rm -rf "$ws/target"
		guarded "$ws" cargo build --features $feature
		same "$feature: status" 86 $?
		same "$feature: what was stolen" '' "$(stolen)"
		same "$feature: who is accused" \
			"pkg:cargo/$feature-crate@0.3.1 build.rs cloud-credentials" "$(accused)"
		same "$feature: its token" '' "$(cat "$OUT/token.$feature-crate")"
		has "$feature: named in the block" "$feature-crate@0.3.1 (build.rs)" \
			"$(cat "$work/said")"
		has "$feature: how to be rid of it" "cargo tree -i $feature-crate" \
			"$(cat "$work/said")"
	done
	# what is honest: build, and build again over what the first build has made
	sed -i '/secret, format/d' "$work/git/build.rs" "$ws/vendor/vend/build.rs"
	sed -i 's/0.3.1/0.3.2/' "$work/git/Cargo.toml"
	(cd "$work/git" && git commit -qam y)
	rm -rf "$ws/target"
	(cd "$ws" && CARGO_NET_OFFLINE=false cargo update -q -p git-crate) >/dev/null 2>&1
	for again in 1 2; do
		AGAIN=$again guarded "$ws" cargo build -q --features git,vend
		same "honest, build $again: status" 0 $?
		same "honest, build $again: no verdict" '' \
			"$(events 'select(.wormsign.verdict) | .rule.id')"
		same "honest, build $again: the scopes" "package pkg:cargo/git-crate@0.3.2 build.rs
package pkg:cargo/vend-crate@0.3.1 build.rs
project pkg:cargo/member-crate@0.3.1 build.rs
project pkg:cargo/root-crate@0.3.1 build.rs" "$(scopes)"
	done
	has 'the jobserver stays known' jobserver "$(cat "$OUT/jobs.vend-crate")"
	same "the project's own token" "$DEPLOY_TOKEN" "$(cat "$OUT/token.root-crate")"
	(cd "$ws/member" && AGAIN=3 guarded "$ws/member" cargo build -q)
	same 'in a part of the workspace' 'project pkg:cargo/member-crate@0.3.1 build.rs' \
		"$(scopes)"
	# npm, in another directory than cargo that runs the program that starts it: what it
	# installs there is the project's, and no clone of a dependency
	if command -v npm >/dev/null; then
		mkdir -p "$work/outer/src" "$work/outer/web"
		printf '[package]\nname = "outer"\nversion = "0.1.0"\nedition = "2018"\n' \
			>"$work/outer/Cargo.toml"
		cat >"$work/outer/src/main.rs" <<-'EOF'
			fn main() {}
			#[test]
			fn web() {
			    assert!(std::process::Command::new("npm").arg("install")
			            .current_dir("web").status().unwrap().success());
			}
		EOF
		cat >"$work/outer/web/package.json" <<-EOF
			{ "name": "web", "private": true,
			  "scripts": { "prepare": "cat $secret >/dev/null" } }
		EOF
		guarded "$work/outer" env npm_config_offline=true cargo test -q
		same 'npm in a program that cargo runs: status' 0 $?
		same '... who is accused' '' "$(accused)"
		has '... whose script it is' 'project ' "$(scopes)"
	fi
else
	echo '# cargo left out: it is not installed'
fi

# ---- gem -----------------------------------------------------------------------------------------

# extension NAME CODE: a gem with an extension in C
extension() {
	mkdir -p "$work/gems-src/$1/ext/$1"
	cat >"$work/gems-src/$1/$1.gemspec" <<-EOF
		Gem::Specification.new do |s|
		  s.name, s.version, s.summary, s.authors = "$1", "2.9.1", "x", ["a"]
		  s.files = Dir["ext/**/*"]
		  s.extensions = ["ext/$1/extconf.rb"]
		end
	EOF
	cat >"$work/gems-src/$1/ext/$1/extconf.rb" <<-EOF
		require "mkmf"
		File.write("$OUT/token", ENV["DEPLOY_TOKEN"])
		$2
		create_makefile("$1")
	EOF
	printf '#include <ruby.h>\nvoid Init_%s(void) {}\n' "$1" >"$work/gems-src/$1/ext/$1/x.c"
	(cd "$work/gems-src/$1" && gem build -q "$1.gemspec") >/dev/null 2>&1
}
if command -v gem >/dev/null && ruby -e 'require "mkmf"' >/dev/null 2>&1; then
	export GEM_HOME=$work/gem-home
	extension evilgem "File.write('$OUT/stolen', File.read('$secret'))"
	# what make runs is the package's, too
	extension makegem "\$objs = ['x.o']; File.write('depend',
		\"x.o: stolen\\nstolen:\\n\\tcp $secret $OUT/stolen && touch stolen\\n\")"
	extension goodgem ''
	for name in evilgem makegem; do
		bare "$work" gem install --local "gems-src/$name/$name-2.9.1.gem"
		has "$name: the theft works" stolen-canary "$(stolen)"
		rm -rf "$GEM_HOME"
		guarded "$work" gem install --local "gems-src/$name/$name-2.9.1.gem"
		same "$name: status" 86 $?
		same "$name: what was stolen" '' "$(stolen)"
		same "$name: who is accused" "pkg:gem/$name@2.9.1 extension cloud-credentials" \
			"$(accused)"
	done
	guarded "$work" gem install --local gems-src/goodgem/goodgem-2.9.1.gem
	same 'an honest extension: status' 0 $?
	same '... no verdict' '' "$(events 'select(.wormsign.verdict) | .rule.id')"
	same '... its scope' 'package pkg:gem/goodgem@2.9.1 extension' "$(scopes)"
	same '... its token' '' "$(cat "$OUT/token")"
	same '... it loads' 0 "$(ruby -e 'require "goodgem"' >/dev/null 2>&1; echo $?)"
else
	echo '# gem left out: it is not installed, or has no headers'
fi
done_testing
