#!/bin/bash
# In the guest, as its last test, since there is no way back: under lockdown=confidentiality no BPF
# program may read the kernel's memory.
set -u
. tests/vm/refusal.sh
[ -n "${VMTEST:-}" ] || { echo "only in a guest: make check-vm"; exit 77; }
lockdown=/sys/kernel/security/lockdown
grep -q integrity "$lockdown" 2>/dev/null ||
	{ echo "SKIP: this kernel was booted without lockdown among its LSMs"; exit 77; }
echo confidentiality >"$lockdown" || exit 1
refusal 'the kernel is locked down .*lockdown=integrity'
