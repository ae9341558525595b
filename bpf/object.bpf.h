/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * object.bpf.h - what a session knows of objects by their identity, whatever they are called: where
 * a file lay when a package first linked it, what packages created, and the files that were looked
 * up for the rules.
 */
#ifndef WORMSIGN_OBJECT_BPF_H
#define WORMSIGN_OBJECT_BPF_H

#include "lib/maps.bpf.h"

/* The walk's object is the package's own if its name is a command of the package's. Returns 0. */
int ws_find_own_name(struct ws_task *t, struct ws_scope *scope, u32 op);

/* Add to t's walk what is known of its object by identity. Returns 1 if its first name cannot be
 * remembered, else 0. */
int ws_know_object(struct ws_task *t, u32 op);

/*
 * Remember that t's package created the inode with this number and device (ws_dev_of()), unless it
 * lies where packages may write anyway (places: as ws_walk.places; guarded: as ws_object). What a
 * package made itself it may replace and remove again: many write a new file beside the old one and
 * rename it. What lies in a home or project is reported, from t->object. Returns 0.
 */
int ws_remember_created(struct ws_task *t, u32 places, u32 guarded, u64 ino, u64 dev);

#endif
