# shellcheck shell=bash
# Completion of wormsign for bash: commands and options are those that --help prints.

_wormsign_words() { # [COMMAND]: the commands, or the options of one, as --help has them
	if [ $# = 0 ]; then
		"$_wormsign" --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\)  *[^ ].*/\1/p'
		echo --help
		echo --version
		return
	fi
	"$_wormsign" "$1" --help 2>/dev/null |
		sed -n 's/^ *\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u
	# what it wants first: "Usage: wormsign config check|show", or a list
	"$_wormsign" "$1" --help 2>/dev/null | sed -n -e \
		"s/^Usage: wormsign $1 \([a-z|]*\).*/\1/p" -e 's/^  \([a-z]\{1,\}\)  *[^ ].*/\1/p' |
		tr '|' '\n' | sort -u
}

_wormsign() {
	local _wormsign=${COMP_WORDS[0]} now=${COMP_WORDS[COMP_CWORD]} i word command=

	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		--) [ "$command" != run ] || break ;;
		-* | =) continue ;;
		*)	if [ -z "$command" ]; then
				command=$word
			elif [ "$command" = run ] && [ "${COMP_WORDS[i - 1]}" != = ]; then
				i=$((i - 1))
				break
			fi ;;
		esac
	done
	if [ -z "$command" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_wormsign_words)" -- "$now")
	elif [ "$command" = run ] && [ "$i" -lt "$COMP_CWORD" ]; then
		# the command that is run has a completion of its own
		if declare -F _command_offset >/dev/null; then
			_command_offset $((i + 1))
		elif [ $((i + 1)) = "$COMP_CWORD" ]; then
			mapfile -t COMPREPLY < <(compgen -c -- "$now")
		else
			mapfile -t COMPREPLY < <(compgen -f -- "$now")
		fi
	else
		mapfile -t COMPREPLY < <(compgen -W "$(_wormsign_words "$command")" -- "$now")
		[ ${#COMPREPLY[@]} -gt 0 ] ||
			mapfile -t COMPREPLY < <(compgen -f -- "${now#=}")
	fi
}
complete -o default -F _wormsign wormsign
