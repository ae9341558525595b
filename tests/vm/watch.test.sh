#!/bin/bash
# In the guest: the watch backend loads where it was asked for, too, and says what it leaves
# unwatched here.
set -u
[ -n "${VMTEST:-}" ] || { echo "only in a guest: make check-vm"; exit 77; }
failed=0
# check WHAT COMMAND...
check() {
	local what=$1
	shift
	if "$@"; then echo "ok: $what"; else echo "not ok: $what"; failed=1; fi
}
says() { grep -q "$1" <<<"$out"; }

out=$("$WORMSIGN" run --backend=watch -- sh -c 'exit 7' 2>&1)
status=$?
echo "$out"
check "run passes the status through ($status)" [ "$status" = 7 ]
check "the backend is watch" says '^  backend  watch'
# Before 6.13, cgroup programs have no task storage, by which a connect is watched.
case $(uname -r) in
6.[0-9].* | 6.1[0-2].*) check "it says what is not watched" says 'not watched:.* connect' ;;
esac
[ "$failed" = 0 ] || WORMSIGN_DEBUG=1 "$WORMSIGN" run --backend=watch -- true 2>&1 |
	grep -a -B40 'END PROG LOAD LOG' | tail -n 40
exit "$failed"
