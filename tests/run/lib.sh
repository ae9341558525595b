# Sourced by the tests of this directory: count what is as it should be, and what is not.
#
#   run [OPTION...] -- COMMAND...   wormsign, with its log in $work
#   same WHAT WANTED GOT            one check
#   has WHAT TEXT GOT               ... that GOT holds TEXT
#   done_testing                    last line of a test
set -u
: "${WORMSIGN:?is the program to test}"
work=$(mktemp -d "${TMPDIR:-/tmp}/run.XXXXXX") || exit 1
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
checks=0 wrong=0

run() { "$WORMSIGN" run --quiet --log "$work/log" "$@"; }

same() {
	checks=$((checks + 1))
	[ "$2" = "$3" ] && return
	wrong=$((wrong + 1))
	printf 'not as it should be: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
}

has() {
	checks=$((checks + 1))
	case $3 in *"$2"*) return ;; esac
	wrong=$((wrong + 1))
	printf 'not as it should be: %s\n  wanted: ...%s...\n  got:    %s\n' "$1" "$2" "$3"
}

# The cgroup of the session that process $1 watches, if it is there.
cgroup_of() {
	find "$(awk '/ - cgroup2 / { print $5; exit }' /proc/self/mountinfo)" -name "wormsign-$1-*" -type d 2>/dev/null
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
	echo "$((checks - wrong)) of $checks checks as they should be"
	[ $wrong = 0 ]
	exit
}
