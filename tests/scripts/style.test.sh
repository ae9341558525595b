#!/bin/bash
# The checks of style find what they are for, and name its place: tried in a small tree.
# vm: no (needs no kernel)
. tests/scripts/lib.sh

tree=$work/tree
mkdir -p "$tree"/{.ci,scripts,bpf,user/base,tests/run,vmlinux}
cp scripts/{check-format,check-columns,check-shell,sources} "$tree/scripts/"
cp .clang-format "$tree/"
cp Makefile "$tree/Makefile"
printf '#!/bin/sh\nexit 0\n' >"$tree/.ci/run"
printf 'int f(void)\n{\n\treturn 1;\n}\n' >"$tree/user/base/good.c"
printf 'int   not_ours;\n' >"$tree/vmlinux/vmlinux.h"
check() {
	out=$("$tree/scripts/$1" ${2+"$2"} 2>&1)
	status=$?
}
# finds WHAT CHECK PLACE TEXT
finds() {
	check "$2"
	is "$1: status" yes "$([ "$status" != 0 ] && [ "$status" != 77 ] && echo yes)"
	has "$1: place" "$3" "$out"
	has "$1: what it says" "$4" "$out"
}

check check-format
if [ "$status" = 77 ]; then
	echo "check-format was not tried: $out"
else
	is 'formatted files' 0 "$status"
	printf 'int f(void)\n{\n        return 1;\n}\n' \
		>"$tree/user/base/bad.c"
	finds 'another format' check-format user/base/bad.c:2: 'should be clang-formatted'
	check check-format --fix
	is 'make format' "$(cat "$tree/user/base/good.c")" "$(cat "$tree/user/base/bad.c")"
	check check-format
	is 'formatted now' 0 "$status"
fi

line=$(printf '%060d' 0)
check check-columns
is 'short lines' "0 " "$status $out"
# A tab counts up to the next multiple of 8, and a character in UTF-8 is one.
printf '\t// %s%s\n' "$line" "$(printf 'é%.0s' {1..29})" >"$tree/user/base/wide.h"
check check-columns
is 'a line of 100 columns' "0 " "$status $out"
printf '\t// %s%s\n' "$line" "$(printf 'é%.0s' {1..30})" >"$tree/user/base/wide.h"
finds 'a line of 101 columns in C' check-columns user/base/wide.h:1: '101 columns'
rm "$tree/user/base/wide.h"
printf '#!/bin/bash\n\n# %s%s\n' "$line" "$line" >"$tree/tests/run/tool"
finds 'a long line of a script without a suffix' check-columns tests/run/tool:3: '122 columns'
rm "$tree/tests/run/tool"
printf '\n# %s%s\n' "$line" "$line" >>"$tree/Makefile"
finds 'a long line of the makefile' check-columns Makefile: '122 columns'

check check-shell
if [ "$status" = 77 ]; then
	echo "check-shell was not tried: $out"
else
	is 'clean scripts' "0 " "$status $out"
	printf '# shellcheck shell=sh\nunused=1\n' >"$tree/tests/run/lib.sh"
	finds 'a warning' check-shell tests/run/lib.sh:2: SC2034
fi
end_test
