#!/bin/bash
# In a guest with a kernel from before bpf_loop: one line says so and what to do, and the command is not run unwatched.
# vm: no (only in the row that names it)
set -u
[ -n "${VMTEST:-}" ] || { echo "only in a guest: make check-vm"; exit 77; }
failed=0
fail() { echo "not ok: $*"; failed=1; }
out=$("$WORMSIGN" run -- echo ran 2>&1)
status=$?
echo "$out"
[ "$status" = 125 ] || fail "status $status"
[ "$(wc -l <<<"$out")" = 1 ] || fail "it takes more than a line"
grep -q 'too old.*use 6.1 or later' <<<"$out" || fail "it does not say why, and what to do"
doctor=$("$WORMSIGN" doctor 2>&1)
[ $? = 2 ] || fail "doctor does not say that nothing can be enforced"
grep -q 'enforce nothing here: this kernel is too old' <<<"$doctor" || fail "doctor does not say why: $doctor"
exit "$failed"
