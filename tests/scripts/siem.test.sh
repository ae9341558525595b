#!/bin/bash
# The searches of scripts/siem: every name in them is a member of an event, and those for Elastic
# and OpenSearch find in a real node ($OPENSEARCH=http://HOST:PORT) what jq finds in the samples.
# vm: no (needs no kernel)
. tests/scripts/lib.sh
for program in jq curl; do
	command -v $program >/dev/null || { echo "SKIP: $program is not installed"; exit 77; }
done
siem=scripts/siem

is 'the table of fields is that of the schema' 0 "$(scripts/field-table --check; echo $?)"
scripts/field-table --names | sort >"$work/names"
is 'the schema has members' yes "$([ "$(wc -l <"$work/names")" -gt 90 ] && echo yes)"

# unknown: of the names on stdin, those that no event has; below wormsign.lost anything may be
unknown() { sed -E 's/^(wormsign\.(lost|counts))\..*/\1/' | sort -u | comm -23 - "$work/names"; }
searches() { jq -r 'select(.type == "search").attributes |
	.kibanaSavedObjectMeta.searchSourceJSON | fromjson.query.query' $siem/elastic.ndjson; }
count_of() { is "$1: searches, and names in them" "6 yes" "$2 $([ "$3" -gt 9 ] && echo yes)"; }

# Each way to find the names in a language has to find some.
{ searches | sed 's/"[^"]*"//g' | grep -oE '[@a-z_.]+:' | tr -d :
	jq -r 'select(.type == "search").attributes.columns[]' $siem/elastic.ndjson; } >"$work/used"
is 'elastic: unknown names' '' "$(unknown <"$work/used")"
count_of elastic "$(searches | wc -l)" "$(wc -l <"$work/used")"
grep -v '^#' $siem/splunk/savedsearches.conf | grep -oE "[\"'][a-z_]+(\.[a-z_]+)+[\"']" |
	tr -d "\"'" >"$work/used"
is 'splunk: unknown names' '' "$(unknown <"$work/used")"
count_of splunk "$(grep -c '^search = ' $siem/splunk/savedsearches.conf)" \
	"$(wc -l <"$work/used")"
cat $siem/sentinel/*.kql | grep -oE '\be\.[a-z_.]+' | sed 's/^e\.//' >"$work/used"
is 'sentinel: unknown names' '' "$(unknown <"$work/used")"
count_of sentinel "$(find $siem/sentinel -name '*.kql' | wc -l)" "$(wc -l <"$work/used")"
# Loki's json parser joins with an underscore.
tr . _ <"$work/names" | sort >"$work/joined"
cat $siem/loki/*.logql | grep -v '^#' |
	grep -oE '\b(event|host|process|package|file|rule|destination|wormsign)_[a-z_]+' |
	sed -E 's/^(wormsign_lost)_.*/\1/' | sort >"$work/used"
is 'loki: unknown names' '' "$(sort -u "$work/used" | comm -23 - "$work/joined")"
count_of loki "$(find $siem/loki -name '*.logql' | wc -l)" "$(wc -l <"$work/used")"
cat $siem/victorialogs/*.logsql | grep -v '^#' | sed 's/"[^"]*"//g' |
	grep -oE '\b(event|host|package|rule|destination|wormsign)\.[a-z_.]+' | sort >"$work/used"
is 'victorialogs: unknown names' '' "$(unknown <"$work/used")"
count_of victorialogs "$(find $siem/victorialogs -name '*.logsql' | wc -l)" \
	"$(wc -l <"$work/used")"
is 'grafana: its searches are those' "$(for f in $siem/victorialogs/*.logsql; do
	grep -v '^#' "$f"; done | sort)" "$(jq -r '.panels[].targets[] |
	select(.datasource.type | test("logs")).expr' $siem/grafana.json | sort)"
is 'elastic: each search names the index pattern that the file brings' 6 "$(jq -s '
	(map(select(.type == "index-pattern").id)[0]) as $id |
	map(select(.type == "search" and .references[0].id == $id)) | length' \
	$siem/elastic.ndjson)"
is 'the README names each search' '' "$(for f in $siem/*/*.kql $siem/*/*.logql $siem/*/*.logsql; do
	name=$(basename "${f%.*}")
	grep -q "$name" $siem/README.md || echo "$name"
done)"

# ---- in real nodes ----
if [ -n "${VICTORIALOGS:-}" ]; then
	now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
	jq -c --arg now "$now" '.["@timestamp"] = $now | {create: {}}, .' \
		tests/unit/delivery/events.jsonl | curl -s -m 60 --data-binary @- \
		-H 'Content-Type: application/x-ndjson' "$VICTORIALOGS/insert/elasticsearch/_bulk?$(
		)_msg_field=message&_time_field=@timestamp&_stream_fields=host.name" >"$work/answer"
	is 'victorialogs: the samples are taken' false "$(jq .errors "$work/answer")"
	sleep 3
	for f in $siem/victorialogs/*.logsql; do
		curl -s -m 60 "$VICTORIALOGS/select/logsql/query" \
			--data-urlencode "query=$(grep -v '^#' "$f")" >"$work/found"
		name=$(basename "$f" .logsql)
		case $name in
		silent-hosts) is "victorialogs: $name finds no host" 0 "$(wc -l <"$work/found")" ;;
		*) is "victorialogs: $name finds something, in JSON" yes \
			"$(jq -es 'length > 0' "$work/found" >/dev/null && echo yes)" ;;
		esac
	done
fi
if [ -n "${OPENSEARCH:-}" ]; then
	index=logs-wormsign-test-$$
	now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
	jq -c --arg now "$now" '.["@timestamp"] = $now' tests/unit/delivery/events.jsonl \
		>"$work/events"
	jq -c --arg index $index '{create: {_index: $index, _id: .event.id}}, .' "$work/events" |
		curl -s -m 120 -H 'Content-Type: application/x-ndjson' --data-binary @- \
			"$OPENSEARCH/_bulk?refresh=true" >"$work/answer"
	is 'opensearch: the samples are taken' false "$(jq .errors "$work/answer")"
	hits() { # SEARCH FILTER: what the node finds, and jq, which is something
		local query wanted
		wanted=$(jq -r "select($2) | .event.id" "$work/events" | sort)
		query=$(jq -r --arg id "wormsign-$1" 'select(.id == $id).attributes |
			.kibanaSavedObjectMeta.searchSourceJSON | fromjson.query.query' \
			$siem/elastic.ndjson)
		is "opensearch: $1" "${wanted:-something}" \
			"$(curl -s -m 60 -G --data-urlencode "q=$query" --data size=100 \
				"$OPENSEARCH/$index/_search" | jq -r '.hits.hits[]._id' | sort)"
	}
	hits secrets-touched '.event.action == "verdict" and .rule.ruleset == "secrets"'
	hits stopped '.event.kind == "alert" and (.wormsign.effect // "none" |
		test("refused|dropped|killed"))'
	hits time-to-kill '.event.action == "death" and .wormsign.ms_to_kill != null'
	hits signs-of-life '.event.action | test("^(heartbeat|session-.*)$")'
	hits new-behaviour '(.event.action == "exec" or .event.action == "net") and
		.wormsign.actor == "package"'
	hits losses '.event.action == "gap" or (.wormsign.lost.alert // 0) > 0 or
		(.wormsign.lost.events // 0) > 0'
	curl -s -m 60 -XDELETE "$OPENSEARCH/$index" >/dev/null
fi
end_test
