#!/bin/bash
# Every command and option that --help prints is in the manual and in the completion of each shell,
# and the manual has no other.
# vm: no (needs no kernel)
. tests/scripts/lib.sh
ws=${WORMSIGN:-$PWD/.output/wormsign}
manual=user/man/wormsign.1

commands=$("$ws" --help | sed -n 's/^  \([a-z][a-z-]*\)  *[^ ].*/\1/p')
has 'the commands of --help' run "$commands"
options() { "$ws" "$1" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u; }
# the words of the manual, without its markup
man_text=$(sed -e 's/\\-/-/g' -e 's/\\f[BIR]//g' $manual)
man_options() { grep -oE -- '--[a-z][a-z-]*' <<<"$1" | sort -u; }
# the part of a command: from its .SS or .SH on
part() { awk -v name="${1^^}" '/^\.SH/ { in_it = $NF == name } in_it' <<<"$man_text"; }

all=$(for c in $commands; do options "$c"; done; echo --version)
for c in $commands; do
	has "$c has a page" '.so man1/wormsign.1' "$(cat "user/man/wormsign-$c.1" 2>&1)"
	has "$c is in the synopsis" ".B wormsign $c" "$man_text"
	has "$c --help says how it is used" 'Usage: ' "$("$ws" "$c" --help 2>/dev/null)"
	# options of every command that are explained once
	is "options of $c that its part of the manual lacks" '' "$(comm -23 \
		<(options "$c" | grep -vxE -- '--(help|version)') <(man_options "$(part "$c")"))"
	is "options of $c that it does not have" '' "$(comm -13 <({ options "$c"; echo --mode; \
		echo --no-agent; echo --keep-env; } | sort -u) <(man_options "$(part "$c")"))"
done
for page in user/man/wormsign-*.1; do
	c=${page#user/man/wormsign-}
	has "$page is of a command" " ${c%.1} " " $(echo $commands) "
done
is 'options of the manual that no command has' '' \
	"$(comm -13 <(sort -u <<<"$all") <(man_options "$man_text"))"
if command -v mandoc >/dev/null; then
	is 'mandoc -T lint' '' "$(mandoc -T lint -W warning $manual 2>&1 |
		grep -vE 'missing date|no-title')"
fi
if command -v man >/dev/null; then
	is 'man --warnings' '' "$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
		man --warnings -E UTF-8 -l -Tutf8 -Z $manual 2>&1 >/dev/null)"
fi

# ---- completion: what each shell offers ----
PATH=$(dirname "$ws"):$PATH
in_bash() { # WORD...: the last is completed
	bash --norc -c '. user/completion/wormsign.bash
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); _wormsign
		printf "%s\n" "${COMPREPLY[@]}"' - "$@"
}
in_fish() {
	HOME=$work XDG_CONFIG_HOME=$work fish --no-config -c \
		'source user/completion/wormsign.fish; complete -C "$argv"' "$*" | cut -f 1
}
# zsh completes on a terminal only: it is given one.
in_zsh() {
	python3 tests/scripts/zsh_complete.py "$PWD/user/completion" "$*"
}
shells=bash
for shell in fish zsh; do
	if command -v $shell >/dev/null; then shells+=" $shell"; else echo "# no $shell here"; fi
done
for shell in $shells; do
	offered=$(in_$shell wormsign '' | sort -u)
	is "$shell: commands that are not offered" '' "$(comm -23 <(sort -u <<<"$commands") - \
		<<<"$offered")"
	for c in $commands; do
		offered=$(in_$shell wormsign "$c" -- | sort -u)
		is "$shell: options of $c" "$(options "$c")" \
			"$(grep -x -- '--[a-z-]*' <<<"$offered")"
	done
	has "$shell: what comes first in config" check "$(in_$shell wormsign config '')"
	has "$shell: what comes first in spool" replay "$(in_$shell wormsign spool '')"
	has "$shell: the command that is run" mandatory-for-test \
		"$(touch "$work/mandatory-for-test"; chmod +x "$work/mandatory-for-test"
		PATH=$work:$PATH in_$shell wormsign run -q -- mandatory-for)"
done
end_test
