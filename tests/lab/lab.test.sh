#!/bin/bash
# The lab's own instruments work: a sink that counts nothing, or a survivor that nobody sees, would
# pass every attack.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/lab/lab.sh
lab_enter -n tests/lab/lab.test.sh

failed=0 passed=0
is() { # WHAT GOT WANTED
	if [ "$2" = "$3" ]; then
		passed=$((passed + 1))
	else
		echo "FAILED: $1: $2, not $3"
		failed=$((failed + 1))
	fi
}

lab_begin || exit 2
lab_home || exit 2
lab_sink_start web 127.0.0.1:0 '[::1]:0' || exit 2

# The sink: every byte on TCP and UDP, both families, and every request.
send() { printf '%s' "$2" >"$1"; }
send "/dev/tcp/127.0.0.1/$LAB_SINK_PORT" 12345
send "/dev/tcp/::1/$LAB_SINK_PORT" 1234567
send "/dev/udp/127.0.0.1/$LAB_SINK_PORT" 123
send "/dev/udp/::1/$LAB_SINK_PORT" 12
is 'bytes' "$(lab_sink web bytes)" 17
is 'connections' "$(lab_sink web connections)" 2
is 'datagrams' "$(lab_sink web datagrams)" 2
send "/dev/tcp/127.0.0.1/$LAB_SINK_PORT" $'PUT /a/b HTTP/1.1\r\nContent-Length: 2\r\n\r\nok'
is 'requests' "$(lab_sink web | jq -c .requests)" '["PUT /a/b"]'
lab_sink_reset web
is 'bytes after a reset' "$(lab_sink web bytes)" 0
: >"/dev/tcp/127.0.0.1/$LAB_SINK_PORT"
is 'a connection without a byte' "$(lab_sink web connections)" 1

# Canaries, in the forms in which worms wrap them.
token=$(sed -n 's/^\.vault-token //p' "$LAB/canaries")
wrap() {
	case $1 in
	plain) cat ;; reversed) rev ;; hex) od -An -tx1 | tr -d ' \n' ;; base64) base64 -w0 ;;
	triple) base64 -w0 | base64 -w0 | base64 -w0 ;;
	json) base64 -w0 | sed 's/.*/{"data":"&"}/' | base64 -w0 ;;
	esac
}
for form in plain reversed hex base64 triple json; do
	lab_sink_reset web
	send "/dev/tcp/127.0.0.1/$LAB_SINK_PORT" "x$(printf 'hvs.%s' "$token" | wrap "$form")"
	# A letter before base64 shifts it: worms send it by itself.
	case $form in base64 | triple | json)
		lab_sink_reset web
		send "/dev/tcp/127.0.0.1/$LAB_SINK_PORT" \
			"$(printf 'hvs.%s' "$token" | wrap "$form")"
	esac
	is "the canary is seen: $form" "$(lab_leaked web)" .vault-token
done
lab_sink_reset web
send "/dev/tcp/127.0.0.1/$LAB_SINK_PORT" 'nothing of value'
is 'no canary, none seen' "$(lab_leaked web)" ''

# Losses.
is 'planted files lost at first' "$(lab_lost)" 0
rm "$LAB_HOME/Documents/d1/letter-1.txt"
echo >>"$LAB_HOME/.profile"
mv "$LAB_HOME/.aws/config" "$LAB_HOME/.aws/config.locked"
is 'removed, changed and renamed ones' "$(lab_lost)" 3
lab_home || exit 2
is 'lost in a new home' "$(lab_lost)" 0
old=$token
token=$(sed -n 's/^\.vault-token //p' "$LAB/canaries")
[ "$old" != "$token" ]
is 'a new home has new tokens' "$?" 0
is 'secrets and their tokens are in the files' \
	"$(while read -r name t; do grep -rqF -- "$t" "$LAB_HOME" "$LAB/env" ||
	echo "$name"; done <"$LAB/canaries")" ''

# Who the attacks run as, and what they can reach.
is 'the user' "$(lab_as_user / id -u)" "$LAB_UID"
is 'its capabilities' "$(lab_as_user / sed -n 's/^CapEff:\t0*//p' /proc/self/status)" ''
if [ -z "${VMTEST:-}" ]; then
	is 'interfaces' "$(ip -o link | wc -l)" 1
fi
(: >/dev/tcp/192.0.2.1/9) 2>/dev/null
is 'the world cannot be reached' "$?" 1

# Survivors: by the mark in their environment, by where they run, and not once they are gone.
is 'survivors at first' "$(lab_survivors)" ''
lab_spawn / sleep 300
marked=$LAB_SPAWNED
cp "$(command -v sleep)" "$LAB_HOME/napper"
(cd / && exec "${LAB_BECOME[@]}" env -i "$LAB_HOME/napper" 300) &
placed=$!
LAB_PIDS+=("$placed")
sleep 0.3
is 'survivors: by mark, by place' "$(lab_survivors | sort -n |
	xargs)" "$(printf '%s\n' "$marked" "$placed" | sort -n | xargs)"
lab_kill_survivors 2>/dev/null
is 'survivors in the end' "$(lab_survivors)" ''

# The log reader: conditions are joined by and, fields by or; a broken line is an error, not "no
# event".
end='{"event":{"action":"session-end"}}'
printf '%s\n' '{"rule":{"id":"a-b"},"n":1}' '{"rule.id":"c","rule":{"ruleset":"fam"}}' "$end" \
	>"$LAB/log"
events() { node "$LAB_DIR/events.js" "$LAB/log" "$@" 2>/dev/null; }
is 'nested and dotted' "$(events 'rule.id~.' | wc -l)" 2
is 'and' "$(events 'rule.id=c' 'rule.ruleset=fam' | wc -l)" 1
is 'or' "$(events 'rule.id,rule.ruleset~^(a|f)' | wc -l)" 2
events 'rule.id=zzz'
is 'nothing found' "$?" 1
echo '{"rule":' >>"$LAB/log"
events 'rule.id=zzz'
is 'a broken line' "$?" 2

lab_intact || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
