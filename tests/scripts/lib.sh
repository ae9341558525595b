# shellcheck shell=bash
# Sourced by the tests of this directory, from the top of the tree: a directory $work, and checks
# that are counted.
#
#   is WHAT WANTED GOT       one check
#   has WHAT TEXT GOT        ... that GOT holds TEXT
#   end_test                 the last line of a test
set -u
work=$(mktemp -d "${TMPDIR:-/tmp}/scripts-test.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

is() {
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
		echo "ok: $1"
	else
		failed=$((failed + 1))
		printf 'not ok: %s\n  wanted: %s\n  got:    %s\n' "$1" "$2" "$3"
	fi
}

has() {
	case $3 in
	*"$2"*) is "$1" "$2" "$2" ;;
	*) is "$1" "...$2..." "$3" ;;
	esac
}

end_test() {
	echo "# $passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
	exit
}
