#!/bin/bash
# CONTRIBUTING.md names only files, programs and functions that exist. NAME, FAMILY, DIR and x stand
# for names that a contributor chooses.
# vm: no (reads the sources)
. tests/scripts/lib.sh
page=CONTRIBUTING.md

# files PAGE: the names of source files in it, without directories and stand-ins
files() {
	grep -oE '[A-Za-z0-9_/{}.-]*[A-Za-z0-9_}]\.(bpf\.[ch]|[ch]|sh|json|txt|md|1)\b' "$1" |
		sed 's,.*/,,' | grep -vE '[A-Z]{3,}[._-]|(NAME|DIR)|^(test_)?x\.c$|[{}]' | sort -u
}

# names PAGE: programs and functions
names() {
	grep -oE '\b(ws|on|watch|deny|tls|observer)_[a-z0-9_]+' "$1" | grep -v '_$' | sort -u
}

# missing PAGE: what it names and the tree does not have
missing() {
	local name
	for name in $(files "$1"); do
		[ -n "$(find bpf user rules scripts tests ./*.md -name "$name" -print -quit)" ] ||
			echo "$name"
	done
	for name in $(names "$1"); do
		grep -rqw --include=*.[ch] -- "$name" bpf user || echo "$name"
	done
}

is "what it names and the tree lacks" "" "$(missing $page)"
[ "$(files $page | wc -l)" -ge 30 ] && [ "$(names $page | wc -l)" -ge 15 ]
is "files and functions are recognised in it" 0 $?
sed 's/on_exec/on_exit_of_none/; s/ring_check\.c/ring_chek.c/' $page >"$work/page.md"
is "a wrong name is found" "ring_chek.c on_exit_of_none" "$(missing "$work/page.md" | xargs)"
end_test
