# shellcheck shell=bash
# Sourced by tests that need other managers than the machine's npm: the real programs, from the
# machine's own registry, kept beside the lab's.
#
#   managers_fetch NAME...   download those that are not there (outside of the lab's network)
#   managers_have NAME       whether it is there; npm is the machine's
#   $MANAGERS/NAME/node_modules/.bin   where its program is
MANAGERS=${XDG_CACHE_HOME:-$HOME/.cache}/wormsign/managers
export MANAGERS
declare -A MANAGER_SPEC=([npm10]=npm@10 [pnpm10]=pnpm@10 [yarn1]=yarn@1
	[yarn4]=@yarnpkg/cli-dist@4 [bun]=bun@1)

managers_fetch() {
	local name dir
	for name in "$@"; do
		dir=$MANAGERS/$name
		[ ! -e "$dir/ready" ] || continue
		rm -rf "$dir" && mkdir -p "$dir" &&
			(cd "$dir" && npm init -y &&
				npm install --no-audit --no-fund "${MANAGER_SPEC[$name]}") \
			>/dev/null 2>&1 &&
			touch "$dir/ready" || echo "# no $name: the registry does not answer"
	done
	chmod -R go+rX "$MANAGERS"
	chmod go+x "$HOME" 2>/dev/null # gives access to a cache below it, not to the files
}

managers_have() { [ "$1" = npm ] || [ -e "$MANAGERS/$1/ready" ]; }
