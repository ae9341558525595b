#!/bin/bash
# Many sessions of two users, at once (AT_ONCE) and one after the other (IN_A_ROW), beside one that
# runs all the time: what the agent holds is the same afterwards, and no session sees another's
# events. `make check-agent-many` runs 50 at once and 2,000 in a row.
# A list of its own of what packages left: sessions elsewhere on the machine add to that in
# /var/lib/wormsign, and the agent holds all of it.
[ "$(id -u)" != 0 ] || [ -n "${OWN_LIST:-}" ] || OWN_LIST=1 exec unshare --mount bash "$0" "$@"
. tests/run/lib.sh
needs jq setpriv python3
if [ -n "${OWN_LIST:-}" ]; then
	mkdir -p /var/lib/wormsign
	mount -t tmpfs -o mode=700 tmpfs /var/lib/wormsign || exit 1
fi

at_once=${AT_ONCE:-20} in_a_row=${IN_A_ROW:-60}
chmod 711 "$work"
socket=$work/run/agent.sock
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
mkdir "$work/run"
printf '{"limits": {"sessions_per_user": %d}}' $((at_once + 2)) >"$work/config"
declare -A uid=([one]=54361 [two]=54362)
for u in one two; do
	mkdir -p "$work/$u/.aws" "$work/$u/.ssh" "$work/$u/logs"
	for f in .aws/credentials .ssh/id_rsa .npmrc .netrc .gitconfig; do
		echo "secret = $u" >"$work/$u/$f"
	done
	chown -R "${uid[$u]}:${uid[$u]}" "$work/$u"
	chmod 700 "$work/$u"
done
"$WORMSIGN" agent --socket "$socket" --config "$work/config" >"$work/agent.out" 2>&1 & agent=$!
wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }
server=$(pgrep -x wormsign-server -P "$agent")

watched() { # USER LOG COMMAND...
	local user=$1 log=$work/$1/logs/$2
	shift 2
	(cd "$work/$user" && exec env -i PATH="$PATH" HOME="$work/$user" \
		setpriv --reuid "${uid[$user]}" --regid "${uid[$user]}" --clear-groups \
		"$WORMSIGN" run -q --socket "$socket" --log "$log" -- "$@")
}
# What the agent holds: a line for each thing, "name number".
cat >"$work/held.py" <<'PY'
import json, os, subprocess, sys
pids = sys.argv[1:]
tool = os.environ.get("BPFTOOL", "bpftool")
fds = links = 0
maps = {}
for fd in os.listdir(f"/proc/{pids[1]}/fdinfo"):
    text = open(f"/proc/{pids[1]}/fdinfo/{fd}").read()
    fds += 1
    links += "link_type:" in text
    for line in text.splitlines():
        if line.startswith("map_id:"):
            maps[line.split()[1]] = None
print("descriptors", fds + len(os.listdir(f"/proc/{pids[0]}/fd")))
print("links", links)
print("processes", len(subprocess.run(["pgrep", "-P", ",".join(pids)], stdout=subprocess.PIPE)
                       .stdout.split()))
for pid in pids:
    kb = [l.split()[1] for l in open(f"/proc/{pid}/status") if l.startswith("VmRSS")][0]
    print("kB", open(f"/proc/{pid}/comm").read().strip(), kb)
