// SPDX-License-Identifier: GPL-2.0-only
/*
 * sink_http.c - posting by libcurl. Redirects are not followed, and the environment's variables
 * about proxies are not used: where events go is the configuration's to say.
 */
#include "delivery/sink_http.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/clock.h"

#define MOST_ANSWER (8 << 20)
#define MOST_PAUSE  3600 /* s that a receiver can ask for */
#define LEAST_ASK   100	 /* ms between two questions whether it has acknowledged */
#define MOST_ASK    2000

struct http {
	const struct sink_settings *s;
	const struct http_profile *profile;
	CURL *curl;
	struct curl_slist *to_proxy; /* headers for it alone */
	struct buf url, answer;
	bool answer_too_long;
	char error[CURL_ERROR_SIZE];
	char channel[37]; /* a UUID, by which the receiver counts what it acknowledges */
};

void sink_http_start(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool is_local(const char *host)
{
	static const char *const names[] = { "127.0.0.1", "localhost", "[::1]" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		size_t len = strlen(names[i]);

		if (strncmp(host, names[i], len) == 0 && strchr(":/?#", host[len]))
			return true; /* strchr() finds the NUL, too */
	}
	return false;
}

static int check_proxy(const struct sink_settings *s, struct error *e)
{
	const char *at = s->proxy;

	if (!at && s->proxy_authorization_file)
		return error_set(e, -EINVAL, "proxy_authorization_file needs proxy");
	if (!at)
		return 0;
	at += strncmp(at, "https://", 8) == 0 ? 8 : strncmp(at, "http://", 7) == 0 ? 7 : 0;
	if (at == s->proxy || !*at || at[strcspn(at, "/?#@")])
		return error_set(e, -EINVAL,
				 "proxy is http://HOST:PORT or https://HOST:PORT; a user and "
				 "password belong in proxy_authorization_file");
	return 0;
}

static int check(const struct sink_settings *s, struct error *e)
{
	bool https = strncmp(s->target, "https://", 8) == 0;
	const char *host = s->target + (https ? 8 : 7);

	if (!https && strncmp(s->target, "http://", 7) != 0)
		return error_set(e, -EINVAL, "the target of %s is a http:// or https:// URL",
				 s->type);
	if (!*host || memchr(host, '@', strcspn(host, "/?#")))
		return error_set(e, -EINVAL,
				 "the URL must name a host, and hold no user and password: those "
				 "belong in authorization_file");
	if (s->authorization_file && !https && (!is_local(host) || s->proxy))
		return error_set(e, -EINVAL, "authorization_file needs https://");
	return check_proxy(s, e);
}

/* What a data stream takes has an @timestamp. */
static int check_elastic(const struct sink_settings *s, struct error *e)
{
	if (s->encoding == ENCODING_OCSF && !s->index)
		return error_set(e, -EINVAL,
				 "events in ocsf want an index that is no data stream: name it "
				 "with \"index\"");
	return check(s, e);
}

static size_t take_answer(char *bytes, size_t size, size_t count, void *arg)
{
	struct http *h = arg;

	if (h->answer.len + size * count > MOST_ANSWER) {
		h->answer_too_long = true;
		return 0;
	}
	buf_add(&h->answer, bytes, size * count);
	return h->answer.failed ? 0 : size * count;
}

static void set_blob(CURL *curl, CURLoption option, const struct sink_blob *b)
{
	struct curl_blob blob = { .data = b->at, .len = b->len, .flags = CURL_BLOB_NOCOPY };

	if (b->at)
		curl_easy_setopt(curl, option, &blob);
}

static void configure(struct http *h)
{
	CURL *c = h->curl;

#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(c, CURLOPT_PROXY, h->s->proxy ?: "");
	curl_easy_setopt(c, CURLOPT_NOPROXY, ""); /* not the environment's, either */
	/* What is for the receiver is not told the proxy that makes the tunnel. */
	curl_easy_setopt(c, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(c, CURLOPT_PROXYHEADER, h->to_proxy);
	curl_easy_setopt(c, CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	set_blob(c, CURLOPT_PROXY_CAINFO_BLOB, &h->s->ca);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)h->s->timeout_ms);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)h->s->timeout_ms);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_answer);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "wormsign/" WORMSIGN_VERSION);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	set_blob(c, CURLOPT_CAINFO_BLOB, &h->s->ca);
	set_blob(c, CURLOPT_SSLCERT_BLOB, &h->s->cert);
	set_blob(c, CURLOPT_SSLKEY_BLOB, &h->s->key);
}

