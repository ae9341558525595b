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
is 'the table of fields, and the searches for SIEMs' '' "$(cmp user/event.fields.md \
	"$share/wormsign/event.fields.md" 2>&1; diff -r scripts/siem "$share/wormsign/siem")"
is 'the manual, with the place of the rules' "$(sed 's|^\(.I \)/usr/local/|\1/opt/worm/|' \
	user/man/wormsign.1)" "$(cat "$share/man/man1/wormsign.1")"
has '... which is another one here' '.I /opt/worm/share/wormsign/rules' \
	"$(cat "$share/man/man1/wormsign.1")"
is 'the completion of each shell' 3 "$(cd "$share" && ls bash-completion/completions/wormsign \
	zsh/site-functions/_wormsign fish/vendor_completions.d/wormsign.fish | wc -l)"
is 'the unit starts the program' "ExecStart=/opt/worm/bin/wormsign agent" \
	"$(grep ^ExecStart= "$root/opt/worm/lib/systemd/system/wormsign-agent.service")"
etc=$root/etc/wormsign
is 'the configuration' '' "$(cmp scripts/wormsign.json "$etc/wormsign.json" 2>&1)"
is '... has the defaults' "$(echo '{}' >"$work/none"; .output/wormsign config show "$work/none")" \
	"$(.output/wormsign config show scripts/wormsign.json)"
is 'what not everybody can read' '' "$(cd "$root" &&
	find opt/worm/bin/* opt/worm/lib opt/worm/share/wormsign etc ! -perm -o=r)"
installed >"$work/first"

# An older version, whose rules had other names, and a stop in the middle of an installation.
rule=$(cd rules && find . -mindepth 2 -name '*.json' | head -n 1)
mkdir -p "$share/wormsign/rules/old" "$share/wormsign.new/rules"
cp "rules/$rule" "$share/wormsign/rules/old/moved.json"
cp "rules/$rule" "$share/wormsign.new/rules/half.json"
echo '{}' >"$share/wormsign/rules/dropped.json"
echo 'changed' >"$share/wormsign/rules/$rule"
echo '{"old": true}' | tee "$share/wormsign/wormsign.json" >"$etc/wormsign.json"
echo 'old' >"$share/man/man1/wormsign-old.1"
echo 'not ours' >"$share/man/man1/wormsignal.1"
run_make install
is 'install over an older version: status' 0 $?
is 'the rules of the tree, and no other' '' "$(same_rules)"
is 'the configuration of the older version, which nobody changed, is replaced' '' \
	"$(cmp scripts/wormsign.json "$etc/wormsign.json" 2>&1)"
is 'everything else as after the first' '' "$(installed | grep -v wormsignal |
	diff "$work/first" -)"

echo 'site' >"$root/opt/worm/share/other"
cp -r "$root" "$work/root2"
run_make uninstall
is 'uninstall: status' 0 $?
is 'what is left is not ours' "./opt/worm/share/man/man1/wormsignal.1
./opt/worm/share/other" "$(installed)"
is '... nor is a directory of the configuration' '' "$(ls -d "$etc" 2>/dev/null)"

rm -rf "$root" && mv "$work/root2" "$root"
echo '{"allow": {"audit": true}}' >"$etc/wormsign.json"
echo '{}' >"$etc/rules.d/site.json"
run_make install
is 'a changed configuration stays' '{"allow": {"audit": true}}' "$(cat "$etc/wormsign.json")"
run_make uninstall
is '... even when all else goes' "./etc/wormsign/rules.d/site.json
./etc/wormsign/wormsign.json" "$(installed | grep /etc/)"
end_test
