#!/bin/bash
# scripts/mutants makes the changes that it promises, nowhere but in code, and draws the same by the
# same seed.
# vm: no (needs no kernel)
. tests/scripts/lib.sh

cat >"$work/x.c" <<'C'
/* a == b: a comment */
#define LIMIT (1 < 2)
static int limit = 5;

int f(int a)
{
	/* a == 1 */
	int n = 7; /* 3 && 4 */
	char text[16], more[32];

	if (a == limit)
		call("x == 1 && 2", a);
	while (a && !n)
		a++;
	return false;
}
C
scripts/mutants -l -n 100 "$work/x.c" | cut -f2- | tr -s '\t' '\t' | sort >"$work/all"
cat >"$work/wanted" <<'C'
11	comparison	if (a != limit)
11	negated	if (!(a == limit))
12	dropped	;
13	logic	while (a || !n)
13	negated	while (!(a && !n))
14	dropped	;
15	constant	return true;
8	constant	int n = 8; /* 3 && 4 */
C
is 'every change of a small file' '' "$(diff "$work/wanted" "$work/all")"

scripts/mutants -l -n 20 -s 7 >"$work/first"
scripts/mutants -l -n 20 -s 7 >"$work/second"
scripts/mutants -l -n 20 -s 8 >"$work/other"
is 'so many are drawn' 20 "$(wc -l <"$work/first")"
is 'the same by the same seed' '' "$(diff "$work/first" "$work/second")"
is 'others by another seed' 1 "$(cmp -s "$work/first" "$work/other"; echo $?)"
end_test