static void http_close(void *sink)
{
	struct http *h = sink;

	curl_easy_cleanup(h->curl);
	curl_slist_free_all(h->to_proxy);
	buf_free(&h->url);
	buf_free(&h->answer);
	free(h);
}

/* false: out of memory. */
static bool make_proxy_header(struct http *h)
{
	_buf_ struct buf line = BUF_INIT;

	if (!h->s->proxy_authorization.at)
		return true;
	buf_addf(&line, "Proxy-Authorization: %s", h->s->proxy_authorization.at);
	if (!line.failed)
		h->to_proxy = curl_slist_append(NULL, line.at);
	explicit_bzero(line.at, line.len);
	return h->to_proxy;
}

static void make_channel(char ret[37])
{
	unsigned char b[16] = { 0 };

	RAND_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	for (size_t i = 0; i < sizeof(b); i++)
		ret += sprintf(ret, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       b[i]);
}

static int open_profile(void **ret, const struct sink_settings *s, const struct http_profile *p,
			struct error *e)
{
	struct http *h = calloc(1, sizeof(*h));

	if (!h)
		return error_set(e, -ENOMEM, "out of memory");
	h->s = s;
	h->profile = p;
	h->url = (struct buf)BUF_INIT;
	h->answer = (struct buf)BUF_INIT;
	p->url(&h->url, s);
	make_channel(h->channel);
	h->curl = curl_easy_init();
	if (!h->curl || h->url.failed || !make_proxy_header(h)) {
		http_close(h);
		return error_set(e, -ENOMEM, "out of memory");
	}
	configure(h);
	*ret = h;
	return 0;
}

/* ---- send ---- */

/* Replace body by its gzip form. */
static bool compress_body(struct buf *body)
{
	z_stream z = { .next_in = (Bytef *)body->at, .avail_in = (uInt)body->len };
	_buf_ struct buf out = BUF_INIT;
	bool ok;

	if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) !=
	    Z_OK)
		return false;
	buf_fill(&out, 0, deflateBound(&z, body->len));
	z.next_out = (Bytef *)out.at;
	z.avail_out = (uInt)out.len;
	ok = !out.failed && deflate(&z, Z_FINISH) == Z_STREAM_END;
	buf_cut(&out, z.total_out);
	deflateEnd(&z);
	if (!ok)
		return false;
	buf_free(body);
	*body = out;
	out = (struct buf)BUF_INIT;
	return true;
}

/* event NULL: a question, see confirm(). */
static struct curl_slist *make_headers(struct http *h, const struct sink_event *event,
				       const struct buf *body)
{
	_buf_ struct buf lines = BUF_INIT;
	struct curl_slist *list = NULL;

	buf_addf(&lines, "Content-Type: %s", h->profile->content_type);
	buf_addc(&lines, '\0');
	buf_adds(&lines, "Expect:"); /* no pause of a second before the body */
	buf_addc(&lines, '\0');
	if (h->s->gzip && event) {
		buf_adds(&lines, "Content-Encoding: gzip");
		buf_addc(&lines, '\0');
	}
	if (h->s->authorization.at) {
		buf_addf(&lines, "Authorization: %s", h->s->authorization.at);
		buf_addc(&lines, '\0');
	}
	if (h->s->acknowledge) {
		buf_addf(&lines, "X-Splunk-Request-Channel: %s", h->channel);
		buf_addc(&lines, '\0');
	}
	if (h->profile->headers)
		h->profile->headers(&lines, h->s, event, body->at, body->len);
	for (size_t at = 0; at < lines.len; at += strlen(lines.at + at) + 1)
		list = curl_slist_append(list, lines.at + at);
	explicit_bzero(lines.at, lines.len);
	return list;
}

