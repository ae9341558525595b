#!/bin/bash
# What variables, configuration and scripts name, and homes and projects that appear later, is
# looked up by the agent's client as by `run` alone: each package here does the same under both, and
# the verdicts must be the same, by the same rules.
. tests/run/lib.sh
needs npm jq setpriv

chmod 711 "$work"
uid=54321
home=$work/home app=$work/home/app
other=$(mktemp -d /var/lib/wormsign-test.XXXXXX) || exit 1 # a home below /tmp is none
trap 'kill "$agent" 2>/dev/null; wait 2>/dev/null; rm -rf "$work" "$other"' EXIT
mkdir "$work/run"
"$WORMSIGN" agent --socket "$work/run/sock" >"$work/agent.out" 2>&1 & agent=$!
wait_for 60 grep -qs listens "$work/agent.out" || { cat "$work/agent.out"; exit 1; }

manifest() { # NAME EVENT SCRIPT
	jq -n --arg name "$1" --arg event "$2" --arg script "$3" \
		'{name: $name, version: "1.0.0", scripts: {($event): $script}}'
}
# package NAME SCRIPT: in the project's node_modules
package() {
	mkdir -p "$app/node_modules/$1"
	manifest "$1" postinstall "$2" >"$app/node_modules/$1/package.json"
}
fresh() { # all that is looked at, made anew
	rm -rf "$home"
	mkdir -p "$app/.git" "$app/tools" "$home/keys" "$home/tmp" "$home/web/.git"
	mkdir -p "$home/web/tools"
	mkdir -p "$other/.aws" "$home/web/node_modules/gen"
	echo '{"name":"app","version":"1.0.0","scripts":{"build":"node tools/gen"}}' \
		>"$app/package.json"
	: >"$app/tools/gen.js"
	echo 'machine x login y password zzzz' >"$home/net"
	echo 'token: s3cr3t' >"$home/kube"
	echo s3cr3t >"$home/keys/one"
	echo 'aws_secret_access_key = AKIAother' >"$other/.aws/credentials"
	printf '[http]\n\textraheader = AUTHORIZATION: basic eDp5\n' >"$app/.git/config"
	printf '[core]\n\tbare = false\n' >"$home/web/.git/config"
	package kube "cat $home/kube; :"
	package keys "cat $home/keys/one; :"
	package netrc "cat $home/net; :"
	package token "cat $app/.git/config; :"
	package script "echo x >>$app/tools/gen.js; :"
	package late "cat $other/.aws/credentials; :"
	package cache "echo x >$home/cy/new; :"
	# another project, which npm is told of
	manifest web install 'cat .git/config; echo >built' >"$home/web/package.json"
	manifest gen install 'echo x >>../../tools/made.js; :' \
		>"$home/web/node_modules/gen/package.json"
	cat >"$home/late.sh" <<-'SH'
		exec env HOME="$1" npm rebuild late
	SH
	chown -R "$uid:$uid" "$home" "$other"
	chmod 700 "$home" "$other"
}
# under WAY COMMAND...: by the agent, or alone, as under sudo
under() {
	local way=$1 by=() to=()
	shift
	rm -f "$work/$way.log"
	install -o "$uid" -m 600 /dev/null "$work/$way.log"
	[ "$way" = alone ] || by=(setpriv --reuid "$uid" --regid "$uid" --clear-groups)
	[ "$way" = alone ] || to=(--socket "$work/run/sock")
	(cd "$app" && exec env -i PATH="$PATH" HOME="$home" TMPDIR="$home/tmp" CI=true \
		npm_config_update_notifier=false npm_config_audit=false \
		npm_config_cache="$home/.npm" KUBECONFIG="/nowhere:$home/kube" \
		GNUPGHOME="$home/keys" NETRC="$home/net" CYPRESS_CACHE_FOLDER="$home/cy" \
		${SUDO[@]+"${SUDO[@]}"} "${by[@]}" "$WORMSIGN" run --quiet \
		"${to[@]}" --log "$work/$way.log" -- "$@") \
		>"$work/$way.out" 2>"$work/$way.err"
	echo "status $?"
	# of what is hidden, only that of the project itself
	events 'select(.wormsign.verdict and .rule.id) |
		select(.wormsign.verdict != "hide" or .rule.id == "git-token-read") |
		"\(.package.name) \(.rule.id) \(.wormsign.verdict)"' "$work/$way.log" | sort -u
}
both() { # WHAT RULE COMMAND...: RULE is among the verdicts; "": nobody is accused
	local what=$1 rule=$2 alone agent_
	shift 2
	fresh
	SUDO=(SUDO_UID="$uid" SUDO_GID="$uid" SUDO_USER="$uid")
	alone=$(under alone "$@")
	fresh
	SUDO=()
	agent_=$(under agent "$@")
	if [ -n "$rule" ]; then
		has "alone: $what" " $rule " "$alone"
	else
		same "alone: $what" "status 0" "$alone"
	fi
	same "... with the agent" "$alone" "$agent_"
}

both "a file that a variable names in a list" environment-credentials npm rebuild kube
both "a directory that a variable names" environment-credentials npm rebuild keys
both "a netrc that a variable names" netrc npm rebuild netrc
both "a repository's configuration with a token" git-token-read npm rebuild token
both "a file that a script of the project names" build-files-write npm rebuild script
both "a home that appears later" cloud-credentials sh "$home/late.sh" "$other"
both "a cache that a variable names" '' npm rebuild cache
both "a project that npm is told of" write-outside npm -C "$home/web" rebuild
both "... by a relative path" write-outside npm -C ../web rebuild gen
same "the agent entered what was found" yes "$(kill -0 "$agent" && echo yes)"
kill "$agent"
wait "$agent" 2>/dev/null
done_testing
