#!/bin/bash
# What the Debian package says of itself is what the tree does; whether it can be built and used,
# `make check-deb` tries.
# vm: no (reads files)
. tests/scripts/lib.sh
debian=scripts/debian

# Directories that the program, its unit and its logs use, below those that outlive a start.
used=$(grep -rhoE '"/(etc|var/[a-z]+)/wormsign' user --include='*.[ch]' | tr -d '"' | sort -u)
has 'control: directories are found' /var/spool/wormsign "$used"
purged=$(awk '/^purge\)/, /;;/' $debian/postrm | grep -v '^[[:blank:]]*#' |
	grep -oE '/(etc|var/[a-z]+)/wormsign' | sort -u)
is 'a purge removes all directories that the program uses, and no other' "$used" "$purged"
is '... and its unit' '' "$(comm -23 <(sed -n -e 's|^CacheDirectory=|/var/cache/|p' \
	-e 's|^StateDirectory=|/var/lib/|p' -e 's|^LogsDirectory=|/var/log/|p' \
	-e 's|^ConfigurationDirectory=|/etc/|p' \
	user/agent/wormsign-agent.service.in | sort) <(echo "$purged"))"
is 'tmpfiles: of directories that the program uses' '' "$(comm -23 \
	<(awk '/^[a-z]/ { print $2 }' scripts/tmpfiles.conf | sort) <(echo "$used"))"

user=$(sed -n 's/.*getpwnam(name ?: "\([a-z]*\)").*/\1/p' user/delivery/sandbox.c)
for what in 'postinst: adduser ' 'postrm: deluser ' 'postrm: userdel '; do
	has "the user of delivery, $what" "$user" \
		"$(grep -A 1 -- "${what#*: }" "$debian/${what%%: *}")"
done

# Libraries: by pkg-config's name here, by package there.
wanted=$(awk '/^if want build/, /^fi/' scripts/install-deps |
	grep -oE '[a-z0-9-]+-dev\b' | grep -v '^libc6-dev$' | sort -u)
has 'control: install-deps names libraries' libelf-dev "$wanted"
is 'libraries to build with are those of install-deps' "$(printf '%s\n' libbpf-dev "$wanted")" \
	"$(awk '/^[A-Z]/ { list = /^Build-Depends/ } list' $debian/control |
		grep -oE '^ [a-z0-9-]+-dev\b' | tr -d ' ' | sort -u)"
for script in preinst postinst prerm postrm; do
	is "$script goes on with debhelper's part" 1 "$(grep -c '^#DEBHELPER#$' $debian/$script)"
	is "... and ends at a fault" 'set -e' "$(sed -n 2p $debian/$script)"
done
is 'each override of lintian says why' '' "$(awk '
	/^#/ { reason = 1; next }
	NF && !reason { print }
	{ reason = 0 }' $debian/lintian-overrides)"
end_test
