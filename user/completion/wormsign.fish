# Completion of wormsign for fish: commands and options are those that --help prints.

function __wormsign_words
    set -l words (commandline -opc)
    set -l command $words[2]
    if test -z "$command"
        $words[1] --help 2>/dev/null | sed -n 's/^  \([a-z][a-z-]*\)  *\([^ ].*\)/\1\t\2/p'
        printf '%s\n' --help --version
        return
    end
    $words[1] $command --help 2>/dev/null |
        sed -n 's/^ *\(-[a-z], \)\{0,1\}\(--[a-z-]*\).*/\2/p' | sort -u
    $words[1] $command --help 2>/dev/null | sed -n -e "s/^Usage: wormsign $command \([a-z|]*\).*/\1/p" \
        -e 's/^  \([a-z]\{1,\}\)  *[^ ].*/\1/p' | tr '|' '\n' | sort -u
end

# Whether what is completed belongs to the command that is run.
function __wormsign_runs
    set -l words (commandline -opc)
    test "$words[2]" = run; or return 1
    for word in $words[3..-1]
        string match -q -- '--' $word; and return 0
        string match -q -- '-*' $word; or return 0
    end
    return 1
end

complete -c wormsign -f -n 'not __wormsign_runs; and test (count (commandline -opc)) -lt 2' -a '(__wormsign_words)'
complete -c wormsign -n 'not __wormsign_runs; and test (count (commandline -opc)) -ge 2' -a '(__wormsign_words)'
complete -c wormsign -n __wormsign_runs -a '(__fish_complete_subcommand --fcs-skip=2)'
