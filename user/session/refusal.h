/* SPDX-License-Identifier: GPL-2.0-only */
/* refusal.h - the record of an open that wormsign itself has refused (file_guard.h): what the
 * kernel side would have written, so that reports and the log treat it the same. */
#ifndef WORMSIGN_REFUSAL_H
#define WORMSIGN_REFUSAL_H

#include <stdint.h>

#include "kernel/admission.h"
#include "wire.h"

/* tid: the thread, which waits for the answer; fd: the file. */
void refusal_record(struct ws_rec_verdict *ret, uint32_t rule, const struct admission_package *p,
		    uint32_t tid, int fd);

#endif
