/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * json_read.h - parse JSON from a descriptor. json_loadfd() of jansson makes a system call for each
 * byte, and json_loadf() takes a lock for each.
 */
#ifndef WORMSIGN_JSON_READ_H
#define WORMSIGN_JSON_READ_H

#include <jansson.h>

/*
 * Parse what is left to be read of fd, which stays open. The same key twice in an object is an
 * error. The caller owns the value (json_decref()). Returns NULL on an error, of reading as well:
 * *ret_why has its text and line.
 */
json_t *json_read(int fd, json_error_t *ret_why);

#endif
