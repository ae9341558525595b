/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * protocol.h - the messages between `wormsign run` (the client) and the agent, over a UNIX socket
 * of type SOCK_SEQPACKET: one message a packet, integers and structs as this machine has them. Both
 * ends are of the same build: agent_start.version says which.
 *
 *   client                                  agent
 *   START  + pidfd of the command,
 *            a descriptor for each place  ->
 *   FACTS  + a memory file (facts.h)      ->
 *                                         <- STARTED + descriptor of the image of the rules
 *                                            or REFUSED
 *   KNOW, PLACE + descriptor              -> (any number, until END)
 *   GUARD  + descriptor of the log        -> (may be left out)
 *                                         <- GUARDED: what was sent before is entered
 *   (the client releases the command)
 *                                         <- RECORD, LEFTOVER, REPORT: any number
 *   HURRY: no more grace                  -> (any time after STARTED)
 *   ENDED: the command's status           ->
 *                                         <- END; the agent closes
 *
 * KNOW and PLACE are what the client has found by looking, with the user's rights, at files that
 * the environment, configuration and scripts name (session/knower.h). They are of this session
 * alone.
 *
 * The agent sees the command's end by the pidfd. If either end closes before END, the session is
 * ended: its processes are killed.
 *
 * Other clients ask one thing of an agent that runs, and wait until it closes:
 *
 *   STATUS                                ->
 *                                         <- SESSIONS: any number; PART
 *   STOP                                  ->
 *                                         <- DONE, when no process of the session lives; or
 *                                            REFUSED; or nothing: there is no such session
 *   RELOAD, of root                       ->
 *                                         <- DONE, when new sessions have the new rules; or
 *                                            REFUSED: nothing has changed
 */
#ifndef WORMSIGN_PROTOCOL_H
#define WORMSIGN_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "events/session_facts.h"
#include "session/knower.h"
#include "session/leftovers.h"
#include "wire.h"

#define AGENT_SOCKET "/run/wormsign/agent.sock"

enum agent_kind {
	AGENT_START = 1, /* struct agent_start */
	AGENT_GUARD,	 /* struct agent_head */
	AGENT_HURRY,	 /* struct agent_head */

	AGENT_STARTED,	/* struct agent_started */
	AGENT_REFUSED,	/* struct agent_refused */
	AGENT_GUARDED,	/* struct agent_head */
	AGENT_RECORD,	/* struct agent_head, then the record: a struct ws_head and what follows */
	AGENT_LEFTOVER, /* struct agent_leftover */
	AGENT_REPORT,	/* struct agent_report */
	AGENT_END,	/* struct agent_end */

	AGENT_STATUS, /* struct agent_ask */
	AGENT_STOP,   /* struct agent_ask */
	AGENT_RELOAD, /* struct agent_ask */

	AGENT_SESSIONS, /* struct agent_sessions */
	AGENT_PART,	/* struct agent_part */
	AGENT_DONE,	/* struct agent_head */

	AGENT_KNOW,  /* struct agent_know */
	AGENT_PLACE, /* struct agent_place */
	AGENT_FACTS, /* struct agent_facts */
	AGENT_ENDED, /* struct agent_ended */

	AGENT_RESIDUE, /* struct agent_residue */
	AGENT_KIND_MAX
};

struct agent_head {
	uint32_t kind; /* enum agent_kind */
	uint32_t pad;
};

struct agent_start {
	struct agent_head head;
	char version[32];	       /* WORMSIGN_VERSION of the client, NUL-terminated */
	uint32_t mode;		       /* enum ws_mode */
	uint32_t tools;		       /* 1: stop tools in every script, WS_SESSION_TOOLS */
	uint32_t grace_ms;	       /* at most AGENT_GRACE_MAX */
	uint32_t places;	       /* how many; a descriptor for each follows the command's */
	uint32_t place[WS_PLACES_MAX]; /* enum ws_place of each */
	uint32_t home_tree;	       /* 1: as in struct places */
};
#define AGENT_GRACE_MAX 600000

/* The file, directory or socket of the descriptor, as in struct knower. */
struct agent_know {
	struct agent_head head;
	uint64_t size; /* WS_ANY_SIZE, or that which the file has */
	char class[KNOWN_CLASS_MAX];
};

/* Most of these that one session may have entered, with PLACE. The rest is left out. */
#define AGENT_KNOWN_MAX 8192

struct agent_place {
	struct agent_head head;
	uint32_t place; /* enum ws_place: a project, home, cache or tools */
	uint32_t pad;
};

/* How many strings the descriptor's file holds, beside the directory. */
struct agent_facts {
	struct agent_head head;
	uint32_t words, variables;
};

/* For reports only. */
struct agent_ended {
	struct agent_head head;
	int32_t status; /* of the command, as wait(2) says it */
	uint32_t pad;
};

struct agent_started {
	struct agent_head head;
	uint64_t session;
	uint32_t backend;	/* enum ws_backend */
	uint32_t files;		/* protected by identity */
	uint32_t left_out;	/* places that found no room */
	uint32_t refused;	/* places that the configuration does not allow */
	char rules_dirs[512];	/* as messages name them, NUL-terminated */
	char not_admitted[128]; /* why scripts get the secrets of their environment, NUL-terminated;
				 * "": they do not */
	char files_open[128];	/* why they can read files with credentials; "": they cannot */
	char calls_open[128];	/* why their calls cannot be refused before they begin; "": they can
				 */
	struct op_coverage power; /* what the hooks can do to the rules' operations */
};

