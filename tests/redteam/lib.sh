# shellcheck shell=bash
# What the red team's scenarios share. Each scenario first proves that its attack works, then that
# wormsign stops it.
#
#   . tests/redteam/lib.sh
#   rt_begin R01 'what happens'
#   rt_package color-tools-x 1.4.2 classic postinstall 'node collect.js'
#   rt_control && rt_leaked '.aws/credentials'
#   rt_guarded && rt_stopped color-tools-x credential
#   rt_end
#
# A scenario may define rt_setup (called after each new home, for files of its own) and rt_network
# (called once, inside the namespaces, before the servers start). Its results are lines "ok ..." and
# "not ok ...", from which rt_end makes the exit status. Without a wormsign only the control half
# runs: status 77.

. tests/lab/lab.sh
RT_DIR=tests/redteam
RT_PROJECT=            # set by each run
RT_DEPENDENCIES=()     # what the project depends on, besides the honest ones
RT_HONEST=(ms semver)  # must be there and usable after the run
RT_SCRIPTED=(core-js@2 esbuild) # ... and these, which run install scripts
[ -z "${VMTEST:-}" ] || RT_SCRIPTED=(core-js@2) # npm asks for each of esbuild's platforms: minutes
RT_COMMAND=(npm install)
RT_ENV=()
LAB_TIMEOUT=(timeout -k 10 "$([ -n "${VMTEST:-}" ] && echo 900 || echo 300)") # for one command
RT_PASSED=0
RT_FAILED=0
RT_ATTACKERS=()        # "NAME VERSION EVENT" of each attack package
RT_SCOPES=1            # scopes that destroy files: on `watch` each may complete one change

rt_ok() { # TEXT CONDITION...
	local text=$1
	shift
	if "$@" >/dev/null 2>&1; then
		RT_PASSED=$((RT_PASSED + 1))
		echo "ok $RT_ID $RT_LANE: $text"
	else
		RT_FAILED=$((RT_FAILED + 1))
		echo "not ok $RT_ID $RT_LANE: $text"
		return 1
	fi
}

# TEXT GOT WANTED
rt_is() {
	rt_ok "$1 (${2//$'\n'/ })" [ "$2" = "$3" ] || echo "   wanted: ${3//$'\n'/ }"
}

# rt_begin ID TITLE [ADDRESS...]: the lab with registry and sink `web` (at ADDRESS too), inside its
# own namespaces.
rt_begin() {
	RT_ID=$1
	RT_LANE=lab
	[ -n "${LAB_INSIDE:-}" ] || rt_have_programs
	lab_enter "$RT_DIR/$(basename "$0")"
	echo "# $1 $2"
	shift 2
	BEHAVE=$(realpath "${BEHAVE:-.output/behave}")
	WORMSIGN=$(realpath -m "${WORMSIGN:-.output/wormsign}")
	lab_begin || exit 2
	if declare -F rt_network >/dev/null; then rt_network; fi
	lab_registry_start && lab_sink_start web 127.0.0.1:0 '[::1]:0' "$@" || exit 2
	RT_SINK=127.0.0.1:$LAB_SINK_PORT
	RT_CDN=$RT_SINK
	RT_HOME=$LAB/home/ci # known before it is made: packages name it
	RT_TOOLS=$LAB/tools # programs that the job finds first: stand-ins for gh, sudo, ...
	mkdir -p "$RT_TOOLS"
}

# rt_tool NAME: a program for RT_TOOLS, from standard input.
rt_tool() {
	cat >"$RT_TOOLS/$1" && chmod 755 "$RT_TOOLS/$1"
}

# A canary that is not in the home: rt_canary NAME TOKEN, in rt_setup.
rt_canary() { printf '%s %s\n' "$1" "$2" >>"$LAB/canaries"; }

rt_have_programs() {
	local program
	for program in node npm jq setpriv unshare; do
		command -v "$program" >/dev/null ||
			{ echo "SKIP: $program is not installed"; exit 77; }
	done
	[ -x "${BEHAVE:-.output/behave}/open" ] ||
		{ echo 'SKIP: no truth binaries: make behave'; exit 77; }
}

# ---- Packages ------------------------------------------------------------------------------------

# rt_package [-p] NAME VERSION FOLDER|- EVENT SCRIPT [TRUTH...]: publishes an attack package made of
# packages/FOLDER, kit.js and the truth binaries named, and makes it an optional dependency: when
# the script of a plain dependency fails, npm itself undoes the whole installation, honest packages
# too. -p: a plain dependency. EVENT `-`: no script at all.
rt_package() {
	local plain='?' name version folder event script dir binary
	[ "$1" != -p ] || { plain=; shift; }
	name=$1 version=$2 folder=$3 event=$4 script=$5 dir=$LAB/packages/$1
	shift 5
	mkdir -p "$dir/bin"
	[ "$folder" = - ] || cp -R "$RT_DIR/packages/$folder/." "$dir/"
	for binary; do
		cp "$BEHAVE/$binary" "$dir/bin/$binary" || return 1
	done
	lab_attack "$name" "$version" "$event" "$script" "$RT_SINK" "$RT_CDN" ||
		{ RT_FAILED=$((RT_FAILED + 1)); return 1; }
	RT_DEPENDENCIES+=("$plain$name")
	[ "$event" != - ] || event=install # npm's implicit one, for binding.gyp
	RT_ATTACKERS+=("$name $version $event")
}

