# Where wormsign cannot watch: it says so in one line, with what to do, and does not run the command unwatched; doctor
# says the same. refusal WHY, an extended regular expression; the script's end.
refusal() {
	local out status doctor failed=0
	out=$("$WORMSIGN" run -- echo ran 2>&1)
	status=$?
	echo "$out"
	[ "$status" = 125 ] || { echo "not ok: status $status"; failed=1; }
	[ "$(wc -l <<<"$out")" = 1 ] || { echo "not ok: it takes more than a line"; failed=1; }
	grep -Eq "$1" <<<"$out" || { echo "not ok: it does not say why, and what to do"; failed=1; }
	doctor=$("$WORMSIGN" doctor 2>&1)
	[ $? = 2 ] || { echo "not ok: doctor does not say that nothing can be enforced"; failed=1; }
	grep -Eq "enforce nothing here: .*$1" <<<"$doctor" || { echo "not ok: doctor does not say why: $doctor"; failed=1; }
	exit "$failed"
}