struct agent_refused {
	struct agent_head head;
	char text[ERROR_TEXT]; /* one line, NUL-terminated */
};

struct agent_leftover {
	struct agent_head head;
	struct session_leftover left;
};

/* What the user himself may not look for, although it is his: in spools of the system. */
struct agent_residue {
	struct agent_head head;
	uint32_t place; /* index of residue_places[] */
	uint32_t made;
	char path[RESIDUE_PATH]; /* NUL-terminated */
};

struct agent_report {
	struct agent_head head;
	struct ws_reported reported; /* by the kernel's own count */
};

struct agent_end {
	struct agent_head head;
	/* without what the client knows itself (the command's status, withheld.unavailable), and
	 * without the reports */
	struct session_end end;
	struct leftovers leftovers;
	uint32_t stopped; /* enum agent_stopped */
};

/* Who ended a session by STOP; or that its alerts could not be put on disk. */
enum agent_stopped {
	AGENT_NOT_STOPPED = 0,
	AGENT_STOPPED_BY_USER,
	AGENT_STOPPED_BY_ROOT,
	AGENT_STOPPED_UNSAVED,
	AGENT_STOPPED_MAX
};

struct agent_ask {
	struct agent_head head;
	char version[32]; /* as in agent_start */
	uint64_t session; /* STOP: which; otherwise 0 */
};

/* What the agent knows of a session, one that runs or one of the last that have ended. */
struct agent_session {
	uint64_t id;
	uint64_t began, ended; /* CLOCK_REALTIME, ns; ended is 0 while it runs */
	uint32_t uid;
	int32_t client;			  /* pid of the client, as the agent sees it */
	uint32_t mode;			  /* enum ws_mode */
	uint32_t stopped;		  /* enum agent_stopped */
	uint64_t verdicts[WS_ACTION_MAX]; /* carried out, by the kernel's own count */
	uint64_t lost;			  /* records for which its queue had no room */
	uint32_t leftovers;		  /* processes and sockets that it left, and were ended */
	uint32_t residue;		  /* what it was found to have changed for the next */
	uint32_t residue_known;		  /* 1: somebody has looked; 2: not everywhere */
	uint32_t pad;
};

/* Those that the asker may see: root all, a user his own. */
#define AGENT_SESSIONS_MAX 64
struct agent_sessions {
	struct agent_head head;
	uint32_t count, pad;
	struct agent_session at[AGENT_SESSIONS_MAX];
};

/* The server, with a kernel side of its own, that has sent these sessions. Comes after them. */
struct agent_part {
	struct agent_head head;
	uint64_t since;		    /* CLOCK_REALTIME, ns: when it was ready */
	uint64_t lost[WS_LOST_MAX]; /* of all its sessions, since then, by enum ws_lost */
	uint64_t missed;	    /* runs of hooks that the kernel skipped */
	uint32_t backend;	    /* enum ws_backend */
	uint32_t rules;		    /* how many are loaded */
	uint32_t sessions;	    /* how many it has sent */
	uint32_t parts;		    /* how many PARTs there are: one of each server */
	uint32_t draining;	    /* 1: a reload has replaced it; it ends with its sessions */
	uint32_t pad;
	char version[32];
	char rules_dirs[512];	/* as messages name them */
	char not_admitted[128]; /* as in agent_started */
};

#define AGENT_RECORD_MAX (16 * 1024) /* bytes; asserted to hold any record */
/* Room for any message. */
union agent_message {
	struct agent_head head;
	struct agent_start start;
	struct agent_know know;
	struct agent_place place;
	struct agent_facts facts;
	struct agent_ended ended;
	struct agent_started started;
	struct agent_refused refused;
	struct agent_leftover leftover;
	struct agent_report report;
	struct agent_residue residue;
	struct agent_end end;
	struct agent_ask ask;
	struct agent_sessions sessions;
	struct agent_part part;
	struct {
		struct agent_head head;
		struct ws_head record;
	} record;
	char bytes[sizeof(struct agent_head) + AGENT_RECORD_MAX];
};

#define AGENT_FDS_MAX (1 + WS_PLACES_MAX)

/*
 * Connect to the agent at path; *ret is the caller's. -EPERM: who listens there is not root.
 * -errno with e.
 */
int protocol_connect(int *ret, const char *path, struct error *e);

/*
 * Send one message: head_len bytes at `head`, then rest_len at `rest`, with `count` descriptors,
 * which stay the caller's. flags: of sendmsg(2). 0 or -errno; -EPIPE raises no signal.
 */
int protocol_send(int socket, const void *head, size_t head_len, const void *rest, size_t rest_len,
		  const int *fds, size_t count, int flags);
/* Send a refusal to a client: the reason is e, or the words for err. Does not wait. */
void protocol_refuse(int socket, const struct error *e, int err);
/*
 * Receive one. Returns its length, 0 when the other end has closed, or -errno. -EBADMSG: it is
 * longer than the union, or brought more descriptors than `room`; it is taken, and its descriptors
 * are closed. fds[0..*ret_count-1] are the caller's, close-on-exec.
 */
ssize_t protocol_receive(int socket, union agent_message *ret, int *fds, size_t room,
			 size_t *ret_count, int flags);

/*
 * Check a message by its length, its kind, the number of its descriptors, and its members' ranges;
 * after 0 all strings end within their arrays. -EBADMSG, explained in e.
 */
int protocol_check_from_client(const union agent_message *m, size_t len, size_t fds,
			       struct error *e);
int protocol_check_from_agent(const union agent_message *m, size_t len, size_t fds,
			      struct error *e);

#endif
