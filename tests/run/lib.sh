# shellcheck shell=bash
# Sourced by the tests of this directory: count checks, and those that fail.
#
#   needs PROGRAM...                skip the test where one is not installed
#   run [OPTION...] -- COMMAND...   wormsign, with its log in $work
#   same WHAT WANTED GOT            one check
#   has WHAT TEXT GOT               ... that GOT holds TEXT
#   lacks WHAT TEXT FILE            ... that FILE, which is there, does not hold TEXT
#   events FILTER [LOG]             what jq prints of the events of a whole log
#   done_testing                    last line of a test
#
# A helper that lacks what it is to look at says so by `missing`: its answer, often an empty one,
# proves nothing, and is taken by $(...), where no exit status is seen. The test fails at its end.
set -u
: "${WORMSIGN:?is the program to test}"
work=$(mktemp -d "${TMPDIR:-/tmp}/run.XXXXXX") || exit 1
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
checks=0 wrong=0

needs() {
	local program
	for program; do
		command -v "$program" >/dev/null ||
			{ echo "SKIP: $program is not installed"; exit 77; }
	done
}
needs pgrep ps

missing() { printf '%s\n' "$*" >>"$work/missing"; }

run() { "$WORMSIGN" run --quiet --log "$work/log" "$@"; }

failed_check() { # WHAT WANTED GOT
	wrong=$((wrong + 1))
	printf 'failed: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
}

same() {
	checks=$((checks + 1))
	[ "$2" = "$3" ] || failed_check "$@"
}

has() {
	checks=$((checks + 1))
	case $3 in *"$2"*) ;; *) failed_check "$1" "...$2..." "$3" ;; esac
}

lacks() {
	checks=$((checks + 1))
	if [ ! -r "$3" ]; then
		failed_check "$1" "a file without $2" "no file $3"
	elif grep -qF -- "$2" "$3"; then
		failed_check "$1" "no $2" "$(grep -F -- "$2" "$3")"
	fi
}

events() {
	local log=${2:-$work/log}
	grep -qs '"session-end"' "$log" || missing "the log $log is not there, or not whole"
	jq -r "$1" "$log" || missing "the log $log cannot be read"
}

# The cgroup of the session that process $1 watches, if it is there.
cgroup_of() {
	local top
	top=$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)
	[ -d "$top" ] || missing 'no cgroup v2 hierarchy is mounted'
	# others' cgroups may go meanwhile
	find "$top" -name "wormsign-$1-*" -type d 2>/dev/null
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local tries=$(($1 * 20))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.05
	done
}

done_testing() {
	if [ -s "$work/missing" ]; then
		echo 'what these checks looked at was missing:'
		sort -u "$work/missing" | sed 's/^/  /'
		wrong=$((wrong + 1))
	fi
	# with what agents have said, who may know why
	[ $wrong = 0 ] || cat "$work"/agent.{before,out} 2>/dev/null
	[ "$checks" -gt 0 ] || { echo 'no check was made'; wrong=1 checks=1; }
	echo "$((checks - wrong)) of $checks checks as they should be"
	[ $wrong = 0 ]
	exit
}
