#!/bin/bash
# Which folders of user/ link without libbpf: all that, by scripts/layers.txt, do not reach
# user/kernel. What delivers, replays or reports a session log must run where no kernel side is, as
# an ordinary user.
# vm: no (links what the build compiled)
: "${WORMSIGN:?is the program to test}"
. tests/scripts/lib.sh
export LC_ALL=C
objects=$(dirname "$WORMSIGN")/obj
read -ra libraries <<<"$(pkg-config --libs jansson zlib 2>/dev/null || echo -ljansson -lz)"

# reach FOLDER: it and what it may include, directly or not
reach() {
	awk -v todo="$1" '
		/^[^#*]/ { name = $1; sub(/:$/, "", name); $1 = ""; row[name] = $0 }
		END {
			for (n = split(todo, list); n; n = split(todo, list)) {
				todo = ""
				for (i = 1; i <= n; i++) {
					if (list[i] in seen)
						continue
					seen[list[i]]
					print list[i]
					todo = todo " " row[list[i]]
				}
			}
		}' scripts/layers.txt
}

# links FOLDER...: a program that holds all objects of these folders, but for a main of their own,
# and of libraries only libc, zlib and jansson; with user/delivery also what talks to the network,
# with user/lockfile libyaml
links() {
	local folder source list=() libraries=("${libraries[@]}")
	for folder; do
		if [ "$folder" = user/delivery ]; then
			read -ra network <<<"$(pkg-config --libs libcurl libssl libcrypto \
				libseccomp 2>/dev/null || echo -lcurl -lssl -lcrypto -lseccomp)"
			libraries+=("${network[@]}")
			# where the build found it
			! nm -u "$objects/user/delivery/sink_kafka.o" | grep -q rd_kafka ||
				libraries+=(-lrdkafka)
			! nm -u "$objects/user/delivery/sink_journal.o" | grep -q sd_journal ||
				libraries+=(-lsystemd)
		fi
		if [ "$folder" = user/lockfile ]; then
			[ -e "$objects/$folder/lock_list.o" ] || continue # a build without
			libraries+=(-lyaml -lseccomp)
		fi
		for source in "$folder"/*.c; do
			case $source in */deliver_main.c | */lockfile_main.c) continue ;; esac
			[ ! -f "$source" ] || list+=("$objects/${source%.c}.o")
		done
	done
	echo 'int main(void) { return 0; }' |
		"${CC:-gcc}" -x c - -x none "${list[@]}" "${libraries[@]}" -o "$work/program" \
		>"$work/out" 2>&1
}

for folder in user/*/; do
	folder=${folder%/}
	[ -n "$(find "$folder" -name '*.c')" ] || continue
	mapfile -t folders < <(reach "$folder")
	[[ " ${folders[*]} " != *' user/kernel '* ]] || continue
	links "${folders[@]}"
	is "$folder needs no more than: ${folders[*]:1}" '' \
		"$(grep -o 'undefined reference to .*\|No such file.*' "$work/out" | sort -u)"
	is "... and links" 0 "$([ -x "$work/program" ]; echo $?)"
	rm -f "$work/program"
done

# The check itself: what does need libbpf is found out.
mapfile -t folders < <(reach user/kernel)
links "${folders[@]}"
has 'user/kernel needs libbpf' 'undefined reference to `bpf_' "$(cat "$work/out")"
end_test
