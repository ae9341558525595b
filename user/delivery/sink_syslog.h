/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink_syslog.h - events as RFC 5424 messages whose text is the event's JSON.
 *
 * `syslog`: by TCP with octet counting (tcp://HOST:PORT), TLS (tls://HOST:PORT, RFC 5425) or
 * datagrams (unix:///dev/log). The protocol has no answer, so it is best effort: what the
 * receiver's kernel took and its process did not read is lost. `relp`: by RELP (relp://HOST:PORT,
 * relps://HOST:PORT under TLS), which acknowledges each message. The protocol is spoken here:
 * librelp does not say which message was acknowledged (relpCltSendSyslog returns when it was sent),
 * and it would bring a second TLS library.
 */
#ifndef WORMSIGN_SINK_SYSLOG_H
#define WORMSIGN_SINK_SYSLOG_H

#include "base/buf.h"
#include "delivery/sink.h"

extern const struct sink_kind sink_syslog, sink_relp;

/* Append the RFC 5424 message of an event. pid: of the sender. */
void syslog_message(struct buf *out, const struct sink_event *event, int pid);

/*
 * One frame of a RELP receiver at text: "TXNR rsp LEN [DATA]\n". Its length; 0: not whole yet;
 * -EBADMSG. *ret_txnr; *ret_status: 200 and so on, 0 if the frame is another command (serverclose).
 */
int relp_answer(const char *text, size_t len, unsigned *ret_txnr, int *ret_status);

#endif
