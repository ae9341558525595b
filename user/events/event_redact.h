/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_redact.h - the final redaction of an event before it is written. Its strings were redacted
 * when they were made (event_part.h); this makes sure that no member that was forgotten, and no
 * text that was put together later, holds a secret of this session (known_secrets.h).
 */
#ifndef WORMSIGN_EVENT_REDACT_H
#define WORMSIGN_EVENT_REDACT_H

#include <jansson.h>
#include <stdbool.h>

/* Redact each string of the event, at any depth. Returns false if there is no memory: the event
 * must not be written then. */
bool event_redact(json_t *event);

#endif
