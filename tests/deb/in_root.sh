#!/bin/bash
# Run by scripts/check-deb as root in an empty root: /root holds new.deb, older.deb and lib.sh.
# shellcheck source=tests/scripts/lib.sh
. ./lib.sh

apt() { apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 "$@"; }
# All that is there, but the package system's own records and what the test makes.
snapshot() {
	local not=() path
	for path in proc sys dev root tmp home run/adduser var/lib/dpkg var/lib/apt \
		var/cache/apt var/log/apt var/log/dpkg.log; do
		not+=(-path "/$path" -prune -o)
	done
	find / -xdev "${not[@]}" -printf '%y %m %U:%G %p\n' | LC_ALL=C sort -k 4
	sha256sum /etc/passwd /etc/group /etc/shadow
}
attack() { # HOME: a package that steals
	mkdir -p "$1/.aws" "$1/app/node_modules/evil"
	echo 'aws_secret_access_key = AKIAsecret' >"$1/.aws/credentials"
	echo '{"name":"app","version":"1.0.0","dependencies":{"evil":"*"}}' >"$1/app/package.json"
	printf '{"name":"evil","version":"6.6.6","scripts":{"postinstall":"%s"}}\n' \
		"cat $1/.aws/credentials >loot" >"$1/app/node_modules/evil/package.json"
}
in_app() { # COMMAND...: as root
	(cd /root/app && "$@" 2>&1)
}
as_user() { # COMMAND...: as an ordinary user, at home
	(cd /home/ci/app && exec env HOME=/home/ci setpriv --reuid ci --regid ci --init-groups \
		"$@" 2>&1)
}
loot() { cat "$1/app/node_modules/evil/loot" 2>/dev/null; rm -f "$1/app/node_modules/evil/loot"; }

(apt update && apt satisfy "$(dpkg-deb -f new.deb Depends | sed 's/, *$//')") >/dev/null || exit 1
useradd --create-home ci || exit 1
attack /root
attack /home/ci && chown -R ci: /home/ci
snapshot >"$work/before"

# ---- Over an older version ----
mkdir -m 700 /var/spool/wormsign && echo left >/var/spool/wormsign/segment
chown -R nobody: /var/spool/wormsign
stray=/usr/share/wormsign/rules/by-make/x.json
mkdir -p ${stray%/*} && echo '{}' >$stray
dpkg -i older.deb </dev/null >"$work/out" 2>&1
is 'install' 0 $?
is 'what "make install" has put there is gone' '' "$(ls $stray 2>/dev/null)"
has 'control: the older version has a rule twice' already "$(wormsign rules check 2>&1)"
is 'what was spooled before is for delivery still' 'wormsign:wormsign wormsign:wormsign' \
	"$(stat -c %U:%G /var/spool/wormsign /var/spool/wormsign/segment | xargs)"
rm /var/spool/wormsign/segment
sed -i 's/"audit": false/"audit": true/' /etc/wormsign/wormsign.json
echo '{}' >/etc/wormsign/rules.d/site.json.off
dpkg -i new.deb </dev/null >"$work/out" 2>&1
is 'upgrade, without a question' 0 $?
is 'no rule is left of the older version' 0 "$(wormsign rules check >/dev/null 2>&1; echo $?)"
is 'rules are the package'"'"'s, and no other' '' "$(comm -3 \
	<(find /usr/share/wormsign ! -type d | sort) \
	<(dpkg -L wormsign | grep '^/usr/share/wormsign/' | while read -r f; do
		[ -d "$f" ] || echo "$f"
	done | sort))"
has 'a changed configuration stays' '"audit": true' "$(wormsign config show)"
is '... and is right' 0 "$(wormsign config check >/dev/null 2>&1; echo $?)"
is '... and what the site has added' '{}' "$(cat /etc/wormsign/rules.d/site.json.off)"

# ---- A job ----
in_app npm rebuild >/dev/null
has 'control: the package steals' AKIAsecret "$(loot /root)"
wormsign run -q -- sh -c 'exit 7'
is 'run: the status of the command' 7 $?
has 'run: a theft is stopped' evil@6.6.6 "$(in_app wormsign run -- npm rebuild)"
is '... with nothing stolen' '' "$(loot /root)"
in_app wormsign run -q -- npm rebuild >/dev/null
is '... and status 86' 86 $?
is 'its logs are root'"'"'s' "root" "$(stat -c %U /var/log/wormsign/* | sort -u)"
wormsign run -q --sink file=/tmp/events.jsonl -- true
is 'delivery: status' 0 $?
has '... has had the events' session-end "$(cat /tmp/events.jsonl)"
is '... as the system user, who owns the spool' wormsign \
	"$(find /var/spool/wormsign -printf '%u\n' | sort -u)"

# ---- The same by the agent, as an ordinary user ----
as_user wormsign run -q -- true >/dev/null
is 'control: without the agent a user cannot watch' 125 $?
wormsign agent >"$work/agent" 2>&1 & agent=$!
for _ in {1..600}; do grep -q listens "$work/agent" && break; sleep 0.1; done
as_user wormsign run -q -- sh -c 'exit 7'
is 'agent: the status of the command' 7 $?
as_user npm rebuild >/dev/null
has 'control: the package steals from the user' AKIAsecret "$(loot /home/ci)"
as_user wormsign run -q --log /home/ci/log -- npm rebuild >/dev/null
is 'agent: a theft is stopped' 86 $?
is '... with nothing stolen' '' "$(loot /home/ci)"
is '... and the log is the user'"'"'s' ci "$(stat -c %U /home/ci/log)"
has 'the configuration is in force: users may audit' AKIAsecret \
	"$(as_user wormsign run -q --mode audit -- npm rebuild >/dev/null; loot /home/ci)"
kill $agent && wait $agent
is 'the agent ends' 0 $?

# ---- Gone ----
dpkg -r wormsign </dev/null >"$work/out" 2>&1
is 'remove' 0 $?
# besides deb-systemd-helper's note, and the list of what packages made, where they made something
is 'what a removal leaves is configuration, logs and the spool' \
	'/etc/wormsign /var/log/wormsign /var/spool/wormsign' \
	"$(snapshot | grep -o '/[^ ]*' | grep -E '/[^/]*wormsign[^/]*$' |
		grep -vE '^/var/lib/(systemd|wormsign)|.wormsign/' | xargs)"
dpkg -P wormsign </dev/null >"$work/out" 2>&1
is 'purge' 0 $?
is 'a purge leaves nothing' '' "$(diff "$work/before" <(snapshot))"
end_test
