#!/bin/bash
# In the guest, as its last test, since there is no way back: under lockdown=confidentiality no BPF program may read the
# kernel's memory. wormsign says so in one line, and does not run the command unwatched.
set -u
[ -n "${VMTEST:-}" ] || { echo "only in a guest: make check-vm"; exit 77; }
lockdown=/sys/kernel/security/lockdown
grep -q 'integrity' "$lockdown" 2>/dev/null || { echo "SKIP: this kernel was booted without lockdown among its LSMs"; exit 77; }
echo confidentiality >"$lockdown" || exit 1
failed=0
fail() { echo "not ok: $*"; failed=1; }

out=$("$WORMSIGN" run -- echo ran 2>&1)
status=$?
echo "$out"
[ "$status" = 125 ] || fail "status $status"
[ "$(wc -l <<<"$out")" = 1 ] || fail "it takes more than a line"
grep -q 'locked down.*lockdown=integrity' <<<"$out" || fail "it does not say why, and what to do"
doctor=$("$WORMSIGN" doctor 2>&1)
[ $? = 2 ] || fail "doctor does not say that nothing can be enforced"
grep -Eq '^lockdown +confidentiality' <<<"$doctor" && grep -q 'enforce nothing here: the kernel is locked down' <<<"$doctor" ||
	fail "doctor does not say why: $doctor"
exit "$failed"
