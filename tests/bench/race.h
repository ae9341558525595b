/* SPDX-License-Identifier: GPL-2.0-only */
/* race.h - what the race and its sink agree on. */
#ifndef WORMSIGN_RACE_H
#define WORMSIGN_RACE_H

#define RACE_HELLO '\n' /* no byte that a fake secret starts with */

#endif
