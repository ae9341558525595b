#!/bin/bash
# The kafka sink with a real broker: every alert arrives though it is killed meanwhile; client
# certificates, passwords, records that are too long. $KAFKA: a directory with the jars of Apache
# Kafka and what they need; without it those of `scripts/receivers --all`.
# vm: no (needs Java, and no kernel)
. tests/run/lib.sh
KAFKA=${KAFKA:-.output/receivers/kafka}
if ! command -v kcat >/dev/null && [ -x .output/receivers/kcat/usr/bin/kcat ]; then
	kcat_root=$PWD/.output/receivers/kcat
	kcat_libraries=$(dirname "$(find "$kcat_root" -name 'libyajl.so*' -print -quit)")
	kcat() { LD_LIBRARY_PATH=$kcat_libraries "$kcat_root/usr/bin/kcat" "$@"; }
fi
needs java kcat openssl jq setpriv
[ "$(id -u)" = 0 ] || { echo 'SKIP: needs root'; exit 77; }
feed=.output/tests/run/feed
[ -x $feed ] || { echo "failed: $feed is not built: make tests"; exit 1; }
[ -n "$(ls "$KAFKA"/kafka-server*.jar 2>/dev/null)" ] ||
	{ echo "SKIP: $KAFKA holds no kafka-server*.jar: scripts/receivers --all"; exit 77; }
"$WORMSIGN" run -q --log "$work/log" --spool "$work/probe" --flush 1ms \
	--sink kafka=kafka://127.0.0.1:1/t -- true 2>"$work/err"
if grep -q 'built without librdkafka' "$work/err"; then
	echo 'SKIP: this build has no librdkafka'
	exit 77
fi
java_classes="$(cd "$KAFKA" && pwd)/*"
broker=''
end() {
	[ -z "$broker" ] || kill -9 "$broker" 2>/dev/null
	rm -rf "$work"
}
trap end EXIT
chmod 755 "$work"
mkdir "$work/tls" "$work/broker"
(
	cd "$work/tls" || exit 1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 \
		-subj /CN=ca -keyout ca.key -out ca.crt
	for n in server client; do
		openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$n.test" \
			-keyout $n.key -out $n.csr
		printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\n' >ext
		openssl x509 -req -in $n.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 \
			-extfile ext -out $n.crt
	done
	cat server.key server.crt >server.pem
) >/dev/null 2>&1

base=29390
for try in 29390 30390 31390; do
	if ! ss -ltn 2>/dev/null | grep -qE ":${try%?}[0-9] "; then base=$try; break; fi
done
plain=$((base + 2)) tls=$((base + 4)) sasl=$((base + 5)) control=$((base + 3))
cat >"$work/broker/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$control
listeners=PLAIN://127.0.0.1:$plain,TLS://127.0.0.1:$tls,SASL://127.0.0.1:$sasl,\
CTRL://127.0.0.1:$control
advertised.listeners=PLAIN://127.0.0.1:$plain,TLS://127.0.0.1:$tls,SASL://127.0.0.1:$sasl
listener.security.protocol.map=PLAIN:PLAINTEXT,TLS:SSL,SASL:SASL_SSL,CTRL:PLAINTEXT
controller.listener.names=CTRL
inter.broker.listener.name=PLAIN
log.dirs=$work/broker/data
num.partitions=3
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.flush.interval.messages=1
message.max.bytes=20000
ssl.keystore.type=PEM
ssl.keystore.location=$work/tls/server.pem
ssl.truststore.type=PEM
ssl.truststore.location=$work/tls/ca.crt
listener.name.tls.ssl.client.auth=required
listener.name.sasl.ssl.client.auth=none
listener.name.sasl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=\
org.apache.kafka.common.security.plain.PlainLoginModule required user_worm="s3cr3t-w0rd";
CONF
java -cp "$java_classes" kafka.tools.StorageTool format -c "$work/broker/server.properties" \
	-t "$(openssl rand -base64 16 | tr '+/' '-_' | tr -d =)" >"$work/broker/format" 2>&1
start() {
	java -Xms128m -Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$java_classes" \
		kafka.Kafka "$work/broker/server.properties" >"$work/broker/log" 2>&1 &
	broker=$!
}
answers() { kcat -L -m 2 -b 127.0.0.1:$plain >/dev/null 2>&1; }
start
wait_for 300 answers || missing "Kafka does not start: $(tail -n 1 "$work/broker/log")"
consume() { # TOPIC FORMAT
	kcat -C -b 127.0.0.1:$plain -t "$1" -o beginning -e -q -f "$2\n"
}
ids() { consume "$1" %s | jq -r .event.id | grep -v event | sort -u | wc -l; }

# ---- killed and restarted ----
$feed 2000 worm 8000 240000 "$work/spool" - kafka=kafka://127.0.0.1:$plain/worm \
	>"$work/feed" 2>&1 &
feed_pid=$!
sleep 4
{ kill -9 $broker; wait $broker; } 2>/dev/null
sleep 1
start
wait $feed_pid
same "killed and restarted: status" 0 $?
same "... every alert arrives" 2000 "$(ids worm)"
same "... and none is a dead letter" 0 "$(find "$work/spool" -name '*.dead' | wc -l)"
same "... one key for one session" worm "$(consume worm %k | grep -v event | sort -u)"

# ---- what the broker refuses ----
config() { # FILE NAME=JSON...: a configuration of one sink
	local file=$1 text='' pair
	shift
	for pair; do text+="${text:+, }\"${pair%%=*}\": ${pair#*=}"; done
	echo "{ \"sinks\": [ { $text } ] }" >"$file"
}
deliver() { # NAME FLUSH NAME=JSON...: 20 alerts; status in $status
	local name=$1 flush=$2
	shift 2
	config "$work/c" 'name="k"' 'type="kafka"' "$@"
	$feed 20 "$name" 0 "$flush" "$work/$name" "$work/c" >"$work/feed" 2>&1
	status=$?
}
deliver cert 60000 "target=\"kafkas://127.0.0.1:$tls/cert\"" ca_file="\"$work/tls/ca.crt\"" \
	cert_file="\"$work/tls/client.crt\"" key_file="\"$work/tls/client.key\""
same "a client certificate: status and alerts" "0 20" "$status $(ids cert)"
deliver bare 8000 "target=\"kafkas://127.0.0.1:$tls/bare\"" ca_file="\"$work/tls/ca.crt\"" \
	'timeout="3s"'
same "without one: status" 75 $status
has "... and why" 'SSL' "$(cat "$work/feed")"
(umask 077; echo 'worm:s3cr3t-w0rd' >"$work/tls/right"; echo 'worm:wr0ng-w0rd' >"$work/tls/wrong")
deliver word 60000 "target=\"kafkas://127.0.0.1:$sasl/word\"" ca_file="\"$work/tls/ca.crt\"" \
	authorization_file="\"$work/tls/right\""
same "a password: status and alerts" "0 20" "$status $(ids word)"
deliver wrong 8000 "target=\"kafkas://127.0.0.1:$sasl/wrong\"" ca_file="\"$work/tls/ca.crt\"" \
	authorization_file="\"$work/tls/wrong\"" 'timeout="3s"'
same "a wrong one: status" 75 $status
has "... and why" 'uthentication' "$(cat "$work/feed")"
same "... which is not shown" 0 "$(grep -c 'wr0ng' "$work/feed")"

# ---- batches that are too long for the broker are sent in parts ----
$feed 500 long 0 120000 "$work/long" - kafka=kafka://127.0.0.1:$plain/long >"$work/feed" 2>&1
same "batches too long: status and alerts" "0 500" "$? $(ids long)"
done_testing
