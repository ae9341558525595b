# shellcheck shell=bash
# Sourced, at the top of the tree: empty roots of Debian's and Ubuntu's releases, for
# check-releases and check-deb.
#
#   roots_needed                     skip (77) where none can be made
#   make_root RELEASE DIR PACKAGES   make one, with PACKAGES (commas); what went wrong: DIR.log
#   in_root DIR COMMAND              run it there, as root, in /root
#   remove_root DIR
#
# The archives are this machine's own: apt's first, for its own distribution; for the other one
# DEBIAN_ARCHIVE or UBUNTU_ARCHIVE (a URL) names it. Roots are made by debootstrap below $ROOT
# (RELEASES_ROOT, /var/cache/wormsign-releases); the kernel is this machine's. npm's configuration
# and certificates of this machine go in, for the registry that it uses.
ROOT=${RELEASES_ROOT:-/var/cache/wormsign-releases}

roots_needed() {
	[ "$(id -u)" = 0 ] || { echo "SKIP: needs root"; exit 77; }
	command -v debootstrap >/dev/null || { echo "SKIP: debootstrap is not installed"; exit 77; }
	mkdir -p "$ROOT" || exit 1
}

archive() { # debian|ubuntu
	local given=${1^^}_ARCHIVE
	if [ -n "${!given:-}" ]; then
		echo "${!given}"
	elif grep -q "^ID=$1$" /etc/os-release; then
		apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
			head -n 1
	fi
}

make_root() {
	local base script=$1 more=() dir=/usr/share/debootstrap/scripts
	remove_root "$2"
	case $1 in
	jammy | noble)
		base=$(archive ubuntu) script=jammy
		[ -f /usr/share/keyrings/ubuntu-archive-keyring.gpg ] || more=(--no-check-gpg) ;;
	*)	base=$(archive debian) ;;
	esac
	[ -n "$base" ] || {
		echo "no archive is known: set DEBIAN_ARCHIVE or UBUNTU_ARCHIVE" >"$2.log"
		return 1
	}
	debootstrap --variant=minbase "${more[@]+"${more[@]}"}" --include="$3" \
		"$1" "$2" "$base" "$dir/$script" >"$2.log" 2>&1 || return 1
	[ "$script" != jammy ] || printf 'deb %s %s main universe\n' "$base" "$1" "$base" \
		"$1-updates" >"$2/etc/apt/sources.list"
	local file
	for file in "$HOME/.npmrc" "$(npm config get globalconfig 2>/dev/null)" \
		"$(npm config get cafile 2>/dev/null)" /etc/resolv.conf \
		/etc/ssl/certs/ca-certificates.crt; do
		[ ! -f "$file" ] || { mkdir -p "$2$(dirname "$file")" && cp -L "$file" "$2$file"; }
	done
}

# A mount namespace of its own: what is mounted in the root goes with it.
in_root() {
	unshare --mount bash -c '
		mount -t proc proc "$0/proc" && mount --rbind /sys "$0/sys" &&
		mount --rbind /dev "$0/dev" &&
		exec chroot "$0" env -i HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
			PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
			${2:+NODE_EXTRA_CA_CERTS="$2"} \
			bash -c "cd /root && $1"' \
		"$1" "$2" "${NODE_EXTRA_CA_CERTS:+/etc/ssl/certs/ca-certificates.crt}"
}

remove_root() { rm -rf --one-file-system "$1"; }
