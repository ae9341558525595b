// SPDX-License-Identifier: GPL-2.0-only
/*
 * profile_webhook.c - one POST for each alert, with the event's JSON. With hmac_file the header
 * X-Wormsign-Signature-256 is `sha256=` and the HMAC-SHA-256 of the body in hexadecimal digits.
 */
#include "delivery/http_profile.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

static void url(struct buf *out, const struct sink_settings *s)
{
	buf_adds(out, s->target);
}

static void body(struct buf *out, const struct sink_settings *s, const struct sink_event *events,
		 size_t count)
{
	(void)s;
	for (size_t i = 0; i < count; i++)
		buf_add(out, events[i].text, events[i].text_len);
}

static void headers(struct buf *out, const struct sink_settings *s, const struct sink_event *event,
		    const char *text, size_t len)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	buf_addf(out, "X-Wormsign-Event: %s", event->id);
	buf_addc(out, '\0');
	if (!s->hmac.at || !HMAC(EVP_sha256(), s->hmac.at, (int)s->hmac.len,
				 (const unsigned char *)text, len, sum, &n))
		return;
	buf_adds(out, "X-Wormsign-Signature-256: sha256=");
	for (unsigned i = 0; i < n; i++)
		buf_addf(out, "%02x", sum[i]);
	buf_addc(out, '\0');
}

const struct http_profile profile_webhook = {
	.content_type = "application/json",
	.url = url,
	.body = body,
	.headers = headers,
};
