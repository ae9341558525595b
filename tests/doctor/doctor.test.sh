#!/bin/bash
# wormsign doctor: its text, JSON and exit status agree and are true; also for users without
# the rights to try.
set -u
cd "$(dirname "$0")/../.." || exit 2
[ -x "${WORMSIGN:-}" ] || { echo 'SKIP: no wormsign is built'; exit 77; }
[ -n "$(find rules -mindepth 2 -name '*.json' 2>/dev/null | head -n 1)" ] ||
	{ echo 'SKIP: there are no rules yet'; exit 77; }
command -v jq >/dev/null || { echo 'SKIP: jq is not installed'; exit 77; }

failed=0
ok() { # ok WORDS COMMAND...
	local words=$1
	shift
	if "$@"; then echo "ok    $words"; else echo "FAIL  $words"; failed=1; fi
}
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

"$WORMSIGN" doctor --json >"$work/json" 2>"$work/err"
status=$?
has() { jq -e "$1" "$work/json" >/dev/null; }
ok 'stderr is empty' [ ! -s "$work/err" ]
ok 'JSON can be read' has '.version and .kernel.release'
case $(jq -r .enforcement "$work/json") in
yes) want=0 ;;
partly) want=1 ;;
*) want=2 ;;
esac
ok "exit status $status goes with the report" [ "$status" = "$want" ]
if [ "$want" != 2 ]; then
	ok 'a backend' has '.backend == "deny" or .backend == "watch"'
	ok 'lineage hooks are attached' has '
		[.hooks[] | select(.name == "fork" or .name == "exec") | .backend != "none"] | all'
	ok 'every rule has a power and a reason' has '
		(.rules | length) == .rule_count and (.rules | all(.power and (.why | length > 0)))'
	ok 'the counts add up' has '([.rule_counts[]] | add) == .rule_count'
	ok 'whether a check may be skipped' has '
		.kernel.preemption and (.may_skip == "no" or
			(.backend == "deny" and .kernel.preemption != "voluntary" and
			(.may_skip == "unknown" or .enforcement == "partly")))'
	ok 'the deny backend refuses reading' has '.backend != "deny" or .operations.read == "deny"'
	ok 'the watch backend does not say that it refuses' has \
		'.backend != "watch" or .operations.read != "deny"'
	ok 'no rule is stronger than the weakest of its operations' has '
		.operations as $ops | .rules | all(.weakest as $op | .power as $p |
			if $ops[$op] == "blind" then $p == "blind"
			elif $ops[$op] == "deny" then true
			else $p != "deny" end)'
else
	ok 'it says why not' has '(.error | length) > 0'
fi
"$WORMSIGN" doctor >"$work/text" 2>&1
ok 'the text has the same exit status' [ $? = "$status" ]
ok 'the text has a verdict' grep -q '^wormsign can enforce ' "$work/text"

# What cannot be seen is unknown, not missing.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m sh -c 'while umount -l /sys/kernel/security; do :; done 2>/dev/null
		exec "$0" doctor' \
		"$WORMSIGN" >"$work/text" 2>&1
	ok 'securityfs is not mounted: lockdown is unknown' \
		grep -q '^lockdown *unknown, securityfs is not mounted' "$work/text"
	ok '... and so are the LSMs' grep -q '^lsm *unknown, securityfs is not mounted' "$work/text"
	# shellcheck disable=SC2016
	unshare -m sh -c 'mount -t tmpfs none /sys && exec "$0" doctor --json' \
		"$WORMSIGN" >"$work/json" 2>/dev/null
	ok 'sysfs is not mounted: BTF is unknown' \
		has '.kernel.btf == null and .kernel.btf_unknown == "sysfs is not mounted"'
	unshare -m sh -c 'mount -t tmpfs none /proc/sys && exec "$0" doctor' \
		"$WORMSIGN" >"$work/text" 2>&1
	ok 'sysctls cannot be seen: what the terminal takes is unknown' \
		grep -q '^terminal .*which is unknown: /proc/sys is not mounted' "$work/text"
	ok '... and nothing is said of what the kernel cannot do' \
		test "$(grep -c 'cannot forbid' "$work/text")" = 0
	# shellcheck disable=SC2016
	if unshare -m sh -c 'mount -t securityfs none /sys/kernel/security && exec "$0" doctor' \
		"$WORMSIGN" >"$work/text" 2>&1; [ $? -lt 3 ]; then
		if grep -q '^lockdown' "$work/text"; then
			ok 'securityfs is mounted: lockdown is known' \
				[ "$(grep -c '^lockdown *unknown' "$work/text")" = 0 ]
		fi
	fi
fi

# Without rights: it says so, and claims nothing.
if command -v setpriv >/dev/null && [ "$(id -u)" = 0 ]; then
	setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all \
		"$WORMSIGN" doctor >"$work/plain" 2>&1
	rc=$?
	# the build may lie where nobody else may look
	if [ "$rc" != 126 ] && [ "$rc" != 127 ]; then
		ok "without rights: status 2, not $rc" [ "$rc" = 2 ]
		ok 'without rights: which are missing' grep -q 'CAP_BPF' "$work/plain"
		# in a build that nobody else may read, the rules are not found either
		ok 'without rights: nothing is claimed' \
			grep -qE \
				'kernel side was not loaded|can enforce here is unknown' \
				"$work/plain"
	fi
fi
"$WORMSIGN" doctor --no-such-option >/dev/null 2>"$work/err"
ok 'an unknown option: 125' [ $? = 125 ]
ok '... and where help is' grep -q "doctor --help" "$work/err"
"$WORMSIGN" doctor --help >"$work/help"
ok 'help' grep -q '^Usage: wormsign doctor' "$work/help"
exit "$failed"
