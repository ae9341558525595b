/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * delivery_config.h - the configuration of delivery: a JSON file (/etc/wormsign/delivery.json), or
 * sinks on the command line.
 */
#ifndef WORMSIGN_DELIVERY_CONFIG_H
#define WORMSIGN_DELIVERY_CONFIG_H

#include "base/error.h"
#include "base/json_form.h"
#include "delivery/sink_settings.h"
#include "delivery/spool.h"

#define DELIVERY_CONFIG "/etc/wormsign/delivery.json"

/* What becomes of a session whose alerts cannot be put on disk: they are kept in its memory. */
enum unsaved {
	UNSAVED_DEFAULT = 0, /* of the agent's: it is ended; of a lone `run`: they are counted */
	UNSAVED_STOP,
	UNSAVED_COUNT,
};
#define UNSAVED_AFTER_MS 30000 /* unless it is configured */

struct delivery_config {
	char *spool; /* directory */
	char *user;  /* that delivery runs as; NULL: `wormsign` if there is one, else `nobody` */
	struct spool_limits limits;
	uint64_t event_age_ms;
	uint64_t heartbeat_ms; /* between two; 0: none */
	bool inventory;
	int unsaved;		     /* enum unsaved */
	uint64_t unsaved_after_ms;   /* ... and after how long; 0: UNSAVED_AFTER_MS */
	struct json_form_list rules; /* char *: directories of rules, beside the usual ones */
	struct json_form_list sinks; /* of struct sink_settings */
};

/*
 * Read file. Errors are many: they are appended to errors->text, a line each, and counted. What was
 * read is the caller's in any case. owner_only: the file must belong to root and be writable for
 * nobody else, because its credentials are read with root's rights.
 */
void delivery_config_read(struct delivery_config *ret, const char *file, bool owner_only,
			  struct json_form_errors *errors);
/* Defaults, without sinks. */
void delivery_config_init(struct delivery_config *c);
/* Keep the sinks that are named, and add those of the form TYPE=TARGET. */
void delivery_config_choose(struct delivery_config *c, char *const *sinks, size_t count,
			    struct json_form_errors *errors);
/* Read the files that the sinks name: credentials must be readable for their owner alone. */
void delivery_config_load(struct delivery_config *c, struct json_form_errors *errors);
void delivery_config_free(struct delivery_config *c);

static inline struct sink_settings *delivery_config_sink(const struct delivery_config *c, size_t i)
{
	return (struct sink_settings *)c->sinks.at + i;
}

#endif
