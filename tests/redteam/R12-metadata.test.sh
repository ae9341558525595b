#!/bin/bash
# R12: the metadata services of clouds, a local Vault, and the service account token of Kubernetes.
#
# vm: no (needs addresses of its own and a /run of its own)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_network() {
	ip address add 169.254.169.254/32 dev lo
	ip address add 169.254.170.2/32 dev lo
	ip address add fd00:ec2::254/128 dev lo nodad
	echo 'nameserver 127.0.0.1' >"$LAB/resolv.conf"
	mount --bind "$LAB/resolv.conf" "$(realpath /etc/resolv.conf)" &&
		mount -t tmpfs -o mode=755 tmpfs /run || exit 2
	mkdir -p /run/secrets/kubernetes.io/serviceaccount "$LAB/sink/dns"
	echo '{"metadata.google.internal":"169.254.169.254"}' >"$LAB/sink/dns/dns.json"
	lab_sink_start dns 127.0.0.1:53 || exit 2
}
rt_begin R12 'metadata services' 169.254.169.254:80 169.254.170.2:80 '[fd00:ec2::254]:80' \
	127.0.0.1:8200
rt_setup() {
	echo "kubernetes-token-$LAB_MARK" >/run/secrets/kubernetes.io/serviceaccount/token
	rt_canary kubernetes "kubernetes-token-$LAB_MARK"
}
rt_package meta-v4-x 1.0.0 metadata postinstall \
	'node ask.js http://169.254.169.254/latest/meta-data/iam/'
rt_package meta-v6-x 1.0.0 metadata postinstall \
	'node ask.js http://[fd00:ec2::254]/latest/meta-data/iam/v6'
rt_package meta-task-x 1.0.0 metadata postinstall 'node ask.js http://169.254.170.2/v2/credentials/'
rt_package meta-name-x 1.0.0 metadata postinstall \
	'node ask.js http://metadata.google.internal/computeMetadata/v1/'
rt_package meta-vault-x 1.0.0 metadata postinstall \
	'node ask.js http://127.0.0.1:8200/v1/secret/data/ci'
rt_package meta-kubernetes-x 1.0.0 files postinstall \
		'node take.js /var/run/secrets/kubernetes.io/serviceaccount/token'

rt_control
asked=$(rt_requests)
for path in /latest/meta-data/iam/ /latest/meta-data/iam/v6 /v2/credentials/ /computeMetadata/v1/ \
	/v1/secret/data/ci; do
	rt_ok "GET $path is answered" grep -qxF "GET $path" <<<"$asked"
done
rt_leaked kubernetes

rt_guarded && rt_stopped meta-v4-x '^(secrets)$' meta-v6-x '^(secrets)$' meta-task-x '^(secrets)$' \
	meta-name-x '^(secrets)$' meta-vault-x '^(secrets)$' 	meta-kubernetes-x '^(secrets)$'
rt_end
