# shellcheck shell=bash
# Where wormsign cannot watch: it says so in one line, with what to do, and does not run the command
# unwatched; doctor says the same.
#
#   refusal WHY      WHY is an extended regular expression; ends the script
refusal() {
	local out status doctor failed=0
	check() { # WHAT COMMAND...
		local what=$1
		shift
		if "$@"; then echo "ok: $what"; else echo "not ok: $what"; failed=1; fi
	}
	out=$("$WORMSIGN" run -- echo ran 2>&1)
	status=$?
	echo "$out"
	check "run ends with 125 ($status)" [ "$status" = 125 ]
	check "it takes one line" [ "$(wc -l <<<"$out")" = 1 ]
	check "it says why, and what to do" grep -Eq "$1" <<<"$out"
	doctor=$("$WORMSIGN" doctor 2>&1)
	status=$?
	echo "$doctor"
	check "doctor ends with 2, nothing can be enforced ($status)" [ "$status" = 2 ]
	check "doctor says why" grep -Eq "enforce nothing here: .*$1" <<<"$doctor"
	exit "$failed"
}
