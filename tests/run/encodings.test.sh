#!/bin/bash
# Encodings: one run's events in ECS, OCSF and CEF say the same, and a parser that is not
# wormsign's (liblognorm, as in rsyslog's mmnormalize) reads each line of CEF.
. tests/run/lib.sh
needs jq lognormalizer
[ "$(id -u)" = 0 ] || { echo 'SKIP: needs root'; exit 77; }
chmod 755 "$work"
mkdir -m 777 "$work/out"
mkdir -p "$work/project/node_modules/e=v|l\\x" "$work/home/.aws"
echo secret >"$work/home/.aws/credentials"
cat >"$work/npm" <<'SH'
#!/bin/sh
(cd node_modules/e*x && npm_lifecycle_event=postinstall npm_package_name=evil \
	npm_package_version=6.6.6 exec sh -c ': "a=b|c\\d"; cat $HOME/.aws/credentials')
true
SH
chmod 755 "$work/npm"
sink() { printf '{ "name": "%s", "type": "file", "target": "%s", "encoding": "%s" }' "$1" \
	"$work/out/$1" "$1"; }
echo "{ \"inventory\": false,
	\"sinks\": [ $(sink ecs), $(sink ocsf), $(sink cef) ] }" >"$work/config"
(cd "$work/project" && HOME=$work/home "$WORMSIGN" run --log "$work/run.log" \
	--spool "$work/spool" --config "$work/config" -- "$work/npm" ci) 2>"$work/err"
same "run: status" 86 $?
count=$(wc -l <"$work/run.log")
same "ecs: the log's own lines" '' "$(sort "$work/run.log" >"$work/a"; sort "$work/out/ecs" |
	diff - "$work/a")"

# ---- OCSF ----
same "ocsf: every event" "$count" "$(jq -c . "$work/out/ocsf" | wc -l)"
same "ocsf: an alert is a finding, and no other event is" "" \
	"$(jq -r 'select(.event.kind == "alert").event.id' "$work/run.log" | sort >"$work/a"
	jq -r 'select(.class_uid == 2004).finding_info.uid' "$work/out/ocsf" | sort |
		diff - "$work/a")"
same "ocsf: types are those of classes" 0 "$(jq -c \
	'select(.type_uid != .class_uid * 100 + .activity_id)' "$work/out/ocsf" | wc -l)"
same "ocsf: times are the log's" "$(jq -r '.event.id + " " + .["@timestamp"]' "$work/run.log" |
	sort)" "$(jq -r '.metadata.uid + " " + (.time / 1000 | floor | todate | .[:-1]) +
		(.time % 1000 + 1000 | tostring | "." + .[1:]) + "Z"' "$work/out/ocsf" | sort)"

# ---- CEF ----
printf 'version=2\nrule=:%%f:cef%%\n' >"$work/rulebase"
# This parser takes the first letter from the first name unless a space is before it.
sed -E 's/^((([^|\\]|\\.)*\|){7})/\1 /' "$work/out/cef" |
	lognormalizer -r "$work/rulebase" -e json >"$work/parsed" 2>"$work/err"
same "cef: every line is parsed" "$count 0" \
	"$(wc -l <"$work/out/cef") $(grep -c unparsed "$work/parsed")"
pairs() { # FILE FILTER: one line an event, sorted
	jq -c "$2" "$1" | sort
}
same "cef: each value is the log's, escaped and back" '' \
	"$(pairs "$work/run.log" '[.event.id, .message, (.process.command_line // ""),
		(.file.path // ""), (.process.pid // "" | tostring), (.rule.id // .event.action)]' \
		>"$work/a"
	pairs "$work/parsed" '.f | [.Extensions.externalId, .Extensions.msg,
		(.Extensions.cs6 // ""), (.Extensions.filePath // ""),
		(.Extensions.spid // ""), .SignatureID]' | diff - "$work/a")"
has "cef: an escape was needed" 'a\=b' "$(cat "$work/out/cef")"
same "cef: severities" "1 10" \
	"$(jq -r '.f.Severity' "$work/parsed" | sort -un | tr '\n' ' ' | sed 's/ $//')"

# ---- what a sink cannot send ----
echo '{ "sinks": [ { "name": "a", "type": "otlp", "target": "http://127.0.0.1:1",
	"encoding": "ocsf" }, { "name": "b", "type": "webhook", "target": "http://127.0.0.1:1",
	"encoding": "cef" }, { "name": "c", "type": "elastic", "target": "http://127.0.0.1:1",
	"encoding": "ocsf" } ] }' >"$work/config"
"$WORMSIGN" run -q --log "$work/run2.log" --config "$work/config" -- true 2>"$work/err"
same "encodings that a sink cannot send: status" 125 $?
has "... otlp" '/sinks/0: a sink of type otlp does not send ocsf' "$(cat "$work/err")"
has "... a data stream" '/sinks/2: events in ocsf want an index' "$(cat "$work/err")"
has "... webhook" '/sinks/1: a sink of type webhook does not send cef' "$(cat "$work/err")"
done_testing
