#!/bin/bash
# scripts/check-layers finds each sort of fault, names its file and line, and finds nothing else:
# tried in a small tree with the real table and one fault at a time.
# vm: no (needs no kernel)
. tests/scripts/lib.sh
command -v gcc >/dev/null || { echo 'SKIP: gcc is not installed'; exit 77; }

tree=$work/tree
put() { # put FILE LINE...: a file of these lines
	mkdir -p "$(dirname "$tree/$1")"
	printf '%s\n' "${@:2}" >"$tree/$1"
}
new_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/scripts"
	cp scripts/check-layers scripts/layers.txt "$tree/scripts/"
	put bpf/wire.h 'struct record;'
	put bpf/lib/path.bpf.h '#include "wire.h"'
	put bpf/judge.bpf.h '#include "lib/path.bpf.h"'
	put bpf/judge.bpf.c '#include "judge.bpf.h"' 'int judge(void) { return 1; }'
	put user/base/buf.h '#include <stddef.h>' 'int buf_add(void);'
	put user/base/buf.c '#include "base/buf.h"' 'int buf_add(void) { return 1; }'
	put user/kernel/loader.h '#include "base/buf.h"' 'int load(void);'
	put user/kernel/loader.c '#include "kernel/loader.h"' '#include "wire.h"' \
		'#include <bpf/libbpf.h>' \
		'int load(void) { return buf_add(); }'
	put user/cmd/main.c '#include "kernel/loader.h"' 'int main(void) { return load(); }'
}
build() {
	local file object
	while read -r file; do
		case $file in
		bpf/*) object=.output/${file%.c}.o ;;
		*) object=.output/obj/${file%.c}.o ;;
		esac
		mkdir -p "$tree/$(dirname "$object")"
		# What the compiler sees has no <bpf/...>: this machine need not have it.
		sed '/<bpf\//d; /skel/d' "$tree/$file" |
			gcc -w -I"$tree/.output" -I"$tree/bpf" -I"$tree/user" \
				-I"$(dirname "$tree/$file")" -c -x c - -o "$tree/$object" || exit 1
	done < <(cd "$tree" && find bpf user -name '*.c')
}
check() {
	build
	out=$("$tree/scripts/check-layers" 2>&1)
	status=$?
}
# finds WHAT PLACE TEXT: one fault, at PLACE, that says TEXT
finds() {
	check
	is "$1: status" 1 "$status"
	is "$1: one fault, with its place" "$2" "$(grep -v ' faults$' <<<"$out" | cut -d: -f1,2)"
	has "$1: what it says" "$3" "$out"
}

new_tree
check
is 'a tree without a fault' '9 files, 0 faults' "$out"
is 'its status' 0 "$status"

new_tree
put user/base/buf.c '#include "base/buf.h"' '#include "kernel/loader.h"' \
	'int buf_add(void) { return 1; }'
finds 'an include that no line permits' user/base/buf.c:2 'user/base includes user/kernel/loader.h'

new_tree
put user/base/error.c '' '#include "judge.bpf.h"'
finds 'an include of the kernel half' user/base/error.c:2 'user/base includes bpf/judge.bpf.h'

new_tree
put bpf/lib/maps.bpf.h '#include "judge.bpf.h"'
finds 'an include upwards in bpf/' bpf/lib/maps.bpf.h:1 'bpf/lib includes bpf/judge.bpf.h of bpf'

new_tree
put user/events/event.c 'int event;' '#include <bpf/libbpf.h>'
finds 'libbpf outside of the kernel side' user/events/event.c:2 'user/events includes bpf/libbpf.h'

new_tree
put user/events/event.c '#include "wormsign.skel.h"'
finds 'the skeleton outside of the kernel side' user/events/event.c:1 \
	'user/events includes wormsign.skel.h'

new_tree
put user/base/buf.c '#include "base/buf.h"' '#include "table.inc"' 'int buf_add(void) { return 1; }'
put .output/table.inc '/* made by the build */'
check
is 'what the build makes' '9 files, 0 faults' "$out"

new_tree
put user/kernel/maps.c '#include "loader.h"'
finds 'a name that is not written from user/ on' user/kernel/maps.c:1 'no header loader.h'

new_tree
put user/kernel/maps.c '#include "kernel/loader.c"'
check
has 'an included source' 'user/kernel/maps.c:1: includes a source file' "$out"

new_tree
put user/kernel/wire.h 'struct other;'
finds 'a header name used twice' user/kernel/wire.h:1 'another header has that name: bpf/wire.h'

new_tree
put user/odd/odd.c 'int odd;'
finds 'a folder without a line' user/odd/odd.c:1 'no line in scripts/layers.txt'

new_tree
put user/delivery/sinks/file.h '#include "base/buf.h"'
put user/delivery/sinks/file.c '#include "delivery/sinks/file.h"'
check
is 'a folder in a folder' '11 files, 0 faults' "$out"

new_tree
put user/base/buf.h '#include <stddef.h>' '#include "base/error.h"' 'int buf_add(void);'
put user/base/error.h '#pragma once' '#include "base/tally.h"'
put user/base/tally.h '#pragma once' '' '#include "base/buf.h"'
sed -i '1i #pragma once' "$tree/user/base/buf.h"
finds 'a circle of includes' user/base/tally.h:3 \
	'includes: user/base/buf.h > user/base/error.h > user/base/tally.h > user/base/buf.h'

new_tree
put user/base/buf.c 'int load(void);' '' 'int buf_add(void) { return load(); }'
check
has 'a call that no line permits' 'user/base/buf.c:1: user/base uses load of user/kernel' "$out"

new_tree
put user/base/buf.c '' 'int error(void);' 'int buf_add(void) { return error(); }'
put user/base/error.c 'int tally(void);' 'int error(void) { return tally(); }'
put user/base/tally.c '// buf_add()' 'int tally(void)' '{' '	return buf_add();' '}'
check
has 'a circle of calls' \
	'user/base/buf.c > user/base/error.c > user/base/tally.c > user/base/buf.c' "$out"
is 'one circle' 1 "$(grep -c circle <<<"$out")"

new_tree
put bpf/judge.bpf.c 'int name(void);' 'int judge(void) { return name(); }'
put bpf/name.bpf.c 'int judge(void);' '' 'int name(void) { return judge(); }'
finds 'a circle of calls in bpf/' bpf/name.bpf.c:1 \
	'calls: bpf/judge.bpf.c > bpf/name.bpf.c > bpf/judge.bpf.c'

new_tree
build
touch -d '+1 hour' "$tree/user/base/buf.c"
out=$("$tree/scripts/check-layers" 2>&1)
is 'an old build: status' 1 $?
has 'an old build' 'buf.o is missing or older than its source' "$out"

rm -rf "$tree/bpf" "$tree/user"
mkdir "$tree/bpf" "$tree/user"
"$tree/scripts/check-layers" >/dev/null 2>&1
is 'an empty tree fails' 1 $?
end_test
