/* SPDX-License-Identifier: GPL-2.0-only */
/* manager_config.h - whether the configuration of a package manager holds a credential itself, or
 * only refers to variables that do. */
#ifndef WORMSIGN_MANAGER_CONFIG_H
#define WORMSIGN_MANAGER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

/*
 * text: an npmrc, a yarnrc, .yarnrc.yml, bunfig.toml, or pnpm's. A password for a proxy does not
 * count: downloads need it. True if memory runs out.
 */
bool manager_config_has_secret(const char *text, size_t len);

#endif