static bool is_refusal(long status)
{
	return status == 400 || status == 406 || status == 413 || status == 414 || status == 415 ||
	       status == 422 || status == 431;
}

/* Whether the answer is HTML. No receiver of these answers so, but a proxy in front of it does:
 * nginx with 400 where a client certificate is missing. */
static bool is_page(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && strchr("\r\n\t ", text[i]))
		i++;
	return i < len && text[i] == '<';
}

/* Whether the events are what is wrong. */
static bool is_for_good(const struct http_profile *p, long status, const char *text, size_t len)
{
	if (!is_refusal(status))
		return false;
	if (status == 413 || status == 414 || status == 431) /* too large, by a proxy, too */
		return true;
	return !is_page(text, len) && (!p->is_refusal || p->is_refusal(text, len));
}

static const char *status_words(long status)
{
	switch (status) {
	case 401:
	case 403:
	case 407:
		return ": the credentials are not accepted";
	case 404:
	case 405:
		return ": the URL is not that of such a receiver";
	case 413:
		return ": too large";
	case 429:
		return ": too many requests";
	}
	return status >= 300 && status < 400 ? ": a redirect, which is not followed" : "";
}

void http_judge(const struct http_profile *p, long status, uint64_t retry_after, const char *text,
		size_t len, struct sink_event *events, size_t count, struct sink_result *ret)
{
	if (status >= 200 && status < 300) {
		if (p->answer)
			p->answer(text, len, events, count, ret);
		else
			sink_all(events, count, SINK_DONE);
		return;
	}
	sink_why(ret, "HTTP status %ld%s", status, status_words(status));
	if (is_for_good(p, status, text, len) && count > 1)
		ret->split = true;
	else if (is_for_good(p, status, text, len))
		sink_all(events, count, SINK_REFUSED);
	else
		ret->wait_ms = 1000 * (retry_after > MOST_PAUSE ? MOST_PAUSE : retry_after);
}

/* Post the body; the answer is in h->answer. */
static CURLcode post(struct http *h, const char *url, const struct buf *body,
		     struct curl_slist *headers)
{
	CURLcode code;

	buf_reset(&h->answer);
	h->answer_too_long = false;
	h->error[0] = 0;
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body->len);
	curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, body->at);
	code = curl_easy_perform(h->curl);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(headers);
	return code;
}

/* Ask until the receiver has acknowledged the events, or the time is up. */
static bool is_confirmed(struct http *h, int64_t id)
{
	_buf_ struct buf url = BUF_INIT, body = BUF_INIT;
	int64_t until = clock_ms() + (int64_t)h->s->timeout_ms;
	long status = 0;

	h->profile->ask(&url, &body, h->s, id);
	if (url.failed || body.failed)
		return false;
	for (int ms = LEAST_ASK; clock_ms() < until; ms = ms < MOST_ASK ? ms * 2 : MOST_ASK) {
		if (post(h, url.at, &body, make_headers(h, NULL, &body)) == CURLE_OK &&
		    curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
		    status == 200 && h->profile->is_acknowledged(h->answer.at, h->answer.len, id))
			return true;
		poll(NULL, 0, ms);
	}
	return false;
}

/* What the receiver has is to be acknowledged. */
static void confirm(struct http *h, struct sink_event *events, size_t count,
		    struct sink_result *ret)
{
	int64_t id = h->profile->receipt(h->answer.at, h->answer.len);

