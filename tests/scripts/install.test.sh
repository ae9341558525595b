#!/bin/bash
# make install puts there what is in the tree, also over an older version, and uninstall leaves
# nothing.
# vm: no (needs no kernel)
. tests/scripts/lib.sh

root=$work/root
share=$root/opt/worm/share
# The flags of a make that runs this test are not for this one.
run_make() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -s "$@" \
		PREFIX=/opt/worm DESTDIR="$root" >"$work/out" 2>&1
}
installed() { (cd "$root" && find . ! -type d | LC_ALL=C sort); }
same_rules() {
	diff <(cd rules && find . -name '*.json' -exec sha256sum {} + | sort) \
		<(cd "$share/wormsign/rules" && find . ! -type d -exec sha256sum {} + | sort)
}

run_make all # with a umask by which others can run the program: other tests do
umask 077    # what is installed is for everybody, whoever installs it
run_make install
is 'install: status' 0 $?
is 'the rules of the tree, all of them and no other' '' "$(same_rules)"
is 'the program' "$(sha256sum <.output/wormsign)" "$(sha256sum <"$root/opt/worm/bin/wormsign")"
is 'the schema of events' '' \
	"$(cmp user/event.schema.json "$share/wormsign/event.schema.json" 2>&1)"
is 'the manual' '' "$(cmp user/man/wormsign.1 "$share/man/man1/wormsign.1" 2>&1)"
is 'the completion of each shell' 3 "$(cd "$share" && ls bash-completion/completions/wormsign \
	zsh/site-functions/_wormsign fish/vendor_completions.d/wormsign.fish | wc -l)"
is 'the unit starts the program' "ExecStart=/opt/worm/bin/wormsign agent" \
	"$(grep ^ExecStart= "$root/opt/worm/lib/systemd/system/wormsign-agent.service")"
is 'what not everybody can read' '' "$(cd "$root/opt/worm" &&
	find bin/* lib share/wormsign ! -perm -o=r)"
installed >"$work/first"

# An older version, whose rules had other names, and a stop in the middle of an installation.
rule=$(cd rules && find . -mindepth 2 -name '*.json' | head -n 1)
mkdir -p "$share/wormsign/rules/old" "$share/wormsign.new/rules"
cp "rules/$rule" "$share/wormsign/rules/old/moved.json"
cp "rules/$rule" "$share/wormsign.new/rules/half.json"
echo '{}' >"$share/wormsign/rules/dropped.json"
echo 'changed' >"$share/wormsign/rules/$rule"
echo 'old' >"$share/man/man1/wormsign-old.1"
echo 'not ours' >"$share/man/man1/wormsignal.1"
run_make install
is 'install over an older version: status' 0 $?
is 'the rules of the tree, and no other' '' "$(same_rules)"
is 'everything else as after the first' '' "$(installed | grep -v wormsignal |
	diff "$work/first" -)"

echo 'site' >"$root/opt/worm/share/other"
run_make uninstall
is 'uninstall: status' 0 $?
is 'what is left is not ours' "./opt/worm/share/man/man1/wormsignal.1
./opt/worm/share/other" "$(installed)"
end_test
