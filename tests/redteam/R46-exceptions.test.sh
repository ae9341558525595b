#!/bin/bash
# R46: what honest packages are allowed by name or by place must not open a door: bun's program, prisma's generated
# client, Python's compiled modules, the cache beside the packages; and the names themselves, taken by somebody else.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R46 'through the exceptions'
good() { # NAME FILE...: a package without a script, with files that hold "good"
	local name=$1 file
	shift
	for file; do
		mkdir -p "$(dirname "$LAB/packages/$name/$file")" && echo good >"$LAB/packages/$name/$file"
	done
	rt_package -p "$name" 1.0.0 - - ''
}
good victim-x one.js two.js three.js mod.py
good @oven/bun-linux-x64 bin/bun
PLANT='echo evil >evil'
# They call themselves what an exception names, and change a package outside of their family.
rt_package bun 9.0.0 - postinstall 'echo evil >>../victim-x/one.js'
rt_package prisma 9.0.0 - postinstall 'echo evil >>../victim-x/two.js'
rt_package deno 9.0.0 - postinstall 'rm -f ../.bin/semver; echo evil >../.bin/semver'
rt_package husky 4.9.9 - postinstall 'git config --global core.pager evil'
# They change what an exception names, and are not of the family.
rt_package take-bun-x 1.0.0 - postinstall "$PLANT; mv -f evil ../@oven/bun-linux-x64/bin/bun"
rt_package append-bun-x 1.0.0 - postinstall 'echo evil >>../@oven/bun-linux-x64/bin/bun'
rt_package client-x 1.0.0 - postinstall 'mkdir -p ../.prisma/client; echo evil >../.prisma/client/index.js'
# Beside Python's modules, something else.
rt_package pycache-x 1.0.0 - postinstall 'mkdir ../victim-x/__pycache__; echo evil >../victim-x/__pycache__/index.js'
RT_QUIET=(module-x cache-x)
rt_package module-x 1.0.0 - postinstall 'mkdir -p ../victim-x/__pycache__; echo evil >../victim-x/__pycache__/mod.cpython-311.pyc; true'
rt_package cache-x 1.0.0 - postinstall 'mkdir -p ../.cache/loader && echo evil >../.cache/loader/x.json'

modules() { echo "$RT_PROJECT/node_modules"; }
evil() { grep -rlx evil "$(modules)" --include='*.js' --include=bun --include='*.pyc' --include='*.json' | wc -l; }

rt_control
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
	rt_is 'no code beside the modules' "$(cat "$(modules)/victim-x/__pycache__/index.js" 2>/dev/null)" ''
	# These are told, and accuse nobody.
	rt_ok 'the compiled module is told' [ -n "$(rt_events wormsign.verdict=hide package.name=module-x rule.id=python-cache)" ]
	rt_ok 'the cache is told' [ -n "$(rt_events wormsign.verdict=alert package.name=cache-x rule.id=shared-cache-write)" ]
	for name in "${RT_QUIET[@]}"; do
		rt_is "$name is not accused" "$(rt_events 'wormsign.verdict~^(deny|kill|stop)$' "package.name=$name")" ''
	done
	if [ "$(rt_backend)" = deny ]; then
		rt_is 'the program of bun' "$(cat "$(modules)/@oven/bun-linux-x64/bin/bun")" good
		rt_ok 'no compiled module' [ ! -e "$(modules)/victim-x/__pycache__" ]
	else
		rt_accused pycache-x '^other-package-write$' # the directory could not be refused
	fi
	rt_no_innocent_accused
	rt_no_survivors
	rt_honest_installed
fi
rt_end