	if (id >= 0 && is_confirmed(h, id))
		return;
	if (h->s->acknowledge == ACKNOWLEDGE_BEST_EFFORT)
		return;
	sink_all(events, count, SINK_KEPT);
	sink_why(ret, id < 0 ? "the receiver does not acknowledge: its token must have that enabled"
			     : "the receiver has not acknowledged in time");
}

static void http_send(void *sink, struct sink_event *events, size_t count, struct sink_result *ret)
{
	struct http *h = sink;
	_buf_ struct buf body = BUF_INIT;
	struct curl_slist *headers;
	curl_off_t retry_after = 0;
	long status = 0;
	CURLcode code;

	h->profile->body(&body, h->s, events, count);
	headers = make_headers(h, events, &body);
	if (body.failed || (h->s->gzip && !compress_body(&body))) {
		curl_slist_free_all(headers);
		sink_why(ret, "out of memory");
		return;
	}
	code = post(h, h->url.at, &body, headers);
	if (h->answer_too_long) {
		sink_why(ret, "the answer is longer than %d MiB", MOST_ANSWER >> 20);
	} else if (code != CURLE_OK) {
		/* of a certificate, the buffer says what is wrong with it */
		sink_why(ret, "%s%s%s", curl_easy_strerror(code), h->error[0] ? ": " : "",
			 h->error);
		ret->slow = code == CURLE_OPERATION_TIMEDOUT;
	} else {
		curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(h->curl, CURLINFO_RETRY_AFTER, &retry_after);
		http_judge(h->profile, status, retry_after > 0 ? (uint64_t)retry_after : 0,
			   h->answer.at, h->answer.len, events, count, ret);
		if (h->s->acknowledge && count && events[0].fate == SINK_DONE)
			confirm(h, events, count, ret);
	}
}

/* ---- the rows ---- */

#define OPEN(profile)                                                                         \
	static int open_##profile(void **ret, const struct sink_settings *s, struct error *e) \
	{                                                                                     \
		return open_profile(ret, s, &profile_##profile, e);                           \
	}
OPEN(elastic)
OPEN(splunk)
OPEN(otlp)
OPEN(loki)
OPEN(webhook)

#define URL	  "a http:// or https:// URL"
#define USES_HTTP (USES_PROXY | USES_TLS | USES_AUTHORIZATION | USES_GZIP)

const struct sink_kind sink_elastic = {
	.name = "elastic",
	.target = URL,
	.uses = USES_HTTP | USES_INDEX,
	.encodings = ENCODING_JSON,
	.check = check_elastic,
	.open = open_elastic,
	.send = http_send,
	.close = http_close,
};

const struct sink_kind sink_splunk_hec = {
	.name = "splunk-hec",
	.target = URL,
	.uses = USES_HTTP | USES_INDEX | USES_ACKNOWLEDGE,
	.encodings = ENCODING_ANY,
	.check = check,
	.open = open_splunk,
	.send = http_send,
	.close = http_close,
};

const struct sink_kind sink_otlp = {
	.name = "otlp",
	.target = URL,
	.uses = USES_HTTP,
	.encodings = ENCODING_BIT(ENCODING_ECS),
	.check = check,
	.open = open_otlp,
	.send = http_send,
	.close = http_close,
};

const struct sink_kind sink_loki = {
	.name = "loki",
	.target = URL,
	.uses = USES_HTTP,
	.encodings = ENCODING_ANY,
	.check = check,
	.open = open_loki,
	.send = http_send,
	.close = http_close,
};

const struct sink_kind sink_webhook = {
	.name = "webhook",
	.target = URL,
	.uses = USES_HTTP | USES_HMAC,
	.alerts_only = true,
	.most_events = 1,
	.encodings = ENCODING_JSON,
	.check = check,
	.open = open_webhook,
	.send = http_send,
	.close = http_close,
};
