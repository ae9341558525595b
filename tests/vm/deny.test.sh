#!/bin/bash
# In the guest: the deny backend loads, passes its self-test, and carries a command through
# unchanged.
#
# That it loads at all is the point: each kernel's verifier has limits of its own (6.1 and 6.12 add
# up the stacks of nested calls differently from 6.18). Loading time is printed, for the log.
set -u
[ -n "${VMTEST:-}" ] || { echo "only in a guest: make check-vm"; exit 77; }
failed=0
# check WHAT COMMAND...
check() {
	local what=$1
	shift
	if "$@"; then echo "ok: $what"; else echo "not ok: $what"; failed=1; fi
}
says() { grep -Eq "$1" <<<"$doctor"; }
says_not() { ! says "$1"; }
[ -x "${WORMSIGN:-}" ] || { echo "no wormsign at '${WORMSIGN:-}'"; exit 1; }

begun=${EPOCHREALTIME/[.,]/}
doctor=$("$WORMSIGN" doctor 2>&1)
status=$?
echo "$doctor"
echo "doctor took $(((${EPOCHREALTIME/[.,]/} - begun) / 1000)) ms"
# 1: some rules are for hooks that this kernel lacks; doctor has named them.
check "doctor ends with 0 or 1 ($status)" [ "$status" -le 1 ]
check "the backend is deny" says '^backend +deny'

if grep -qw preempt=full /proc/cmdline; then
	check "doctor knows that the kernel is preemptible" says '^preemption +full'
	check "no check may be skipped" says_not '^checks .*may skip'
fi

# A wrapped command's input, output and status are its own. (One run: loading is what costs here.)
out=$(echo in | "$WORMSIGN" run --quiet -- sh -c 'cat; exit 7')
status=$?
check "run passes the status through ($status)" [ "$status" = 7 ]
check "run passes input and output through" [ "$out" = in ]

[ "$failed" = 0 ] || WORMSIGN_DEBUG=1 "$WORMSIGN" doctor 2>&1 |
	grep -aE -B2 -A6 'BEGIN PROG LOAD LOG' | grep -av 'relocated' | tail -n 40
exit "$failed"
