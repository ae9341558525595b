#!/bin/bash
# The command finds umask, limits, directory, environment and user as they were without wormsign;
# under sudo it is the user who called sudo.
. tests/run/lib.sh

(umask 027; run -- sh -c umask) >"$work/got"
same "umask" 0027 "$(cat "$work/got")"
same "limits" "$(cat /proc/self/limits)" "$(run -- cat /proc/self/limits)"
same "lowered limits" "$(ulimit -n 200; ulimit -l 8; ulimit -c 0; cat /proc/self/limits)" \
	"$(ulimit -n 200; ulimit -l 8; ulimit -c 0; run -- cat /proc/self/limits)"
same "nice" "$(nice -n 5 nice)" "$(nice -n 5 "$WORMSIGN" run -q --log "$work/log" -- nice)"
same "capabilities of root" "$(grep ^Cap /proc/self/status)" "$(run -- grep ^Cap /proc/self/status)"
same "no_new_privs, seccomp" "$(grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status)" \
	"$(run -- grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status)"
same "oom_score_adj" "$(cat /proc/self/oom_score_adj)" "$(run -- cat /proc/self/oom_score_adj)"
same "environment" "$(A='x
y' env -u _ | sort)" "$(A='x
y' run -- env -u _ | sort)"
same "arguments" "[a b][][*][	]" "$(run -- sh -c 'printf "[%s]" "$@"' sh 'a b' '' '*' '	')"

mkdir "$work/dir" "$work/gone"
same "directory" "$work/dir" "$(cd "$work/dir" && run -- pwd)"
(
	cd "$work/gone" && rmdir "$work/gone"
	run -- sh -c 'ls -a; exit 3' >"$work/got" 2>/dev/null
	echo "status $?" >>"$work/got"
)
same "a directory that was removed" "status 3" "$(cat "$work/got")"

# Under sudo. These variables are sudo's; HOME is root's with -H or env_reset, and the user's
# without.
as_nobody() { env SUDO_UID=65534 SUDO_GID=65534 SUDO_USER=nobody "$@"; }
if [ "$(id -un 65534 2>/dev/null)" != nobody ]; then
	echo "there is no user nobody: nothing about sudo is tested"
	done_testing
fi
home=$(getent passwd nobody | cut -d: -f6)
# The log is opened with the user's rights: here he may make it, and anybody may.
mkdir -m 1777 "$work/logs"
ws="$WORMSIGN run -q --log $work/logs/log --"
same "user, group and groups" "$(id nobody)" "$(as_nobody $ws id)"
same "no way back" "65534 65534 65534 65534" \
	"$(as_nobody $ws awk '/^Uid/ { print $2, $3, $4, $5 }' /proc/self/status)"
same "no capabilities" "0000000000000000" \
	"$(as_nobody $ws awk '/^Cap(Inh|Prm|Eff|Amb)/ { print $2 }' /proc/self/status | sort -u)"
same "HOME, USER, LOGNAME of root are given back" "$home nobody nobody" \
	"$(as_nobody env HOME=/root USER=root LOGNAME=root $ws sh -c 'echo $HOME $USER $LOGNAME')"
same "HOME, USER, LOGNAME of others are left alone" "/x y z" \
	"$(as_nobody env HOME=/x USER=y LOGNAME=z $ws sh -c 'echo $HOME $USER $LOGNAME')"
as_nobody $ws sh -c ": >$work/owned" 2>/dev/null
same "what root may write, the command may not" no "$([ -e "$work/owned" ] && echo yes || echo no)"
mkdir -m 700 "$work/closed"
cp /bin/true "$work/closed/prog"
as_nobody $ws "$work/closed/prog" 2>"$work/err"
same "status of a program that the user may not reach" 126 $?
same "... in these words" "wormsign: $work/closed/prog: Permission denied" "$(cat "$work/err")"
same "the log is the user's alone" "600 65534" "$(stat -c '%a %u' "$work/logs/log")"
ws="$WORMSIGN run -q --log $work/logs/other --"
same "SUDO_UID of root is root" 0 "$(env SUDO_UID=0 SUDO_GID=0 SUDO_USER=root $ws id -u)"
same "a user without a name" "uid=54321 gid=54322 groups=54322" \
	"$(env SUDO_UID=54321 SUDO_GID=54322 SUDO_USER=ghost \
		$WORMSIGN run -q --log "$work/logs/ghost" -- id)"
for bad in "SUDO_UID=x" "SUDO_UID=-1" "SUDO_UID=" "SUDO_UID=4294967295" \
	"SUDO_UID=65534 SUDO_GID=x" "SUDO_UID=54321"; do
	env $bad $ws sh -c ": >$work/ran" 2>"$work/err"
	same "status with $bad" 125 $?
	has "words with $bad" "wormsign: SUDO_" "$(cat "$work/err")"
done
same "nothing ran with those" no "$([ -e "$work/ran" ] && echo yes || echo no)"
done_testing
