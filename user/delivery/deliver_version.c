// SPDX-License-Identifier: GPL-2.0-only
/* deliver_version.c - `wormsign --version --json`: what this build can do, and by which libraries.
 */
#include <curl/curl.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#ifdef WORMSIGN_KAFKA
#include <librdkafka/rdkafka.h>
#endif

#include "base/cleanup.h"
#include "base/exit_status.h"
#include "delivery/deliver.h"
#include "delivery/sink_table.h"

static json_t *sinks(void)
{
	json_t *list = json_object();
	const struct sink_kind *kind;

	for (size_t i = 0; (kind = sink_kind_at(i)); i++)
		json_object_set_new(list, kind->name,
				    json_pack("{s:b,s:b,s:s*}", "built", kind->open != NULL,
					      "acknowledged", !kind->best_effort, "needs",
					      kind->open ? NULL : kind->package));
	return list;
}

static json_t *libraries(char **given)
{
	const struct scmp_version *seccomp = seccomp_version();
	json_t *list = json_object();

	for (; *given; given++) {
		char *equals = strchr(*given, '=');

		if (!equals)
			continue;
		*equals = 0;
		json_object_set_new(list, *given, json_string(equals + 1));
	}
	json_object_set_new(list, "curl", json_string(curl_version_info(CURLVERSION_NOW)->version));
	json_object_set_new(list, "openssl", json_string(OpenSSL_version(OPENSSL_VERSION_STRING)));
	json_object_set_new(list, "zlib", json_string(zlibVersion()));
	json_object_set_new(list, "jansson", json_string(jansson_version_str()));
	if (seccomp)
		json_object_set_new(
			list, "seccomp",
			json_sprintf("%u.%u.%u", seccomp->major, seccomp->minor, seccomp->micro));
#ifdef WORMSIGN_KAFKA
	json_object_set_new(list, "rdkafka", json_string(rd_kafka_version_str()));
#endif
	return list;
}

int deliver_version(int argc, char **argv)
{
	_json_ json_t *v = json_pack("{s:s,s:o,s:o}", "version", WORMSIGN_VERSION, "sinks", sinks(),
				     "libraries", libraries(argv + (argc > 0)));
	_free_ char *text = v ? json_dumps(v, JSON_INDENT(2)) : NULL;

	return text && puts(text) >= 0 && fflush(stdout) == 0 ? 0 : STATUS_TROUBLE;
}
