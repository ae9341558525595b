/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * objects.h - the programs, in two BPF objects that have the same maps. Two threads load them at
 * the same time: the verifier takes most of the time of a start, and checks a program on one CPU.
 */
#ifndef WORMSIGN_OBJECTS_H
#define WORMSIGN_OBJECTS_H

struct wormsign_bpf;

/* Give `to`, which is not loaded yet, the maps that `from` has made. 0 or a negative errno. */
int objects_share_maps(struct wormsign_bpf *to, const struct wormsign_bpf *from);
/* Load both at the same time. 0 or a negative errno of the kernel or libbpf. */
int objects_load(struct wormsign_bpf *first, struct wormsign_bpf *second);

#endif
