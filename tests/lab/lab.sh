# shellcheck shell=bash
# The lab: a loopback registry, a home full of fake secrets, a sink that counts what gets out.
# Source it from bash.
#
# Everything that an attack can touch is fake and lives below $LAB (made by lab_begin, removed by
# lab_stop); every server listens on loopback; and lab_enter moves the caller into a network
# namespace that has nothing but loopback, so that a mistake here can reach nobody. Only
# lab_prepare, before that, asks the package registry of this machine.
#
# Use:
#   . tests/lab/lab.sh
#   lab_enter "$0" "$@"        # prepare, then run this script again inside its own network and
#                              mount namespace
#   lab_begin                  # $LAB, the exit trap
#   lab_registry_start         # $LAB_REGISTRY; LAB_REGISTRY_ACCESS='$authenticated': who reads
#                              # from it must log in
#   lab_sink_start web         # $LAB_SINK_PORT
#   lab_home                   # $LAB_HOME, $LAB_ENV
#   lab_publish DIR; lab_project DIR NAME...; lab_as_user DIR npm install
#
# Functions return non-zero and say why on stderr; none ends the shell but lab_enter (77: the lab
# is unavailable here).

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
LAB_TOP=$(cd "$LAB_DIR/../.." && pwd)
LAB_CACHE=${LAB_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/wormsign/lab}
# Seconds to wait for a server; an emulated CPU is slow.
LAB_PATIENCE=${LAB_PATIENCE:-${VMTEST:+300}}
LAB_PATIENCE=${LAB_PATIENCE:-60}
# The throw-away user. An id that exists on every Linux; nothing is added to /etc/passwd.
LAB_UID=${LAB_UID:-65534}
LAB_GID=${LAB_GID:-65534}
LAB_TIMEOUT=() # a timeout(1) command for the two that run things, if wanted
LAB_PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
# Real packages from the machine's registry, published again on loopback. core-js and esbuild run
# install scripts.
LAB_HONEST=(ms@2.1.3 semver@7.6.3 core-js@2.6.12 esbuild@0.25.0)

lab_say() { printf 'lab: %s\n' "$*" >&2; }

# lab_broken REASON: a helper lacks what it is to look at. Its answer, often an empty one, proves
# nothing then, and is mostly taken by $(...), where no exit status is seen: so the test fails at
# its end, by lab_intact.
lab_broken() {
	lab_say "$*"
	printf '%s\n' "$*" >>"$LAB/broken"
}

# lab_intact: the last check of every test of the lab.
lab_intact() {
	[ -s "$LAB/broken" ] || return 0
	echo 'what these checks looked at was missing:'
	sed 's/^/  /' "$LAB/broken"
	return 1
}

# ---- Preparation (needs the machine's package registry, once) ------------------------------------

# What the cached registry holds; a change of this text makes a new one.
lab_seed_name() { printf '%s\n' v1 "${LAB_HONEST[@]}" "$(uname -m)" | sha256sum | cut -c1-16; }

lab_prepared() {
	[ -f "$LAB_CACHE/verdaccio/node_modules/verdaccio/bin/verdaccio" ] &&
		[ -f "$LAB_CACHE/seed-$(lab_seed_name)/done" ]
}

# Installs verdaccio and mirrors the honest packages into $LAB_CACHE. Safe to call at the same time
# from many shells.
lab_prepare() {
	local rc=0
	lab_prepared && return 0
	command -v npm >/dev/null || { lab_say 'npm is not installed'; return 1; }
	mkdir -p "$LAB_CACHE" || return 1
	(
		flock 9 || exit 1
		lab_prepared && exit 0
		lab_install_verdaccio && lab_mirror
	) 9>"$LAB_CACHE/lock" || rc=1
	return "$rc"
}

lab_install_verdaccio() {
	local dir=$LAB_CACHE/verdaccio
	[ -f "$dir/node_modules/verdaccio/bin/verdaccio" ] && return 0
	lab_say 'installing verdaccio (once)'
	rm -rf "$dir" && mkdir -p "$dir" || return 1
	# verdaccio-audit asks for node-fetch by a tag that mirrors do not always serve.
	cat >"$dir/package.json" <<-'JSON'
		{
		  "private": true,
		  "dependencies": { "verdaccio": "6.2.1" },
		  "overrides": { "node-fetch": "2.7.0" }
		}
	JSON
	(cd "$dir" && npm install --ignore-scripts --no-audit --no-fund --no-update-notifier \
		>install.log 2>&1) ||
		{ lab_say "verdaccio could not be installed: $dir/install.log"; tail -n 3 \
		"$dir/install.log" >&2; return 1; }
}

