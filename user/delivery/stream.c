// SPDX-License-Identifier: GPL-2.0-only
/* stream.c - see stream.h. Sockets are non-blocking, and waited for by poll(). */
#include "delivery/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

struct stream {
	int fd;
	SSL_CTX *ctx; /* NULL: plain */
	SSL *ssl;
	int timeout_ms;
};

int stream_parse(struct stream_address *ret, const char *text, const char *port_default,
		 struct error *e)
{
	const char *host = text, *end, *port;

	if (*text == '[') {
		host = text + 1;
		end = strchr(host, ']');
		port = end && end[1] == ':' ? end + 2 : NULL;
	} else {
		end = strchrnul(text, ':');
		port = *end ? end + 1 : NULL;
	}
	if (!port)
		port = port_default;
	if (!end || end == host || !port || !*port || strspn(port, "0123456789") != strlen(port) ||
	    atoi(port) < 1 || atoi(port) > 65535 || strlen(port) > 5 ||
	    (size_t)(end - host) >= sizeof(ret->host) || memchr(host, '@', end - host) ||
	    memchr(host, '/', end - host))
		return error_set(e, -EINVAL, "'%s' is no HOST:PORT", text);
	snprintf(ret->host, sizeof(ret->host), "%.*s", (int)(end - host), host);
	snprintf(ret->port, sizeof(ret->port), "%s", port);
	return 0;
}

/* 0: ready; -ETIMEDOUT. */
static int wait_for(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = until - clock_ms();
	int n = poll(&p, 1, left > 0 ? (int)left : 0);

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	return n ? 0 : -ETIMEDOUT;
}

static int connect_one(const struct addrinfo *ai, int64_t until)
{
	_close_ int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t len = sizeof(int);
	int err = 0, on = 1;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (connect(fd, ai->ai_addr, ai->ai_addrlen) < 0 && errno != EINPROGRESS)
		return -errno;
	err = wait_for(fd, POLLOUT, until);
	if (err < 0)
		return err;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len) < 0)
		return -errno;
	return err ? -err : TAKE_FD(fd);
}

static int connect_any(const struct stream_address *a, int64_t until, struct error *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list;
	int err = getaddrinfo(a->host, a->port, &hints, &list), fd = -EHOSTUNREACH;

	if (err)
		return error_set(e, -EHOSTUNREACH, "the name %s cannot be resolved: %s", a->host,
				 gai_strerror(err));
	for (const struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next)
		fd = connect_one(ai, until);
	freeaddrinfo(list);
	if (fd < 0)
		return error_set(e, fd, "%s port %s: %s", a->host, a->port, strerror(-fd));
	return fd;
}

/* ---- TLS ---- */

static const char *tls_reason(void)
{
	unsigned long n = ERR_peek_last_error();
	const char *text = n ? ERR_reason_error_string(n) : NULL;

	ERR_clear_error();
	return text ?: "the connection was closed";
}

/* Certificates of a PEM file: into the store of trusted ones. */
static bool add_trusted(SSL_CTX *ctx, const struct sink_blob *ca)
{
	BIO *bio = BIO_new_mem_buf(ca->at, (int)ca->len);
	X509 *x;
	int n = 0;

	while (bio && (x = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
		n += X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), x);
		X509_free(x);
	}
	ERR_clear_error();
	BIO_free(bio);
	return n > 0;
}

static bool use_certificate(SSL_CTX *ctx, const struct sink_settings *s)
{
	BIO *cert = BIO_new_mem_buf(s->cert.at, (int)s->cert.len);
	BIO *key = BIO_new_mem_buf(s->key.at, (int)s->key.len);
	X509 *x = cert ? PEM_read_bio_X509(cert, NULL, NULL, NULL) : NULL, *chain;
	EVP_PKEY *k = key ? PEM_read_bio_PrivateKey(key, NULL, NULL, (void *)"") : NULL;
	bool ok = x && k && SSL_CTX_use_certificate(ctx, x) == 1 &&
		  SSL_CTX_use_PrivateKey(ctx, k) == 1 && SSL_CTX_check_private_key(ctx) == 1;

	while (ok && (chain = PEM_read_bio_X509(cert, NULL, NULL, NULL)))
		if (SSL_CTX_add0_chain_cert(ctx, chain) != 1)
			X509_free(chain);
	X509_free(x);
	EVP_PKEY_free(k);
	BIO_free(cert);
	BIO_free(key);
	return ok;
}