# ---- Runs ----------------------------------------------------------------------------------------

# Of a run that a check has failed on: what the command printed last.
rt_tell_failed() {
	[ "$RT_FAILED" = "${RT_FAILED_BEFORE:-0}" ] || [ ! -e "$LAB/out.${RT_LANE:-}" ] || {
		echo "# output of $RT_LANE (status ${RT_STATUS:-unknown}):"
		tail -n 15 "$LAB/out.$RT_LANE"
	}
	RT_FAILED_BEFORE=$RT_FAILED
}

rt_fresh() {
	lab_kill_survivors
	lab_home || exit 2
	lab_sink_reset web
	RT_PROJECT=$RT_HOME/work/app
	LAB_ENV+=(PATH="$RT_TOOLS:$LAB_PATH" "${RT_ENV[@]}")
	lab_project "$RT_PROJECT" "${RT_HONEST[@]}" "${RT_SCRIPTED[@]}" "${RT_DEPENDENCIES[@]}" ||
		exit 2
	if declare -F rt_setup >/dev/null; then rt_setup; fi
}

# rt_control [LANE]: the attack without wormsign. Only ever inside the lab's own home and namespace.
rt_control() {
	rt_tell_failed
	RT_LANE=control${1:+-$1}
	[ -n "${LAB_INSIDE:-}" ] || exit 2
	rt_fresh
	lab_as_user "$RT_PROJECT" "${RT_COMMAND[@]}" >"$LAB/out.$RT_LANE" 2>&1
	RT_STATUS=$?
}

# rt_guarded [LANE]: the same under wormsign. Returns 1 if there is no wormsign: then there is
# nothing to judge.
rt_guarded() {
	rt_tell_failed
	RT_LANE=wormsign${1:+-$1}
	[ -x "${WORMSIGN:-}" ] || return 1
	rt_fresh
	RT_LOG=$LAB/log.$RT_LANE
	lab_under_wormsign "$RT_PROJECT" "$RT_LOG" "${RT_COMMAND[@]}" >"$LAB/out.$RT_LANE" 2>&1
	RT_STATUS=$?
	# Who has been killed may take a moment to be gone, on a busy machine; nobody's script ends
	# by itself as fast (R26).
	for _ in 1 2 3 4 5; do
		RT_SURVIVORS=$(lab_survivors)
		[ -n "$RT_SURVIVORS" ] || break
		sleep 0.2
	done
	if [ -n "${V:-}" ] && [ "$V" != 0 ]; then
		sed 's/^/   > /' "$LAB/out.$RT_LANE"
	fi
}

# ---- Judgements ----------------------------------------------------------------------------------

rt_events() {
	local rc=0
	node "$LAB_DIR/events.js" "${RT_LOG:-/nonexistent/log}" "$@" || rc=$?
	[ "$rc" -le 1 ] || lab_broken "the log of the run $RT_LANE cannot be read to its end"
	return "$rc"
}

# rt_accusations [JQ-ARG...]: of each verdict that accuses, what jq prints.
rt_accusations() { rt_events 'wormsign.verdict~^(deny|kill|stop)$' | jq -r "$@" | sort -u; }
# Nothing is known of accusations unless the log is there and whole.
rt_log_whole() { rt_ok 'the log is whole' rt_events event.action=session-end; }

# rt_leaked NAME...: these canaries reached the sink (control runs).
rt_leaked() {
	local name leaked
	leaked=$(lab_leaked web)
	for name; do
		rt_ok "$name reached the sink" grep -qxF -- "$name" <<<"$leaked"
	done
}

# rt_eventually SECONDS COMMAND...: retries COMMAND each half second.
rt_eventually() {
	local i=$(($1 * 2))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $((i -= 1)) -gt 0 ] || return 1
		sleep 0.5
	done
}
rt_requests() { lab_sink web | jq -r '.requests[]'; }
rt_has_leaked() { lab_leaked web | grep -qxF -- "$1"; }

rt_silent() {
	rt_is 'bytes at the sink' "$(lab_sink web bytes)" 0
	rt_is 'canaries at the sink' "$(lab_leaked web)" ''
}

rt_backend() {
	rt_events 'wormsign.backend~.' 2>/dev/null | jq -r '."wormsign.backend"' | sort -u |
		head -n 1
}

# Whether calls are refused before they begin: on deny, and on watch where a filter of seccomp can
# be put into scripts.
rt_refuses() {
	[ "$(rt_backend)" = deny ] ||
		[ -z "$(rt_events 'wormsign.withheld.calls_open~.' 2>/dev/null)" ]
}

