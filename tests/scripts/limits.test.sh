#!/bin/bash
# The table of limits in SECURITY.md can be read and believed: rows are short, stand in a table and
# have a number of their own, and the tests that they name exist.
# vm: no (reads one file)
. tests/scripts/lib.sh

# limits FILE: what is wrong with it, a line each
limits() {
	local path
	awk '
		/^## / { inside = /Known limits/; details = 0 }
		/^### Details/ { details = 1 }
		!inside { next }
		/^\| [0-9]+ \|/ {
			split($0, cell, "|")
			n = cell[2] + 0
			if (n in row)
				print "number " n " twice"
			row[n]
			if (length($0) > 200)
				print "row " n ": " length($0) " characters"
			if (previous !~ /^\|/)
				print "row " n ": in no table"
		}
		details && /^[0-9]+\. / { detail[$1 + 0] }
		{ previous = $0 }
		END {
			for (n in detail)
				if (!(n in row))
					print "detail " n " of no row"
			if (length(row) < 10)
				print "no table of limits"
		}' "$1"
	grep -E '^\| [0-9]+ \|' "$1" | grep -o '`\(tests\|scripts\)/[^` ]*' | tr -d '`' |
		sort -u | while read -r path; do
		[ -e "$path" ] || echo "$path does not exist"
	done
}

is 'what is wrong with SECURITY.md' '' "$(limits SECURITY.md)"
copy=$work/SECURITY.md
long=$(printf '%0200d' 0)
sed "s/^| 3 | /| 2 | $long /; s/^| 7 |/\n&/; s/test_race.c/test_rice.c/; s/^8\. /89. /" \
	SECURITY.md >"$copy"
said=$(limits "$copy")
has 'a number twice' 'number 2 twice' "$said"
has 'a long row' 'row 2: 3' "$said"
has 'a row in no table' 'row 7: in no table' "$said"
has 'a detail of no row' 'detail 89 of no row' "$said"
has 'no such test' 'tests/bpf/test_rice.c does not exist' "$said"
end_test
