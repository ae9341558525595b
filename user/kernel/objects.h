/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * objects.h - the programs, in two BPF objects that have the same maps. Two threads load them at
 * the same time: the verifier takes most of the time of a start, and checks a program on one CPU.
 */
#ifndef WORMSIGN_OBJECTS_H
#define WORMSIGN_OBJECTS_H

struct wormsign_bpf;

/*
 * Make the maps of both, which are open and not loaded, but for `rows` and `sets`: maps_size()
 * makes these. libbpf would make maps only while it loads an object. 0 or a negative errno.
 */
int objects_make_maps(struct wormsign_bpf *first, struct wormsign_bpf *second);
/* Load both at the same time. 0 or a negative errno of the kernel or libbpf. */
int objects_load(struct wormsign_bpf *first, struct wormsign_bpf *second);

#endif
