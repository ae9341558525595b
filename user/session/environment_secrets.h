/* SPDX-License-Identifier: GPL-2.0-only */
/* environment_secrets.h - which variables of an environment are secret, so that no script of a
 * package gets their values. */
#ifndef WORMSIGN_ENVIRONMENT_SECRETS_H
#define WORMSIGN_ENVIRONMENT_SECRETS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether the value of variable, NAME=VALUE and a NUL, is a secret or holds one: by its name, by
 * its shape, or because it is a URL with a password. *ret_value is the offset of VALUE then. keep:
 * names that are not secret, whatever they hold; NULL-ended. Proxies, what describes the package
 * (npm_package_*, npm_lifecycle_*), and paths of files that exist are not secret.
 */
bool environment_secret(const char *variable, const char *const *keep, size_t *ret_value);

#endif
