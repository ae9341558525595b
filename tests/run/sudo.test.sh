#!/bin/bash
# A user who may run nothing as root but `sudo wormsign run ...`, by the line of README, does not
# become root by it: each option that names a file, each variable, each kind of file.
# vm: no (sudo is not in the guests)
. tests/run/lib.sh
needs sudo setpriv script python3
[ "$(id -u)" = 0 ] || { echo "SKIP: needs root"; exit 77; }
# A mount namespace of its own, in which the machine has this user and this line.
if [ "${1:-}" != inside ]; then
	rm -rf "$work"
	exec unshare --mount --propagation private "$BASH" "$0" inside
fi

ID=4242
line=$(sed -n 's/^ *\(runner ALL=(root).*\)/\1/p' README.md)
same "README has one line for sudoers" 1 "$(grep -c . <<<"$line")"
line=${line/#runner/wsrunner}
line=${line/\/usr\/local\/bin\/wormsign/$WORMSIGN}
has "it names the program" "$WORMSIGN" "$line"
mkdir "$work/etc" && chmod 755 "$work/etc"
for file in passwd group shadow sudoers; do cp "/etc/$file" "$work/etc/$file"; done
echo "wsrunner:x:$ID:$ID::$work/home:/bin/bash" >>"$work/etc/passwd"
echo "wsrunner:x:$ID:" >>"$work/etc/group"
echo 'wsrunner:*:19000:0:99999:7:::' >>"$work/etc/shadow"
printf '%s\n' 'root ALL=(ALL:ALL) ALL' "$line" >"$work/etc/sudoers"
chmod 440 "$work/etc/sudoers"
[ "$(visudo -cf "$work/etc/sudoers" 2>&1 | grep -c 'parsed OK')" = 1 ] || missing "a right sudoers"
for file in passwd group shadow sudoers; do
	mount --bind "$work/etc/$file" "/etc/$file" || missing "mount of $file"
done
home=$work/home
mkdir -m 755 "$home" && chown $ID:$ID "$home"
# What is root's alone: a word in each must not come out, and none may change.
roots=$work/roots
mkdir -m 700 "$roots" "$roots/rules"
echo 'S3CRETWORD { "S3CRETWORD": ' | tee "$roots/file" "$roots/rules/x.json" >/dev/null
chmod 600 "$roots/file"
if mkdir /etc/wormsign 2>/dev/null; then
	trap 'umount /etc/wormsign; rmdir /etc/wormsign; rm -rf "$work"' EXIT
fi
mount -t tmpfs -o mode=755 none /etc/wormsign || missing "mount of /etc/wormsign"
echo '{ "sinks": [], "S3CRETWORD": 1 }' >/etc/wormsign/delivery.json
chmod 600 /etc/wormsign/delivery.json
# If one of these attacks should work, nothing of the machine's must suffer: what is attacked is
# this namespace's own.
mkdir -p "$work/etc/cron.d" "$work/etc/sudoers.d"
for dir in cron.d sudoers.d; do
	[ ! -d "/etc/$dir" ] || mount --bind "$work/etc/$dir" "/etc/$dir" || exit 1
done
mknod -m 600 "$roots/device" c 1 3 || missing "a device of root's"
state() { find "$roots" /etc/wormsign /etc/cron.d /etc/sudoers.d -printf '%p %u %g %m %s %T@\n' |
	LC_ALL=C sort; cat "$roots/file" "$roots/rules/x.json"; }
state >"$work/before"

as() { (cd "$home" && setpriv --reuid $ID --regid $ID --init-groups env -i \
	PATH=/usr/local/bin:/usr/bin:/bin HOME="$home" USER=wsrunner "$@") }
out=$work/out
# sudo_run [OPTION...]: what it prints is in $out, its status in $status
sudo_run() { as sudo -n "$WORMSIGN" run "$@" >"$out" 2>&1 </dev/null; status=$?; }
unhurt() { # WHAT: nothing of root's was read or changed
	lacks "$1: nothing of root's is quoted" S3CRETWORD "$out"
	same "$1: nothing of root's is changed" '' "$(state | diff "$work/before" - | head -n 3)"
}
refused() { # WHAT [OPTION...]
	local what=$1
	shift
	sudo_run "$@" -- touch "$home/ran"
	same "$what: status" 125 "$status"
	same "$what: the command was not run" no "$([ -e "$home/ran" ] && echo yes || echo no)"
	unhurt "$what"
	rm -f "$home/ran"
}

# ---- what it is for ----
sudo_run -q --log "$home/log" -- sh -c 'id -u; id -g; id -G; grep CapEff /proc/self/status'
same "the command is the user's" "0 $ID $ID $ID CapEff: 0000000000000000" \
	"$status $(tr '\n\t' '  ' <"$out" | tr -s ' ' | sed 's/ $//')"
same "its log is the user's" "$ID" "$(stat -c %u "$home/log")"
sudo_run -- true
log=$(sed -n 's/^ *log *//p' "$out")
same "the user reads the default log" yes "$(as cat "$log" >/dev/null 2>&1 && echo yes)"
rm -f "$log"
# Where the machine sets PATH, as Debian's sudoers does; everything else here is without it.
echo 'Defaults secure_path="/usr/sbin:/usr/bin:/sbin:/bin"' >>"$work/etc/sudoers"
sudo_run --log "$home/log" -- true
has "another PATH is said" 'replaced your PATH' "$(cat "$out")"
printf '%s\n' 'root ALL=(ALL:ALL) ALL' "$line" >"$work/etc/sudoers"

# ---- what sudo must refuse ----
denied() { # WHAT COMMAND...
	local what=$1
	shift
	as "$@" >"$out" 2>&1 </dev/null
	same "$what: status" 1 $?
	has "$what: by sudo" "sudo: " "$(cat "$out")"
	unhurt "$what"
}
denied "another command" sudo -n cat "$roots/file"
denied "the agent" sudo -n "$WORMSIGN" agent --config "$roots/file"
denied "rules" sudo -n "$WORMSIGN" rules check "$roots/rules"
denied "spool" sudo -n "$WORMSIGN" spool status "$roots"
for set in SUDO_UID=0 SUDO_GID=0 LD_PRELOAD="$home/x.so" TMPDIR="$roots"; do
	denied "sudo $set" sudo -n "$set" "$WORMSIGN" run -- id -u
done
denied "sudo -E" sudo -n -E "$WORMSIGN" run -- id -u
mkdir "$home/bin" # programs of the user's by the names of those that root might look for
for name in id sh wormsign-deliver npm node git; do
	printf '#!/bin/sh\n[ "$(/usr/bin/id -u)" != 0 ] || touch "%s/root"\nexec /usr/bin/id -u\n' \
		"$roots" >"$home/bin/$name"
done
chmod 755 "$home"/bin/*
for set in SUDO_UID=0 SUDO_USER=root LD_PRELOAD="$home/x.so" LD_AUDIT="$home/x.so" \
	LD_LIBRARY_PATH="$home" TMPDIR="$roots" HOME="$roots" BASH_ENV="$roots/file" \
	PATH="$home/bin:/usr/bin:/bin" npm_config_userconfig="$roots/file" \
	GCONV_PATH="$home" WORMSIGN_DEBUG=1; do
	as env "$set" sudo -n "$WORMSIGN" run -q --log "$home/log" -- id -u >"$out" 2>&1
	same "$set of the caller: who runs" "0 $ID" "$? $(cat "$out")"
	unhurt "$set of the caller"
done

# ---- --log ----
ln -s "$roots/file" "$home/link"
ln -s "$roots" "$home/dir"
ln -s /etc/sudoers.d/worm "$home/new"
mkfifo "$home/fifo" && chown -h $ID "$home/fifo"
for path in "$roots/file" "$roots/new" "$home/link" "$home/dir/new" "$home/new" \
	/etc/cron.d/worm /proc/1/environ "$roots/device"; do
	refused "--log $path" --log "$path"
done
if ln "$roots/file" "$home/hard" 2>/dev/null; then
	refused "--log with a hard link" --log "$home/hard"
	refused "--log with a hard link" --log=hard
fi
as timeout -k 1 10 sudo -n "$WORMSIGN" run --log "$home/fifo" -- true >"$out" 2>&1 </dev/null
same "--log with a FIFO: status" 125 $?
# A link that changes all the time, while it is opened.
as python3 - "$home" "$roots" <<'P' &
import os, sys, time
home, roots = sys.argv[1:]
end = time.time() + 6
while time.time() < end:
    for to in (home + "/real", roots):
        try:
            os.symlink(to, home + "/t"); os.rename(home + "/t", home + "/flip")
        except OSError:
            pass
P
flips=$!
as mkdir "$home/real"
for i in 1 2 3 4 5 6; do
	sudo_run -q --log "$home/flip/log$i" -- true
	unhurt "--log by a link that changes, $i"
done
wait $flips
# What the command line says is data in the log.
sudo_run -q --log "$home/argv" -- printf '%s' $'\n{"event":{"kind":"alert"}}\n\e]0;x\a'
same "a command line is no event of its own" "$(wc -l <"$home/argv")" \
	"$(jq -c 'select(.["@timestamp"])' "$home/argv" 2>/dev/null | wc -l)"

# ---- --rules, --cache, --tmp ----
for option in rules cache tmp; do
	refused "--$option of root's" --log "$home/log" "--$option=$roots/rules"
	refused "--$option by a link" --log "$home/log" "--$option=$home/dir/rules"
done
as mkdir "$home/rules"
as ln -s "$roots/file" "$home/rules/x.json"
refused "--rules with a link in it" --log "$home/log" --rules "$home/rules"
as rm "$home/rules/x.json" && as mkfifo "$home/rules/x.json"
as timeout -k 1 10 sudo -n "$WORMSIGN" run --log "$home/log" --rules "$home/rules" -- true \
	>"$out" 2>&1 </dev/null
same "--rules with a FIFO in it: status" 125 $?

# ---- delivery, which starts as root ----
as tee "$home/delivery.json" >/dev/null \
	<<<'{ "sinks": [ { "name": "x", "type": "file", "target": "/tmp/x" } ] }'
for config in "$roots/file" "$home/delivery.json" "$home/link" /etc/shadow /proc/self/cmdline \
	"/etc/wormsign/../..$roots/file"; do
	refused "--config $config" --log "$home/log" --config "$config"
	lacks "--config $config: no line of /etc/shadow" 'root:' "$out"
done
refused "the configuration of root's, which is wrong" --log "$home/log" --sink siem
has "... and who can see why" 'you may not read that file' "$(cat "$out")"
refused "the same by --config" --log "$home/log" --config /etc/wormsign/delivery.json
for spool in "$roots/spool" /etc/cron.d /etc/cron.d/worm-spool "$home/spool" \
	"$home/flip/cron.d"; do
	refused "--spool $spool" --log "$home/log" --sink relp=relp://127.0.0.1:1 --spool "$spool"
	same "--spool $spool: not made" no \
		"$([ -e /etc/cron.d/worm-spool ] || [ -e "$home/spool" ] && echo yes || echo no)"
done
for sink in "file=$home/x" "file=$roots/x" file=/var/spool/wormsign/alerts "syslog=unix://$home/s" \
	"webhook=file://$roots/file" "elastic=file:///etc/shadow"; do
	refused "--sink $sink" --log "$home/log" --sink "$sink"
done
refused "--socket has no say" --log "$roots/log" --socket "$home/socket"

# ---- the directory that it is called in ----
as mkdir -p "$home/project/.git"
for name in .npmrc .netrc .git/config package.json .yarnrc.yml; do
	as ln -sf "$roots/file" "$home/project/$name"
done
(cd "$home/project" && setpriv --reuid $ID --regid $ID --init-groups env -i PATH="$PATH" \
	sudo -n "$WORMSIGN" run -v --log "$home/log" -- sh -c 'id -u; cat .npmrc') >"$out" 2>&1
unhurt "a project of links"
lacks "... in the log" S3CRETWORD "$home/log"
as mkdir "$home/gone"
(cd "$home/gone" && rmdir "$home/gone" && setpriv --reuid $ID --regid $ID --init-groups env -i \
	PATH="$PATH" sudo -n "$WORMSIGN" run -q --log "$home/log" -- id -u) >"$out" 2>&1
same "a directory that is gone" "$ID" "$(tail -n 1 "$out")"
done_testing