# Takes the honest packages from the configured registry and publishes them into a seed that every
# later registry copies.
lab_mirror() {
	local seed work spec dir version rc=1
	seed=$LAB_CACHE/seed-$(lab_seed_name)
	lab_say "mirroring ${LAB_HONEST[*]} (once)"
	work=$(mktemp -d "$LAB_CACHE/mirror.XXXXXX") || return 1
	mkdir -p "$work/get" "$work/lab"
	if (
		LAB=$work/lab LAB_PIDS=() LAB_REGISTRY_PID='' LAB_SEED=''
		trap 'lab_kill_recorded' EXIT
		lab_registry_start || exit 1
		specs=("${LAB_HONEST[@]}")
		for spec in "${specs[@]}"; do
			case $spec in
			esbuild@*)
				# The binary is a package of its own; npm takes the one whose os and
				# cpu fit.
				version=${spec#esbuild@}
				specs+=("@esbuild/linux-$(node -p process.arch)@$version")
				;;
			esac
		done
		for spec in "${specs[@]}"; do
			(cd "$work/get" && npm pack --silent "$spec" >/dev/null 2>"$work/err") ||
				{ lab_say "npm pack $spec failed"; tail -n 3 "$work/err" \
				>&2; exit 1; }
		done
		for spec in "$work"/get/*.tgz; do
			dir=$work/unpacked/$(basename "$spec" .tgz)
			mkdir -p "$dir" && tar -xzf "$spec" -C "$dir" --strip-components=1 || exit 1
			node -e 'const fs=require("fs"), f=process.argv[1]+"/package.json";
				const p=JSON.parse(fs.readFileSync(f));
				delete p.publishConfig;
				fs.writeFileSync(f,JSON.stringify(p,null,2)+"\n")' "$dir" || exit 1
			lab_publish "$dir" || exit 1
		done
	); then
		rm -rf "$seed"
		mv "$work/lab/registry/storage" "$seed" && touch "$seed/done" && rc=0
	fi
	rm -rf "$work"
	return "$rc"
}

# ---- Life of a lab -------------------------------------------------------------------------------

# lab_enter [-n] SCRIPT [ARG...]: runs SCRIPT again where only loopback exists; returns when already
# inside. -n: no npm, no registry is needed.
lab_enter() {
	[ -z "${LAB_INSIDE:-}" ] || return 0
	if [ "$1" = -n ]; then
		shift
	else
		lab_need_registry
	fi
	if [ "$(id -u)" != 0 ]; then
		echo 'SKIP: needs root'
		exit 77
	fi
	# A guest without a network card is as good as a namespace.
	if [ -n "${VMTEST:-}" ]; then
		export LAB_INSIDE=1
		return 0
	fi
	command -v ip >/dev/null || { echo 'SKIP: ip (iproute2) is not installed'; exit 77; }
	LAB_INSIDE=1 exec unshare --net --mount bash -c 'ip link set lo up && exec bash "$@"' lab \
		"$@"
}

lab_need_registry() {
	lab_prepare || {
		echo "SKIP: no lab: npm's registry could not be reached, or npm is missing"
		exit 77
	}
}

# Makes $LAB and the trap that removes it.
lab_begin() {
	LAB=$(mktemp -d "${TMPDIR:-/tmp}/wormsign-lab.XXXXXX") || return 1
	# what wormsign keeps from one session to the next is the lab's own
	[ -z "${LAB_INSIDE:-}" ] || [ -n "${VMTEST:-}" ] || [ "$(id -u)" != 0 ] ||
		{ mkdir -p /var/lib/wormsign &&
			mount -t tmpfs -o mode=700 tmpfs /var/lib/wormsign; } || return 1
	chmod 711 "$LAB"
	LAB_MARK=${LAB##*.}
	LAB_PIDS=()
	LAB_REGISTRY_PID=
	LAB_SEED=$LAB_CACHE/seed-$(lab_seed_name)
	LAB_REGISTRY=http://127.0.0.1:9/ # until there is one
	if [ "$(id -u)" = 0 ]; then
		LAB_BECOME=(setpriv --reuid="$LAB_UID" --regid="$LAB_GID" --clear-groups)
		LAB_AS_ROOT=()
	else # an ordinary user attacks only what he made himself, and asks sudo for the rest
		LAB_UID=$(id -u) LAB_GID=$(id -g)
		LAB_BECOME=()
		LAB_AS_ROOT=(sudo)
	fi
	LAB_REGISTRY_TOKEN=$(lab_token)
	LAB_USER=$(id -un "$LAB_UID" 2>/dev/null || echo "$LAB_UID")
	trap lab_stop EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

# Ends what this lab started, by recorded pid, never by name. A tracer that died may have left one
# of them stopped.
lab_kill_recorded() {
	local pid
	for pid in "${LAB_PIDS[@]}"; do
		kill "$pid" && kill -CONT "$pid"
	done 2>/dev/null
	for pid in "${LAB_PIDS[@]}"; do
		(sleep 3 && exec kill -KILL "$pid") &
		wait "$pid"
		kill "$!" && wait "$!"
	done 2>/dev/null
	LAB_PIDS=()
}

# Ends the lab: survivors (named by this lab's own mark), servers, files. LAB_KEEP=1 keeps the files
# and says where.
lab_stop() {
	lab_kill_survivors
	lab_kill_recorded
	if [ -n "${LAB_KEEP:-}" ]; then
		lab_say "kept $LAB"
	else
		rm -rf "$LAB"
	fi
}

# lab_wait_file FILE PID [SECONDS]: waits until FILE exists; fails at once when PID has died.
lab_wait_file() {
	local i
	for ((i = 0; i < ${3:-LAB_PATIENCE} * 10; i++)); do
		[ -e "$1" ] && return 0
		kill -0 "$2" 2>/dev/null || break
		sleep 0.1
	done
	lab_say "$(basename "$1") did not appear"
	return 1
}

# ---- Registry ------------------------------------------------------------------------------------

lab_free_port() {
	node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{
		console.log(s.address().port);
		s.close();
	})'
}

# Starts verdaccio on loopback with the honest packages in it; sets LAB_REGISTRY (URL),
# LAB_REGISTRY_LOG and LAB_REGISTRY_TOKEN (the fake token that works there).
# It has no uplink, and `publish: $all`: a stolen fake token really publishes, so that a worm's
# success can be seen.
lab_registry_start() {
	local dir=$LAB/registry access=${LAB_REGISTRY_ACCESS:-\$all} port try i
	mkdir -p "$dir/storage" || return 1
	[ -z "$LAB_SEED" ] || cp -a "$LAB_SEED/." "$dir/storage/" || return 1
	cat >"$dir/config.yaml" <<-YAML
		storage: ./storage
		auth:
		  htpasswd: { file: ./htpasswd, max_users: 100, algorithm: bcrypt, rounds: 4 }
		uplinks: {}
		packages:
		  '@*/*': { access: $access, publish: \$all, unpublish: \$all }
		  '**': { access: $access, publish: \$all, unpublish: \$all }
		security: { api: { legacy: true } }
		web: { enable: false }
		log: { type: stdout, format: pretty, level: http, colors: false }
	YAML
	LAB_REGISTRY_LOG=$dir/log
	for try in 1 2 3; do
		port=$(lab_free_port) || return 1
		node "$LAB_CACHE/verdaccio/node_modules/verdaccio/bin/verdaccio" \
			--config "$dir/config.yaml" --listen "127.0.0.1:$port" \
			>"$LAB_REGISTRY_LOG" 2>&1 &
		LAB_REGISTRY_PID=$!
		LAB_PIDS+=("$LAB_REGISTRY_PID")
		for ((i = 0; i < LAB_PATIENCE * 10; i++)); do
			if lab_get "http://127.0.0.1:$port/-/ping" >/dev/null; then
				LAB_REGISTRY=http://127.0.0.1:$port/
				printf '%s\n' "registry=$LAB_REGISTRY" update-notifier=false \
					"//127.0.0.1:$port/:_authToken=lab-publisher" \
					>"$dir/publisher.npmrc"
				LAB_REGISTRY_TOKEN=$(lab_login "$LAB_REGISTRY")
				return
			fi
			# port taken between the probe and the bind: try again
			kill -0 "$LAB_REGISTRY_PID" 2>/dev/null || break
			sleep 0.1
		done
	done
	lab_say "the registry did not start ($try tries): $(tail -n 2 "$LAB_REGISTRY_LOG")"
	return 1
}

# lab_login URL: makes the user `ci` there and prints its token: the one that the fake home's .npmrc
# holds.
lab_login() {
	node -e 'const b=JSON.stringify({name:"ci",password:"lab-fake-password"});
		const headers={"content-type":"application/json","content-length":b.length};
		require("http").request(process.argv[1]+"-/user/org.couchdb.user:ci",
			{method:"PUT",headers},(r)=>{
				let s="";
				r.on("data",(d)=>{s+=d});
				r.on("end",()=>console.log(JSON.parse(s).token));
			}).end(b)' "$1"
}

# lab_get URL: prints the body, fails unless the answer is 2xx. Loopback only, so bash's own TCP
# does.
lab_get() {
	local host=${1#http://} path port line status
	path=/${host#*/}
	host=${host%%/*}
	port=${host##*:}
	exec 8<>"/dev/tcp/${host%:*}/$port" || return 1
	printf 'GET %s HTTP/1.0\r\nHost: %s\r\nAccept: application/json\r\n\r\n' "$path" "$host" >&8
	read -r status <&8
	while IFS= read -r line <&8 && [ "$line" != $'\r' ]; do :; done
	cat <&8
	exec 8>&-
	case $status in *' 2'??' '*) return 0 ;; *) return 1 ;; esac
} 2>/dev/null

# lab_publish DIR: publishes the package in DIR, without running its scripts.
lab_publish() {
	local log=$LAB/registry/publish.log
	(cd "$1" && npm publish --ignore-scripts --access public --tag latest \
		--registry "$LAB_REGISTRY" --userconfig "$LAB/registry/publisher.npmrc" \
		--cache "$LAB/registry/npm-cache" >"$log" 2>&1) ||
		{ lab_say "npm publish of $1 failed: $(tail -n 4 "$log")"; return 1; }
}

# lab_attack NAME VERSION EVENT SCRIPT SINK [CDN]: publishes $LAB/packages/NAME as an attack
# package: adds kit.js, what that needs to know of this lab, and package.json. EVENT `-`: no script.
lab_attack() {
	local dir=$LAB/packages/$1
	mkdir -p "$dir"
	cp "$LAB_TOP/tests/redteam/packages/kit.js" "$dir/" || return 1
	node -e 'const fs=require("fs");
		const [dir,home,registry,name,version,event,script,sink,cdn]=process.argv.slice(1);
		const put=(f,o)=>fs.writeFileSync(dir+"/"+f,JSON.stringify(o,null,2)+"\n");
		put("lab.json",{home,sink,cdn:cdn||sink,registry,inside:!!process.env.LAB_INSIDE});
		put("package.json",{name,version,description:"colourful helpers",license:"MIT",
			scripts:event==="-"?undefined:{[event]:script}});' \
		"$dir" "$LAB/home/ci" "$LAB_REGISTRY" "$@" || return 1
	lab_publish "$dir"
}

# lab_versions NAME: the versions that the registry holds, one a line.
lab_versions() {
	local answer
	answer=$(lab_get "$LAB_REGISTRY$1") || lab_broken "the registry does not answer: $1"
	[ -z "$answer" ] || node -e '
		for (const v of Object.keys(JSON.parse(process.argv[1]).versions)) console.log(v)
	' "$answer" || lab_broken "the registry's answer has no versions: $1"
}

# ---- Sinks ---------------------------------------------------------------------------------------

# lab_sink_start NAME [ADDRESS:PORT...]: a counting listener; LAB_SINK_PORT is the port the kernel
# chose. Default: TCP and UDP on 127.0.0.1 and ::1, all on one port. A directory
# $LAB/sink/NAME/files made before is served.
lab_sink_start() {
	local dir=$LAB/sink/$1 try
	shift
	[ $# -gt 0 ] || set -- 127.0.0.1:0 '[::1]:0'
	mkdir -p "$dir" || return 1
	for try in 1 2 3; do
		node "$LAB_DIR/sink.js" "$dir" "$@" 2>"$dir/err" &
		LAB_PIDS+=($!)
		if lab_wait_file "$dir/ready" $! 2>/dev/null; then
			# shellcheck disable=SC2034 # for whoever sources this
			LAB_SINK_PORT=$(sed 's/.*"port":\([0-9]*\).*/\1/' "$dir/ready")
			return 0
		fi
	done
	lab_say "sink did not start ($try tries): $(cat "$dir/err")"
	return 1
}

# lab_sink NAME [FIELD]: the counts as JSON, or one of them (bytes, connections, datagrams,
# requests).
lab_sink() {
	local counts
	counts=$(node "$LAB_DIR/sink.js" --ask "$LAB/sink/$1" counts 2>/dev/null)
	[ -n "$counts" ] || { lab_broken "the sink $1 does not answer"; return 1; }
	if [ $# -gt 1 ]; then
		node -p 'JSON.parse(process.argv[1])[process.argv[2]]' "$counts" "$2"
	else
		echo "$counts"
	fi
}
lab_sink_reset() { node "$LAB_DIR/sink.js" --ask "$LAB/sink/$1" reset >/dev/null; }

# lab_leaked NAME: which canaries reached that sink, one name a line.
lab_leaked() {
	lab_sink "$1" >/dev/null
	[ -s "$LAB/canaries" ] || lab_broken 'no canary is known'
	node "$LAB_DIR/canary.js" "$LAB/sink/$1/bytes.bin" "$LAB/canaries" 2>/dev/null ||
		lab_broken "what reached the sink $1 cannot be searched"
}

# ---- The home ------------------------------------------------------------------------------------

lab_token() { od -An -N20 -tx1 /dev/urandom | tr -d ' \n'; }

# lab_home [DIR]: a home ($LAB/home/ci) full of fake secrets and documents (home.js has the list),
# owned by the throw-away user. Sets LAB_HOME and LAB_ENV (a job's environment, with fake tokens).
# Made anew, with new tokens, at each call.
lab_home() {
	local -a secrets
	LAB_HOME=${1:-$LAB/home/ci}
	case $LAB_HOME in "$LAB"/*) ;; *) lab_say "not below \$LAB: $LAB_HOME"; return 1 ;; esac
	rm -rf "$LAB_HOME"
	mkdir -p "$LAB_HOME" && chmod 711 "$(dirname "$LAB_HOME")" || return 1
	node "$LAB_DIR/home.js" "$LAB_HOME" "$LAB_REGISTRY" "$LAB_REGISTRY_TOKEN" "$LAB" || return 1
	mapfile -t secrets <"$LAB/env"
	LAB_ENV=(HOME="$LAB_HOME" USER="$LAB_USER" LOGNAME="$LAB_USER" PATH="$LAB_PATH" LANG=C.UTF-8
		SHELL=/bin/sh
		WS_LAB_MARK="$LAB_MARK" LAB_INSIDE="${LAB_INSIDE:-}" RUNNER_TRACKING_ID=github_lab
		"${secrets[@]}")
	chown -R "$LAB_UID:$LAB_GID" "$LAB_HOME"
}

# How many of the planted files are gone or changed.
lab_lost() { lab_lost_names | wc -l; }
lab_lost_names() {
	[ -s "$LAB/manifest" ] && [ -d "$LAB_HOME" ] || lab_broken 'no planted file is known'
	(cd "$LAB_HOME" && sha256sum --check --quiet "$LAB/manifest") 2>/dev/null |
		sed -n 's/: FAILED.*//p'
}

# lab_project DIR NAME[@RANGE]...: a small project that depends on these; ?NAME makes one optional.
lab_project() {
	local dir=$1
	shift
	mkdir -p "$dir"
	node -e 'const [dir,...deps]=process.argv.slice(1);
		const p={name:"app",version:"1.0.0",private:true,
			dependencies:{},optionalDependencies:{}};
		for (const d of deps) {
			const m=/^(\?)?(@?[^@]+)(?:@(.+))?$/.exec(d);
			p[m[1]?"optionalDependencies":"dependencies"][m[2]]=m[3]||"*";
		}
		require("fs").writeFileSync(dir+"/package.json",JSON.stringify(p,null,2)+"\n")' \
		"$dir" "$@" || return 1
	chown -R "$LAB_UID:$LAB_GID" "$dir"
}

# ---- Running -------------------------------------------------------------------------------------

# lab_as_user DIR COMMAND...: runs COMMAND in DIR as the throw-away user, with nothing but LAB_ENV.
lab_as_user() {
	local dir=$1
	shift
	(cd "$dir" && exec "${LAB_TIMEOUT[@]}" "${LAB_BECOME[@]}" env -i "${LAB_ENV[@]}" "$@")
}

# lab_spawn DIR COMMAND...: the same in the background; LAB_SPAWNED is COMMAND's own pid, ended with
# the lab.
lab_spawn() {
	local dir=$1
	shift
	(cd "$dir" && exec "${LAB_BECOME[@]}" env -i "${LAB_ENV[@]}" "$@") &
	LAB_SPAWNED=$!
	LAB_PIDS+=("$LAB_SPAWNED")
}

# lab_log FILE: a log that the throw-away user may write: wormsign opens it with his rights.
lab_log() {
	[ -e "$1" ] || (umask 077 && : >"$1" && chown "$LAB_UID:$LAB_GID" "$1")
}

# lab_under_wormsign DIR LOG COMMAND...: the same under wormsign, which gives root away itself, as
# under sudo; with LAB_BY_AGENT=1 the throw-away user calls it, without any privilege, by an agent.
lab_under_wormsign() {
	local dir=$1 log=$2
	shift 2
	lab_log "$log"
	if [ -n "${LAB_BY_AGENT:-}" ]; then
		lab_agent || return 2
		lab_as_user "$dir" "$WORMSIGN" run --socket "$LAB/agent/sock" --log "$log" -- "$@"
		return
	fi
	(cd "$dir" && exec "${LAB_TIMEOUT[@]}" "${LAB_AS_ROOT[@]}" env -i "${LAB_ENV[@]}" \
		SUDO_UID="$LAB_UID" SUDO_GID="$LAB_GID" SUDO_USER="$LAB_USER" "$WORMSIGN" run \
		--log "$log" ${LAB_WORMSIGN_ARGS:-} -- "$@")
}

# An agent with the rules that LAB_WORMSIGN_ARGS names (--rules DIR), which are root's to choose
# there; another one when they have changed. It is started by lab_under_wormsign.
lab_agent() {
	local dir=$LAB/agent config='{}' i
	# shellcheck disable=SC2086 # a list of words
	set -- ${LAB_WORMSIGN_ARGS:-}
	[ "${1:-}" != --rules ] || { config="{\"rules\": [\"$2\"]}"; shift 2; }
	[ $# = 0 ] || { lab_broken "options that an agent does not take: $*"; return 1; }
	[ "$config" != "${LAB_AGENT_CONFIG:-}" ] || return 0
	[ -z "${LAB_AGENT_PID:-}" ] || { kill "$LAB_AGENT_PID" && wait "$LAB_AGENT_PID"; }
	mkdir -p "$dir" && rm -f "$dir/out" && printf '%s\n' "$config" >"$dir/config" || return 1
	"$WORMSIGN" agent --socket "$dir/sock" --config "$dir/config" >"$dir/out" 2>&1 &
	LAB_AGENT_PID=$!
	LAB_PIDS+=("$LAB_AGENT_PID")
	for ((i = 0; i < LAB_PATIENCE * 10; i++)); do
		grep -q listens "$dir/out" && { LAB_AGENT_CONFIG=$config; return 0; }
		kill -0 "$LAB_AGENT_PID" 2>/dev/null || break
		sleep 0.1
	done
	lab_broken "the agent did not start: $(cat "$dir/out")"
	return 1
}

# Pids of living processes that came out of this lab's runs: they carry its mark in their
# environment, or run or work below the fake home. The lab's own servers do neither.
lab_survivors() {
	[ -n "$LAB_MARK" ] && [ -r /proc/self/environ ] || lab_broken 'survivors cannot be searched'
	# Neither is there of a zombie.
	{
		grep -lzx "WS_LAB_MARK=$LAB_MARK" /proc/[0-9]*/environ
		find /proc -maxdepth 2 -path '/proc/[0-9]*' \( -name exe -o -name cwd \) \
			-lname "*$LAB/home/*"
	} 2>/dev/null | cut -d/ -f3 | sort -un
}

lab_kill_survivors() {
	local pid try survivors
	for try in 1 2 3; do
		mapfile -t survivors < <(lab_survivors)
		[ ${#survivors[@]} -gt 0 ] || return 0
		for pid in "${survivors[@]}"; do
			kill -KILL "$pid" 2>/dev/null
		done
		sleep 0.2
	done
	lab_say "${#survivors[@]} processes would not die after $try tries: ${survivors[*]}"
}
