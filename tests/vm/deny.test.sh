#!/bin/bash
# In the guest: the deny backend loads, passes its self-test, and carries a command through unchanged.
#
# That it loads at all is the point: each kernel's verifier has limits of its own (6.1 and 6.12 add up
# the stacks of nested calls differently from 6.18). Loading time is printed, for the log.
set -u
[ -n "${VMTEST:-}" ] || { echo "only in a guest: make check-vm"; exit 77; }
failed=0
fail() { echo "not ok: $*"; failed=1; }
[ -x "${WORMSIGN:-}" ] || { echo "no wormsign at '${WORMSIGN:-}'"; exit 1; }

begun=${EPOCHREALTIME/[.,]/}
doctor=$("$WORMSIGN" doctor 2>&1)
status=$?
echo "$doctor"
echo "doctor took $(((${EPOCHREALTIME/[.,]/} - begun) / 1000)) ms"
# 1: some rules are for hooks that this kernel lacks; doctor has named them.
[ "$status" -le 1 ] || fail "doctor ends with $status"
grep -Eq '^backend +deny' <<<"$doctor" || fail "the backend is not deny"

if grep -qw preempt=full /proc/cmdline; then
	grep -Eq '^preemption +full' <<<"$doctor" || fail "doctor does not know that the kernel is preemptible"
	! grep -q '^checks .*may skip' <<<"$doctor" || fail "a check may be skipped"
fi

# A wrapped command's input, output and status are its own. (One run: loading is what costs here.)
out=$(echo in | "$WORMSIGN" run --quiet -- sh -c 'cat; exit 7')
status=$?
[ "$status" = 7 ] || fail "run passes no status through: $status"
[ "$out" = in ] || fail "run passes no input or output through"

[ "$failed" = 0 ] || WORMSIGN_DEBUG=1 "$WORMSIGN" doctor 2>&1 | grep -aE -B2 -A6 'BEGIN PROG LOAD LOG' | grep -av 'relocated' | tail -n 40
exit "$failed"
