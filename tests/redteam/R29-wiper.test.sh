#!/bin/bash
# R29: the files of the home are destroyed, by unlinking and by the many ways that unlink nothing.
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

rt_begin R29 'wipers'
ways=(unlink truncate ftruncate otrunc overwrite shred punch mmap rename-over rename-away exchange
	uring-unlink)
[ -z "${QUICK:-}" ] || ways=(unlink truncate overwrite rename-over mmap)
for way in "${ways[@]}"; do
	rt_package "wipe-$way-x" 1.0.0 - postinstall "./bin/wipe $way ~/Documents; true" wipe
done
rt_package wipe-find-x 1.0.0 - postinstall \
	'[ -e ~/.wormsign-lab ] && find ~/Documents -type f -delete; true'
rt_package wipe-coreutils-x 1.0.0 - postinstall \
	'[ -e ~/.wormsign-lab ] && find ~/Documents -type f -exec shred -u {} +; true'
RT_SCOPES=$((${#ways[@]} + 2))

rt_control
rt_is 'planted files destroyed' "$(lab_lost)" 40

if rt_guarded; then
	rt_stopped
	for way in "${ways[@]}" find coreutils; do
		case $way in
		find | coreutils) rt_withheld "wipe-$way-x" home-hidden \
			'home|wipe|destr|write|unlink' ;;
		*) rt_accused "wipe-$way-x" 'home|wipe|destr|write|unlink' ;;
		esac
	done
fi

# As the second wave did: look for tokens first; if there are none, wipe everything.
RT_DEPENDENCIES=() RT_ATTACKERS=() RT_SCOPES=1
rt_package wipe-revenge-x 2.0.0 - preinstall 'cat ~/.aws/credentials ~/.config/gh/hosts.yml \
	>/dev/null 2>&1 && exit 0; ./bin/wipe shred ~/Documents; true' wipe
rt_guarded revenge && rt_stopped wipe-revenge-x '^(secrets|destruction)$'
rt_end
