/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * deliver.h - the ways to start wormsign-deliver, which is a program of its own: so that
 * neither libcurl nor OpenSSL is ever in the process that watches as root.
 */
#ifndef WORMSIGN_DELIVER_H
#define WORMSIGN_DELIVER_H

#include <stddef.h>
#include <stdint.h>

#include "delivery/delivery_config.h"

#define DELIVER_MOST_SINKS 32

struct deliver_options {
	const char *config, *spool, *listen;
	char *sinks[DELIVER_MOST_SINKS];
	size_t sink_count;
	uint64_t flush_ms; /* 0: not given */
	uint64_t since;	   /* ns since 1970; 0: not given */
	int socket;	   /* feed */
	char **rest;	   /* what is no option, NULL-ended */
};

/* -1: go on; else the exit status. Errors and help are printed. */
int deliver_options_parse(struct deliver_options *ret, int argc, char **argv);

/* Read and choose what the options name: sinks by name want the configuration file. */
void deliver_configure(struct delivery_config *c, const struct deliver_options *d,
		       struct json_form_errors *errors);

/* All return the exit status. `feed`: beside a session, started by it. */
int deliver_feed(int argc, char **argv);
/* `serve`: for the sessions of the agent, started by the service manager; ends at SIGTERM. */
int deliver_serve(int argc, char **argv);
/* `version`: this build, as JSON; NAME=VERSION: more libraries. */
int deliver_version(int argc, char **argv);
/* `spool`: status, verify, replay, export, forget. */
int deliver_spool(int argc, char **argv);

#endif