static int make_context(struct stream *s, const struct sink_settings *set, struct error *e)
{
	s->ctx = SSL_CTX_new(TLS_client_method());
	if (!s->ctx || SSL_CTX_set_min_proto_version(s->ctx, TLS1_2_VERSION) != 1)
		return error_set(e, -ENOMEM, "TLS: %s", tls_reason());
	SSL_CTX_set_verify(s->ctx, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_mode(s->ctx,
			 SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	if (set->ca.at ? !add_trusted(s->ctx, &set->ca)
		       : SSL_CTX_set_default_verify_paths(s->ctx) != 1)
		return error_set(e, -EINVAL, "ca_file holds no certificate");
	if (set->cert.at && !use_certificate(s->ctx, set))
		return error_set(e, -EINVAL,
				 "cert_file and key_file are no certificate and its key: %s",
				 tls_reason());
	return 0;
}

/* Wait for what the last call of OpenSSL, with result n, wants. 0: call again. */
static int tls_wait(struct stream *s, int n, int64_t until, struct error *e)
{
	long verified;
	int err;

	switch (SSL_get_error(s->ssl, n)) {
	case SSL_ERROR_WANT_READ:
		err = wait_for(s->fd, POLLIN, until);
		break;
	case SSL_ERROR_WANT_WRITE:
		err = wait_for(s->fd, POLLOUT, until);
		break;
	case SSL_ERROR_ZERO_RETURN:
		return error_set(e, -EPIPE, "the receiver has closed the connection");
	default:
		verified = SSL_get_verify_result(s->ssl);
		if (verified != X509_V_OK)
			return error_set(e, -EKEYREJECTED, "the receiver's certificate: %s",
					 X509_verify_cert_error_string(verified));
		return error_set(e, -EPROTO, "TLS: %s", tls_reason());
	}
	return err ? error_set(e, err, "%s", strerror(-err)) : 0;
}

static int start_tls(struct stream *s, const struct stream_address *a,
		     const struct sink_settings *set, int64_t until, struct error *e)
{
	const char *name = set->server_name ?: a->host;
	int n, err = make_context(s, set, e);
	X509_VERIFY_PARAM *param;

	if (err < 0)
		return err;
	s->ssl = SSL_new(s->ctx);
	if (!s->ssl || SSL_set_fd(s->ssl, s->fd) != 1)
		return error_set(e, -ENOMEM, "TLS: %s", tls_reason());
	param = SSL_get0_param(s->ssl);
	if (X509_VERIFY_PARAM_set1_ip_asc(param, name) != 1) {
		SSL_set_tlsext_host_name(s->ssl, name);
		if (X509_VERIFY_PARAM_set1_host(param, name, 0) != 1)
			return error_set(e, -EINVAL, "TLS: %s is no name", name);
	}
	ERR_clear_error();
	while (err == 0 && (n = SSL_connect(s->ssl)) != 1)
		err = tls_wait(s, n, until, e);
	return err;
}

int stream_open(struct stream **ret, const struct stream_address *a,
		const struct sink_settings *set, struct error *e)
{
	struct stream *s = calloc(1, sizeof(*s));
	int64_t until = clock_ms() + (int64_t)set->timeout_ms;
	int err;

	if (!s)
		return error_set(e, -ENOMEM, "out of memory");
	s->timeout_ms = (int)set->timeout_ms;
	s->fd = connect_any(a, until, e);
	err = s->fd < 0 ? s->fd : 0;
	if (err == 0 && a->tls)
		err = start_tls(s, a, set, until, e);
	if (err < 0) {
		stream_close(s);
		return err;
	}
	*ret = s;
	return 0;
}

void stream_close(struct stream *s)
{
	if (!s)
		return;
	if (s->ssl && SSL_is_init_finished(s->ssl))
		SSL_shutdown(s->ssl);
	SSL_free(s->ssl);
	SSL_CTX_free(s->ctx);
	ERR_clear_error();
	if (s->fd >= 0)
		close(s->fd);
	free(s);
}

int stream_write(struct stream *s, const void *bytes, size_t len, struct error *e)
{
	int64_t until = clock_ms() + s->timeout_ms;
	const char *p = bytes;
	int err = 0;

	while (len && err == 0) {
		ssize_t n = s->ssl ? SSL_write(s->ssl, p, len > 16384 ? 16384 : (int)len)
				   : send(s->fd, p, len, MSG_NOSIGNAL);

		if (n > 0) {
			p += n;
			len -= n;
		} else if (s->ssl) {
			err = tls_wait(s, (int)n, until, e);
		} else if (errno == EAGAIN) {
			err = wait_for(s->fd, POLLOUT, until);
		} else if (errno != EINTR) {
			err = -errno;
		}
	}
	return err ? error_set(e, err, "%s", strerror(-err)) : 0;
}

ssize_t stream_read(struct stream *s, void *bytes, size_t room, int ms, struct error *e)
{
	int64_t until = clock_ms() + ms;
	int err = 0;

	while (err == 0) {
		ssize_t n = s->ssl ? SSL_read(s->ssl, bytes, (int)room)
				   : recv(s->fd, bytes, room, 0);

		if (n > 0)
			return n;
		if (s->ssl && SSL_get_error(s->ssl, (int)n) == SSL_ERROR_ZERO_RETURN)
			return 0;
		if (!s->ssl && n == 0)
			return 0;
		if (s->ssl)
			err = tls_wait(s, (int)n, until, e);
		else if (errno == EAGAIN)
			err = wait_for(s->fd, POLLIN, until);
		else if (errno != EINTR)
			err = -errno;
	}
	return error_set(e, err, "%s", strerror(-err));
}

int stream_drain(struct stream *s, struct error *e)
{
	int64_t until = clock_ms() + s->timeout_ms;
	int left = 1;

	while (ioctl(s->fd, SIOCOUTQ, &left) == 0 && left > 0) {
		struct pollfd p = { .fd = s->fd, .events = POLLRDHUP };

		if (clock_ms() > until)
			return error_set(e, -ETIMEDOUT, "%s", strerror(ETIMEDOUT));
		if (poll(&p, 1, 2) > 0)
			return error_set(e, -EPIPE, "the receiver has closed the connection");
	}
	return 0;
}
