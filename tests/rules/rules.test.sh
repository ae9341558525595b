#!/bin/bash
# wormsign rules: no word and no option is ignored, a broken rule is found wherever it is named, and
# what cannot be printed is reported. Needs no root.
. tests/run/lib.sh
mkdir "$work/bad" "$work/good"
echo '{ "id": "x" ' >"$work/bad/x.json"
rule() { # rule ID PATTERN: as JSON
	printf '{ "id": "%s", "title": "t", "severity": "low", "on": ["read"],
		"actor": ["package"], "path": ["%s"],
		"action": "kill", "why": "w", "remedy": "r" }' "$1" "$2"
}
rule site-rule '/srv/secret' >"$work/good/site-rule.json"

# rules STATUS WORDS... (GOT: what it printed)
rules() {
	local wanted=$1
	shift
	GOT=$("$WORMSIGN" rules "$@" 2>&1)
	same "status of rules $*" "$wanted" $?
}

# check: the directory is read, as an argument and as an option, before and after the word
for words in "check $work/bad" "check --rules $work/bad" "--rules $work/bad check" \
	"-r $work/bad check" \
	"check --rules=$work/bad" "check $work/good $work/bad"; do
	rules 1 $words
	has "rules $words names the file and the place" "$work/bad/x.json:2:" "$GOT"
done
rules 0 check "$work/good"
has "check DIR counts its rules" "$work/good" "$GOT"
rules 1 check "$work/none"
has "a directory that is not there" "$work/none" "$GOT"
rules 1 check "$work/good/site-rule.json"
has "a file is no directory" 'Not a directory' "$GOT"

# every subcommand looks at every word
for words in '' 'chekc' 'list no-such-rule' 'test no-such-rule' 'list --no-such' \
	'list -- x' 'check -- x' \
	'explain' 'explain read' 'explain raed package /x' \
	'explain read pakcage /x' 'explain read package' \
	'explain read package /x /y' 'explain read package /x exe=/a exe=/b' \
	'explain read package /x bytes=3' \
	'explain read package /x colour=red' 'explain read package /x label=no-such-label' \
	'explain read package x/y' \
	'explain read package /x/../y' 'explain read package /x//y' 'explain read package /x -- a' \
	'explain memory package /x' 'explain connect package' 'explain connect package 1.2.3.4:0' \
	'explain connect package 1.2.3.4:65536' 'explain connect package 1.2.3.4:8x' \
	'explain connect package [::1' \
	'explain connect package localhost:80' 'explain send package 1.2.3.4:80 bytes=many' \
	'explain send package 1.2.3.4 http=get' \
	'explain read package /x times=0' 'explain exec package /x place=nowhere'; do
	rules 125 $words
	has "rules $words says what is wrong" 'wormsign' "$GOT"
done
for words in '--help' 'list --help' 'check --help' 'explain read package --help' 'test -h'; do
	rules 0 $words
	has "rules $words is the help" 'Usage: wormsign rules' "$GOT"
done

# explain: a home is a home, whosever it is
# shellcheck disable=SC2088 # unexpanded, as somebody may quote it
for path in /home/anybody/.ssh/id_rsa /home/x/.aws/credentials /root/.ssh/id_rsa \
	\~/.ssh/id_rsa "${HOME:-/root}/.ssh/id_rsa"; do
	rules 0 explain read package "$path"
	has "explain $path" 'verdict: kill' "$GOT"
done
rules 0 explain read package /home/anybody/.cache/x
has "... laid out like any other" 'place: cache (the home is /home/anybody)' "$GOT"
# ... what is not said is not taken for "no"
for address in 169.254.169.254 '[fd00:ec2::7]' fd00:ec2::7; do
	rules 0 explain connect package "$address"
	has "explain $address without a port: the worst of them" 'verdict: kill (' "$GOT"
	has "... and at which" 'port 80: kill' "$GOT"
done
rules 0 explain connect package 169.254.169.254:53
has "with a port: that one" 'verdict: allow' "$GOT"
rules 0 explain exec package /usr/bin/node
has "explain exec without an argv" 'depends on what was not given' "$GOT"
has "... names the rules" 'publish-from-script: argv' "$GOT"
rules 0 explain exec package /usr/bin/node -- node /usr/bin/npm publish
has "explain exec with an argv" 'verdict: kill' "$GOT"

# What the output is written to may be full, or closed.
for words in 'list' 'check' 'test' 'explain read package /x' '--help' 'list wiper'; do
	"$WORMSIGN" rules $words >/dev/full 2>"$work/err"
	same "status of rules $words when nothing can be written" 125 $?
	has "... and why" 'No space left' "$(cat "$work/err")"
done
for words in '--help' '--version' 'run --help' 'doctor --help' 'spool --help'; do
	"$WORMSIGN" $words >/dev/full 2>"$work/err"
	same "status of $words when nothing can be written" 125 $?
done
(
	ulimit -f 0
	"$WORMSIGN" rules list >"$work/out" 2>/dev/full
	[ $? = 125 ]
)
same "a limit of the file's size ends nothing silently" 0 $?

# Bytes that a terminal obeys are no pattern, and are not printed.
for bad in '\u001b[2J' '\n' '\u0007' '\u007f'; do
	rule site-rule "/srv/x$bad" >"$work/good/site-rule.json"
	rules 1 check "$work/good"
	has "a pattern with $bad is refused" 'control character' "$GOT"
done
rule site-rule '/srv/x\u202egnp' >"$work/good/site-rule.json"
rules 0 --rules "$work/good" list site-rule
has "a character that turns the text around is shown as bytes" '\xe2\x80\xaegnp' "$GOT"

# Tunings: warned of before they expire, dropped afterwards.
tuning() { # tuning DAYS
	printf '{ "tune": "cloud-credentials", "action": "alert",
		"reason": "r", "expires": "%s" }' \
		"$(date -u -d "$1 days" +%F)" >"$work/good/t.json"
}
rm "$work/good/site-rule.json"
tuning 20
rules 0 check "$work/good"
has "a tuning that holds" 'tuned:' "$GOT"
same "... is not warned of" '' "$(grep 'expires in' <<<"$GOT")"
tuning 10
rules 0 check "$work/good"
has "one that expires soon" 'expires in 10 days' "$GOT"
tuning -1
rules 0 check "$work/good"
has "one that has expired" 'is not applied' "$GOT"
rules 0 --rules "$work/good" explain read package /home/ci/.aws/credentials
has "... and the rule holds again" 'verdict: kill' "$GOT"
done_testing
