#!/bin/bash
# In a guest with a kernel from before bpf_loop.
# vm: no (only in the row that names it)
set -u
. tests/vm/refusal.sh
[ -n "${VMTEST:-}" ] || { echo "only in a guest: make check-vm"; exit 77; }
refusal 'this kernel is too old.*use 6.1 or later'
