#!/bin/bash
# R06: a secret scanner is downloaded and run over the home, under its own name and under another
# one.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R06 'trufflehog, and the same under another name'
mkdir -p "$LAB/sink/cdn/files" && cp tests/redteam/packages/scanner/trufflehog.sh \
	"$LAB/sink/cdn/files/trufflehog"
lab_sink_start cdn || exit 2
RT_CDN=127.0.0.1:$LAB_SINK_PORT
rt_package scan-cache-x 1.1.0 scanner preinstall 'node fetch.js .truffler-cache/trufflehog'
rt_package scan-renamed-x 1.1.0 scanner postinstall 'node fetch.js .cache/node-helper'

rt_control
rt_leaked .npmrc .aws/credentials .ssh/config .vault-token
rt_is 'uploads' "$(rt_requests | grep -c 'POST /scan')" 2

rt_guarded && rt_stopped scan-cache-x '^(secrets)$' scan-renamed-x '^(secrets)$'
rt_end
