#!/bin/bash
# The journal sink with a real journald, in a mount namespace of its own.
# vm: no (needs no kernel)
. tests/run/lib.sh
needs jq unshare journalctl
[ "$(id -u)" = 0 ] || { echo 'SKIP: needs root'; exit 77; }
journald=/lib/systemd/systemd-journald
[ -x $journald ] || { echo "SKIP: no $journald"; exit 77; }
feed=${WORMSIGN%/*}/tests/run/feed
[ -x $feed ] || { echo "failed: $feed is not built: make tests"; exit 1; }
if "$WORMSIGN" --version --json | jq -e '.sinks.journal.built | not' >/dev/null; then
	$feed 1 x 0 0 "$work/x" - journal=local >"$work/feed" 2>&1
	has "a build without libsystemd names the package" 'install libsystemd-dev' \
		"$(cat "$work/feed")"
	done_testing
fi
cat >"$work/inside" <<'SH'
mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log/journal || exit 77
"$1" & pid=$!
for i in $(seq 100); do [ ! -S /run/systemd/journal/socket ] || break; sleep 0.1; done
"$2" 100 journal 0 20000 "$3/spool" - journal=local >"$3/feed" 2>&1
echo $? >"$3/status"
sleep 1
journalctl --directory=/run/log/journal --sync --flush >/dev/null 2>&1
journalctl -o json --no-pager -t wormsign >"$3/journal" 2>"$3/err"
kill "$pid"
SH
chmod 755 "$work"
unshare -m sh "$work/inside" $journald "$(realpath "$feed")" "$work" 2>"$work/outer"
[ $? != 77 ] || { echo 'SKIP: /run cannot be mounted anew'; exit 77; }
same "status" 0 "$(cat "$work/status")"
same "every alert is there" 100 "$(jq -r '.WORMSIGN_EVENT_ID | select(test("^journal-[0-9]"))' \
	"$work/journal" | sort -u | wc -l)"
same "its fields" "2 cloud-credentials 42 a script read ~/.aws/credentials" "$(jq -r 'select(
	.WORMSIGN_EVENT_ID == "journal-7") | "\(.PRIORITY) \(.WORMSIGN_RULE) \(.WORMSIGN_PID) " +
	.MESSAGE' "$work/journal" | sort -u)" # some come twice
same "... and the event" journal-7 "$(jq -r 'select(.WORMSIGN_EVENT_ID == "journal-7") |
	.WORMSIGN_JSON' "$work/journal" | jq -r .event.id | sort -u)"
$feed 5 nobody 0 500 "$work/nobody" - journal=local >"$work/feed" 2>&1
status=$?
if [ ! -e /run/systemd/journal/socket ]; then
	same "no journal: status, and nothing is taken for delivered" "75 5" \
		"$status $("$WORMSIGN" spool status "$work/nobody" |
			sed -n 's/.* \([0-9]*\) alerts and .* to deliver.*/\1/p')"
fi
done_testing