size = 0
for m in maps:
    about = json.loads(subprocess.check_output([tool, "-j", "map", "show", "id", m]))
    size += about.get("bytes_memlock", 0)
    # of tables that hold what sessions have brought
    if about["type"] not in ("hash", "lru_hash") or about["name"] in ("rows", "links"):
        continue
    dump = subprocess.run([tool, "-j", "map", "dump", "id", m], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    print("entries", about["name"], len(json.loads(dump.stdout)) if dump.returncode == 0 else "?")
print("MB tables", size >> 20)
PY
held() { python3 "$work/held.py" "$agent" "$server"; }
flat() { # of "before" and "now", what may not differ
	held >"$work/now"
	diff <(grep -v '^kB' "$work/before") <(grep -v '^kB' "$work/now")
}
is_flat() { # after a few seconds at most
	for _ in 1 2 3 4 5; do
		sleep 1
		if flat >/dev/null; then return; fi
	done
	return 1
}
grown() { # kB since then
	awk 'NR == FNR { if ($1 == "kB") was[$2] = $3; next }
		$1 == "kB" { sum += $3 - was[$2] } END { print sum + 0 }' "$work/before" "$work/now"
}

watched one held sh -c "echo x >here; exec sleep 10000" 2>"$work/holder.err" & holder=$!
wait_for 20 test -e "$work/one/here" || missing "the session that stays did not begin"
for u in one two one two; do # what is made once
	watched $u warm true
done
sleep 3
held >"$work/before"
cat "$work/before"

# At once: each reads a file of its own, and its log knows of no other.
begin=$(date +%s%N)
pids=()
for ((i = 0; i < at_once; i++)); do
	u=$([ $((i % 2)) = 0 ] && echo one || echo two)
	watched $u "$i" sh -c "cat .aws/credentials >/dev/null; /bin/echo mark-$i-mark >/dev/null
		sleep 1; exit $((i % 50))" & pids+=($!)
done
wrong_status=0
for ((i = 0; i < at_once; i++)); do
	wait "${pids[$i]}"
	[ $? = $((i % 50)) ] || wrong_status=$((wrong_status + 1))
done
echo "$at_once at once: $((($(date +%s%N) - begin) / 1000000)) ms"
same "sessions with another status" 0 $wrong_status
mixed=0 empty=0
for ((i = 0; i < at_once; i++)); do
	log=$work/$([ $((i % 2)) = 0 ] && echo one || echo two)/logs/$i
	marks=$(grep -o 'mark-[0-9]*-mark' "$log" | sort -u)
	[ "$marks" = "mark-$i-mark" ] || mixed=$((mixed + 1))
	[ "$(jq -r .wormsign.session "$log" | sort -u | wc -l)" = 1 ] || mixed=$((mixed + 1))
	grep -q '"session-end"' "$log" || empty=$((empty + 1))
done
same "logs with events of other sessions, or without their own" 0 $mixed
same "logs that are not whole" 0 $empty
same "after these the agent holds what it did" yes \
	"$(is_flat && echo yes || flat)"
echo "memory has grown by $(grown) kB"

# In a row.
begin=$(date +%s%N)
failed=0
half=$((in_a_row / 2))
row() {
	local i
	for ((i = 0; i < half; i++)); do
		watched "$1" row true || echo failed
	done
}
row one >"$work/row1" & first=$!
row two >"$work/row2"
wait $first
failed=$(cat "$work/row1" "$work/row2" | wc -l)
echo "$in_a_row in a row, two at a time: $((($(date +%s%N) - begin) / 1000000 / in_a_row)) ms each"
same "sessions that failed" 0 "$failed"
same "after those, too" yes "$(is_flat && echo yes || flat)"
echo "memory has grown by $(grown) kB"
same "memory that has grown by more than 4 MB" no "$([ "$(grown)" -gt 4096 ] && grown || echo no)"
same "the session that stays runs on" yes "$(kill -0 $holder && echo yes || cat "$work/holder.err")"
cgroups() { cgroup_of "$server" | wc -l; }
same "cgroups: that of the session that stays" 1 "$(cgroups)"

# A user who has more protected files than there is room for gets no session; others do.
python3 - "$work/one" <<'PY'
import os, sys
for d in (".ssh", ".gnupg", ".password-store"):
    os.makedirs(f"{sys.argv[1]}/{d}", mode=0o755, exist_ok=True)
    for i in range(7000):
        open(f"{sys.argv[1]}/{d}/{i}.key", "w").close()
PY
chown -R "${uid[one]}" "$work/one/.gnupg" "$work/one/.password-store"
for i in 1 2 3 4; do
	watched one "many$i" sleep 10000 2>"$work/err$i" & fillers[i]=$!
done
refused() { grep -qs "your sessions may know" "$work"/err?; }
wait_for 20 refused
has "who would fill the table is refused" "your sessions may know" "$(cat "$work"/err?)"
watched two other true
same "... and another user is not" 0 $?
kill "$agent"
wait "$agent" $holder "${fillers[@]}" 2>/dev/null
same "no cgroup is left" 0 "$(cgroups)"
done_testing