# No planted file is lost. Where an unlink cannot be refused, at most one for each scope that tries
# (each here is one process). RT_CHANGED: how many planted files rt_setup() changes itself.
rt_files_kept() {
	local lost limit=${RT_CHANGED:-0}
	lost=$(lab_lost)
	rt_refuses || limit=$((limit + RT_SCOPES))
	rt_ok "planted files lost: $lost (at most $limit)" [ "$lost" -le "$limit" ] ||
		lab_lost_names | head -n 5
}

rt_no_survivors() {
	rt_is 'processes left' "${RT_SURVIVORS-not looked for}" ''
}

rt_honest_installed() {
	local name
	for name in "${RT_HONEST[@]}" "${RT_SCRIPTED[@]%@*}"; do
		rt_ok "$name is installed and loads" lab_as_user "$RT_PROJECT" \
			node -e "require('$name')"
	done
	[[ " ${RT_SCRIPTED[*]} " != *' esbuild '* ]] ||
		rt_ok 'esbuild runs' lab_as_user "$RT_PROJECT" node_modules/.bin/esbuild --version
}

# rt_accused PACKAGE FAMILY: a verdict of deny, kill or stop names PACKAGE, its version and
# lifecycle event, and a rule whose id or category matches the regular expression FAMILY.
rt_accused() {
	local name version event found=
	while read -r name version event; do
		[ "$name" = "$1" ] || continue
		found=$(rt_events 'wormsign.verdict~^(deny|kill|stop)$' "package.name=$name" \
			"package.version=$version" "wormsign.event=$event" \
			"rule.id,rule.category,rule.ruleset~$2")
		rt_ok "$name@$version $event is accused: $2" [ -n "$found" ] ||
			rt_events 'wormsign.verdict~.' | jq -r '
				"   seen: \(."wormsign.verdict") \(."rule.id") " +
				"\(."package.name")@\(."package.version") \(."wormsign.event") " +
				(."file.path" // ."destination.address" // "")' | head -n 8
		return
	done <<<"$(printf '%s\n' "${RT_ATTACKERS[@]}")"
	rt_ok "$1 is one of this scenario's packages" false
}

# rt_kept_out PACKAGE RULES: one of them (a pattern) refuses it a file, on both backends, without an
# accusation.
rt_kept_out() {
	rt_ok "$1 is kept out: $2" \
		[ -n "$(rt_events "rule.id~^($2)\$" wormsign.effect=refused "package.name=$1")" ]
}

# rt_withholds RULE: whether the rule keeps a package from what it hides. watch hides no file.
rt_withholds() {
	[ "$(rt_backend)" = deny ] || { [[ $1 =~ ^no-(io-uring|namespaces)$ ]] && rt_refuses; }
}

# rt_withheld PACKAGE RULE FAMILY: RULE withholds what the attack needs first (a ring, a namespace;
# on deny a folder of the home), so it fails without an accusation. Where it cannot, the package is
# accused of FAMILY by what it does next.
rt_withheld() {
	rt_withholds "$2" || { rt_accused "$1" "$3"; return; }
	rt_ok "$1 is kept out: $2" \
		[ -n "$(rt_events "rule.id=$2" wormsign.effect=refused "package.name=$1")" ]
}

# Only this scenario's packages are accused.
rt_no_innocent_accused() {
	local guilty innocent
	guilty=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}" | paste -sd'|')
	rt_log_whole || return
	innocent=$(rt_accusations --arg guilty "^($guilty)\$" '
		select((."package.name" // "") | test($guilty) | not) |
		"\(."rule.id") \(."package.name" // "-")"')
	rt_is 'accused without cause' "$innocent" ''
}

# Everything that a stopped attack has in common. rt_stopped [PACKAGE FAMILY]...
rt_stopped() {
	rt_is 'exit status' "$RT_STATUS" 86
	while [ $# -ge 2 ]; do
		rt_accused "$1" "$2"
		shift 2
	done
	rt_no_innocent_accused
	rt_silent
	rt_files_kept
	rt_no_survivors
	rt_honest_installed
}

# An honest run: the command's own status, no accusation.
rt_peaceful() {
	rt_is 'exit status' "$RT_STATUS" "${1:-0}"
	rt_log_whole && rt_is 'accusations' "$(rt_accusations '."rule.id"')" ''
	rt_no_survivors
}

rt_end() {
	lab_intact || RT_FAILED=$((RT_FAILED + 1))
	[ "$((RT_PASSED + RT_FAILED))" != 0 ] || { echo 'no check was made'; RT_FAILED=1; }
	rt_tell_failed
	echo "# $RT_PASSED passed, $RT_FAILED failed"
	[ "$RT_FAILED" = 0 ] || exit 1
	[ -x "${WORMSIGN:-}" ] || {
		echo "SKIP: the attack works ($RT_PASSED checks); no wormsign to stop it"
		exit 77
	}
	exit 0
}
