#!/bin/bash
# scripts/check-mirror finds a source without a test, and a line of the list that is wrong.
# vm: no (needs no kernel)
. tests/scripts/lib.sh

tree=$work/tree
new_tree() { # new_tree [LINE...]: four sources, three tests, and this list
	rm -rf "$tree"
	mkdir -p "$tree"/{scripts,user/{base,cmd},tests/unit/{base,cmd}}
	cp scripts/check-mirror "$tree/scripts/"
	touch "$tree"/user/{base/buf.c,base/tally.c,cmd/main.c,cmd/doctor.c}
	touch "$tree"/tests/unit/{base/test_buf.c,base/test_tally.c,cmd/test_doctor.c}
	[ $# = 0 ] || printf '%s\n' "$@" >"$tree/tests/unit/without-test.txt"
}
check() {
	out=$("$tree/scripts/check-mirror" 2>&1)
	status=$?
}
# finds WHAT PLACE TEXT: one fault, at PLACE, that says TEXT
finds() {
	check
	is "$1: status" 1 "$status"
	is "$1: one fault, with its place" "$2" "$(grep -v ' faults$' <<<"$out" | cut -d: -f1,2)"
	has "$1: what it says" "$3" "$out"
}
main='user/cmd/main.c: calls the commands, and each has its test'
list=tests/unit/without-test.txt

new_tree '# reasons' "$main"
check
is 'a mirror' '4 sources, 0 faults' "$out"
is 'its status' 0 "$status"

new_tree
finds 'a source without a test' user/cmd/main.c:1 'no tests/unit/cmd/test_main.c'
new_tree "$main"
mv "$tree/tests/unit/base/test_tally.c" "$tree/tests/unit/cmd/"
finds 'a test in another folder' user/base/tally.c:1 'no tests/unit/base/test_tally.c'
new_tree "$main"
touch "$tree/tests/unit/cmd/test_main.c"
finds 'a line whose test exists' $list:1 'user/cmd/main.c has a test'
new_tree "$main" 'user/cmd/old.c: moved'
finds 'a line whose source is gone' $list:2 'there is no source user/cmd/old.c'
new_tree "$main" 'user/base/tally.c: counts'
rm "$tree/tests/unit/base/test_tally.c"
finds 'lines that are not sorted' $list:2 'is not in order'
new_tree user/cmd/main.c:
finds 'a line without a reason' $list:1 'not `FILE: reason`'
rm -rf "$tree/user" "$tree/tests"
mkdir -p "$tree/user" "$tree/tests/unit"
check
is 'no sources at all' 1 "$status"
end_test
