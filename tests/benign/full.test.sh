#!/bin/bash
# All honest packages: those that quick.test.sh leaves out, and then every one with CI=true. Takes an hour or more.
here=$(dirname "$0")
if [ -n "${QUICK:-}" ]; then
	echo 'SKIP: takes an hour or more: make benign'
	exit 77
fi
rc=0
"$here/run" --full || rc=$?
"$here/run" --ci || rc=$?
exit "$rc"
