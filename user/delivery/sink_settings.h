/* SPDX-License-Identifier: GPL-2.0-only */
/* sink_settings.h - one sink of the configuration, as it was read. */
#ifndef WORMSIGN_SINK_SETTINGS_H
#define WORMSIGN_SINK_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json_form.h"

/* The content of a file that was read with root's rights, before they were given up. */
struct sink_blob {
	char *at; /* NUL-ended; NULL: not configured */
	size_t len;
};

/* splunk-hec: whether an event is done only when the indexer says so. */
enum acknowledge {
	ACKNOWLEDGE_OFF = 0,
	ACKNOWLEDGE_BEST_EFFORT, /* done, too, if it does not say so in time */
	ACKNOWLEDGE_REQUIRED,
};

/* Every event.action, NULL-ended. */
extern const char *const sink_event_kinds[];

struct sink_settings {
	char *name;   /* also of its cursor */
	char *type;   /* a kind (sink.h) */
	char *target; /* URL, path or address */
	char *index;  /* elastic: index or data stream */
	char *proxy;  /* http: URL */
	char *ca_file, *cert_file, *key_file, *authorization_file, *hmac_file;
	char *proxy_authorization_file;
	char *server_name; /* that the certificate of the receiver must have; NULL: the target's */
	int encoding;	   /* enum encoding */
	int acknowledge;   /* enum acknowledge */
	bool gzip;
	bool alerts_only;
	uint64_t kinds;		     /* a bit for each of sink_event_kinds; 0: all */
	struct json_form_list rules; /* ids, char *; none: all, and events without a rule */
	uint64_t min_severity;	     /* of event.severity; events without one count as 0 */
	uint64_t batch_events, batch_bytes, timeout_ms;
	uint64_t rotate_bytes, rotate_age_ms, rotate_files; /* file; age 0: it does not matter */

	/* of the files above */
	struct sink_blob ca, cert, key, authorization, proxy_authorization, hmac;
};

#endif
