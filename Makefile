# The one makefile: compiles bpf/ and user/, builds the tests, and runs them.
#
# Everything lands under .output/; sources are found by wildcard, so a new file needs no line here.
# `make help` lists the targets (made from the ## comments below).

MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := all

VERSION := 0.1.0
PREFIX  ?= /usr/local
V ?= 0

# ---- Tools -------------------------------------------------------------------------------------
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG  ?= clang
PKG_CONFIG ?= pkg-config
# Ubuntu's /usr/sbin/bpftool is a wrapper that fails when no tools for the running kernel are
# installed, so take the first one that answers.
BPFTOOL ?= $(shell for b in bpftool /usr/sbin/bpftool /usr/lib/linux-tools/*/bpftool \
	/usr/lib/linux-tools-*/bpftool; do \
	$$b version >/dev/null 2>&1 && command -v $$b && break; done)

ARCH := $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(shell uname -m)))

# ---- Flavours ----------------------------------------------------------------------------------
# B holds what no flavour changes (BPF objects, skeleton, truth binaries); O what SAN, COV and OTHER
# do.
B := .output
O := $(B)
FLAVOUR_FLAGS :=
FLAVOUR_OBJS  :=
FLAVOUR_LINK  :=
ifeq ($(SAN),1)
O := $(B)/san
FLAVOUR_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
else ifeq ($(COV),1)
O := $(B)/cov
FLAVOUR_FLAGS := --coverage -O0
FLAVOUR_OBJS := $(O)/obj/tests/coverage/exit.o
FLAVOUR_LINK := -Wl,--wrap=_exit
else ifeq ($(OTHER),1)
O := $(B)/other
override CC := $(if $(findstring clang,$(CC)),gcc,clang)
endif

# ---- Flags -------------------------------------------------------------------------------------
WERROR ?= -Werror
CFLAGS ?= -O2 -g
# What wormsign-deliver links, and nothing else: it is the program that talks to the network.
DELIVER_LIBS := libcurl libcrypto libssl libseccomp
# The kafka sink, where the machine has its library; KAFKA= builds without.
KAFKA ?= $(shell $(PKG_CONFIG) --exists rdkafka 2>/dev/null && echo 1)
ifneq ($(KAFKA),)
DELIVER_LIBS += rdkafka
CPPFLAGS_KAFKA := -DWORMSIGN_KAFKA
endif
# The journal sink, the same; JOURNAL= builds without.
JOURNAL ?= $(shell $(PKG_CONFIG) --exists libsystemd 2>/dev/null && echo 1)
ifneq ($(JOURNAL),)
DELIVER_LIBS += libsystemd
CPPFLAGS_JOURNAL := -DWORMSIGN_JOURNAL
endif
# What wormsign-lockfile links, which reads pnpm's and Yarn's lockfiles, where the machine has it;
# LOCKFILE= builds without.
LOCKFILE_LIBS := yaml-0.1 libseccomp
LOCKFILE ?= $(shell $(PKG_CONFIG) --exists yaml-0.1 2>/dev/null && echo 1)
ifneq ($(LOCKFILE),)
PC_LOCKFILE := $(shell $(PKG_CONFIG) --libs $(LOCKFILE_LIBS))
CPPFLAGS_LOCKFILE := $(shell $(PKG_CONFIG) --cflags $(LOCKFILE_LIBS)) \
	-DWORMSIGN_YAML='"$(shell $(PKG_CONFIG) --modversion yaml-0.1)"'
endif
DELIVER_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(DELIVER_LIBS) 2>/dev/null)
PC_DELIVER := $(or $(shell $(PKG_CONFIG) --libs $(DELIVER_LIBS) 2>/dev/null),-lcurl -lssl -lcrypto \
	-lseccomp)
LIBS   := libbpf libelf zlib jansson
PC_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(LIBS) 2>/dev/null)
PC_LIBS   := $(or $(shell $(PKG_CONFIG) --libs $(LIBS) 2>/dev/null),-lbpf -lelf -lz -ljansson)
CMOCKA_LIBS := $(or $(shell $(PKG_CONFIG) --libs cmocka 2>/dev/null),-lcmocka)

# _GNU_SOURCE is defined empty, so that a file which says `#define _GNU_SOURCE` itself still
# compiles.
CPPFLAGS_ALL := -I$(B) -iquote bpf -iquote user -D_GNU_SOURCE= -DWORMSIGN_VERSION='"$(VERSION)"' \
	-DWORMSIGN_RULES_DIR='"$(PREFIX)/share/wormsign/rules"' \
	-DWORMSIGN_LIBEXEC_DIR='"$(PREFIX)/libexec/wormsign"' $(PC_CFLAGS) $(DELIVER_CFLAGS) \
	$(CPPFLAGS_KAFKA) $(CPPFLAGS_JOURNAL) $(CPPFLAGS_LOCKFILE) $(CPPFLAGS)
CFLAGS_ALL := -std=gnu11 -Wall -Wextra $(WERROR) $(CFLAGS) $(FLAVOUR_FLAGS)
# A hook's signature is the kernel's, so parameters nobody reads are normal in bpf/, and so are
# functions of a shared header that one family does not call. linux/types.h needs the machine's own
# asm/ headers.
BPF_CFLAGS_ALL := -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra $(WERROR) \
	-Wno-unused-parameter -Wno-unused-function -D__TARGET_ARCH_$(ARCH) -Ivmlinux -Ibpf \
	-idirafter /usr/include/$(shell uname -m)-linux-gnu $(BPF_CFLAGS)
FUZZ_FLAGS := -O1 -g -std=gnu11 -Wall -Wextra $(WERROR) -fno-omit-frame-pointer \
	-fno-sanitize-recover=undefined
DEPFLAGS = -MMD -MP -MF $(@:.o=).d

# ---- Sources -----------------------------------------------------------------------------------
BPF_SRCS   := $(wildcard bpf/*.bpf.c)
USER_SRCS  := $(filter-out $(if $(LOCKFILE),,user/lockfile/%),$(wildcard user/*/*.c))
MAIN_SRC   := $(wildcard user/cmd/main.c)
DELIVER_SRC := $(wildcard user/delivery/deliver_main.c)
LOCKFILE_SRC := $(filter user/lockfile/lockfile_main.c,$(USER_SRCS))
LIB_SRCS   := $(filter-out $(MAIN_SRC) $(DELIVER_SRC) $(LOCKFILE_SRC),$(USER_SRCS))
BEHAVE_SRCS := $(wildcard tests/behave/*.c)
FUZZ_SRCS  := $(filter-out $(if $(LOCKFILE),,%/fuzz_lock_list.c),$(wildcard tests/fuzz/fuzz_*.c))
UNIT_SRCS  := $(filter-out $(if $(LOCKFILE),,tests/unit/lockfile/%),\
	$(wildcard tests/unit/test_*.c tests/unit/*/test_*.c))
BPFT_SRCS  := $(wildcard tests/bpf/test_*.c)
# Any other .c beside the tests of a suite is linked into each of them.
UNIT_SHARED := $(filter-out $(UNIT_SRCS),$(wildcard tests/unit/*.c))
BPFT_SHARED := $(filter-out $(BPFT_SRCS) %.bpf.c,$(wildcard tests/bpf/*.c))

BPF_OBJS := $(BPF_SRCS:bpf/%.bpf.c=$(B)/bpf/%.bpf.o)
LIB_OBJS := $(LIB_SRCS:%.c=$(O)/obj/%.o)
MAIN_OBJ := $(MAIN_SRC:%.c=$(O)/obj/%.o)
DELIVER_OBJ := $(DELIVER_SRC:%.c=$(O)/obj/%.o)
LOCKFILE_OBJ := $(LOCKFILE_SRC:%.c=$(O)/obj/%.o)
LIB      := $(O)/libwormsign.a
BPF_OBJ  := $(if $(BPF_SRCS),$(B)/wormsign.bpf.o)
SKEL     := $(if $(BPF_SRCS),$(B)/wormsign.skel.h)
PROGRAM  := $(if $(MAIN_OBJ),$(O)/wormsign) $(if $(DELIVER_OBJ),$(O)/wormsign-deliver) \
	$(if $(LOCKFILE_OBJ),$(O)/wormsign-lockfile)
UNIT_BINS := $(UNIT_SRCS:%.c=$(O)/%)
BPFT_BINS := $(BPFT_SRCS:%.c=$(O)/%)
BEHAVE_BINS := $(BEHAVE_SRCS:tests/behave/%.c=$(B)/behave/%)
FUZZ_BINS  := $(FUZZ_SRCS:tests/fuzz/%.c=$(B)/fuzz/%)
FUZZ_OBJS  := $(LIB_SRCS:%.c=$(B)/fuzz/obj/%.o)
UNIT_SHARED_OBJS := $(UNIT_SHARED:%.c=$(O)/obj/%.o)
BPFT_SHARED_OBJS := $(BPFT_SHARED:%.c=$(O)/obj/%.o)

# ---- How a command is shown --------------------------------------------------------------------
ifeq ($(V),1)
Q :=
msg = @:
else
Q := @
msg = @printf '  %-8s %s\n' '$(1)' '$(2)'
endif

# $(call stamp,FILE,TEXT): FILE holds TEXT and is touched only when TEXT differs, so that what
# depends on it is made again when flags or the list of sources change.
define stamp
$(1): FORCE
	@mkdir -p $$(@D); printf '%s\n' '$(subst ','\'',$(2))' >$$@.new; \
	if cmp -s $$@ $$@.new; then rm -f $$@.new; else mv -f $$@.new $$@; fi
endef
$(eval $(call stamp,$(O)/cc.flags,$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(LDFLAGS)))
$(eval $(call stamp,$(O)/lib.list,$(LIB_OBJS)))
$(eval $(call stamp,$(B)/bpf/flags,$(CLANG) $(BPF_CFLAGS_ALL)))
$(eval $(call stamp,$(B)/bpf/list,$(BPF_OBJS)))
$(eval $(call stamp,$(B)/fuzz/flags,$(CLANG) $(CPPFLAGS_ALL) $(FUZZ_FLAGS) $(FUZZ_OBJS)))
FORCE:

# ---- Targets -----------------------------------------------------------------------------------
.PHONY: all bpf tests behave fuzzers help clean format install uninstall FORCE

all: $(BPF_OBJ) $(SKEL) $(PROGRAM) ## Build .output/wormsign (default)

bpf: $(BPF_OBJ) $(SKEL) ## Build the BPF object and its skeleton only

tests: $(O)/tests/run/feed
tests: $(UNIT_BINS) $(BPFT_BINS) $(BEHAVE_BINS) ## Build the test programs without running them

behave: $(BEHAVE_BINS) ## Build the truth binaries (.output/behave/)

fuzzers: $(FUZZ_BINS) ## Build the fuzzers (.output/fuzz/)

# ---- BPF ---------------------------------------------------------------------------------------
$(B)/%.bpf.o: %.bpf.c $(B)/bpf/flags
	$(call msg,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS_ALL) $(DEPFLAGS) -c $< -o $@

$(B)/wormsign.bpf.o: $(BPF_OBJS) $(B)/bpf/list
	$(call msg,GENOBJ,$@)
	$(Q)$(if $(BPFTOOL),,echo 'make: no bpftool: run scripts/install-deps build' >&2; exit 1;) \
		$(BPFTOOL) gen object $@ $(BPF_OBJS)

$(B)/wormsign.skel.h: $(B)/wormsign.bpf.o
	$(call msg,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name wormsign_bpf >$@

# ---- Tables of rules/data/ -------------------------------------------------------------------
# What redaction knows, and the managers that are not known, is data, compiled in: the program
# cannot start without it.
TABLES_SRCS := scripts/secret-tables.c user/base/buf.c user/base/error.c \
	$(addprefix user/sanitize/,shape_table.c credential_table.c table_root.c)
TABLES := $(B)/token_shapes.inc $(B)/credential_options.inc $(B)/other_managers.inc \
	$(B)/ci_jobs.inc $(B)/attack.inc $(B)/residue.inc

$(B)/secret-tables: $(TABLES_SRCS) $(wildcard user/base/*.h user/sanitize/*.h) \
	user/events/ci_jobs.h bpf/wire.h
	$(call msg,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) -std=gnu11 -Wall -Wextra $(WERROR) $(CFLAGS) $(TABLES_SRCS) \
		$(or $(shell $(PKG_CONFIG) --libs jansson 2>/dev/null),-ljansson) -o $@

$(B)/token_shapes.inc: rules/data/token-shapes.json $(B)/secret-tables
	$(call msg,TABLE,$@)
	$(Q)$(B)/secret-tables shapes $< >$@

$(B)/credential_options.inc: rules/data/credential-options.json $(B)/secret-tables
	$(call msg,TABLE,$@)
	$(Q)$(B)/secret-tables options $< >$@

$(B)/other_managers.inc: rules/data/other-managers.json $(B)/secret-tables
	$(call msg,TABLE,$@)
	$(Q)$(B)/secret-tables managers $< >$@

$(B)/ci_jobs.inc: rules/data/ci-jobs.json $(B)/secret-tables
	$(call msg,TABLE,$@)
	$(Q)$(B)/secret-tables ci $< >$@

$(B)/attack.inc: rules/data/attack.json $(B)/secret-tables
	$(call msg,TABLE,$@)
	$(Q)$(B)/secret-tables attack $< >$@

$(B)/residue.inc: rules/data/residue.json $(B)/secret-tables
	$(call msg,TABLE,$@)
	$(Q)$(B)/secret-tables residue $< >$@

# ---- User space --------------------------------------------------------------------------------
$(O)/obj/%.o: %.c $(O)/cc.flags | $(SKEL) $(TABLES)
	$(call msg,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(DEPFLAGS) -c $< -o $@

$(O)/obj/tests/%.o: private CPPFLAGS_ALL += -Itests/unit -Itests

$(LIB): $(LIB_OBJS) $(O)/lib.list
	$(call msg,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $(LIB_OBJS)

LINK = $(CC) $(CFLAGS_ALL) $(LDFLAGS) $(FLAVOUR_LINK)

$(O)/wormsign: $(MAIN_OBJ) $(FLAVOUR_OBJS) $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(LINK) $(filter %.o,$^) $(LIB) $(PC_LIBS) -o $@

$(O)/wormsign-deliver: $(DELIVER_OBJ) $(FLAVOUR_OBJS) $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(LINK) $(filter %.o,$^) $(LIB) -lz -ljansson $(PC_DELIVER) -pthread -o $@

$(O)/wormsign-lockfile: $(LOCKFILE_OBJ) $(FLAVOUR_OBJS) $(LIB)
	$(call msg,LINK,$@)
	$(Q)$(LINK) $(filter %.o,$^) $(LIB) -ljansson $(PC_LOCKFILE) -o $@

# ---- Test programs -----------------------------------------------------------------------------
$(O)/tests/unit/%: $(O)/obj/tests/unit/%.o $(UNIT_SHARED_OBJS) $(FLAVOUR_OBJS) $(LIB)
	$(call msg,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) $(filter %.o,$^) $(LIB) $(PC_LIBS) $(PC_DELIVER) $(PC_LOCKFILE) \
		$(CMOCKA_LIBS) -pthread -o $@

# A session's side of delivery without a session, for tests/run/delivery.test.sh.
$(O)/tests/run/feed: $(O)/obj/tests/run/feed.o $(FLAVOUR_OBJS) $(LIB)
	$(call msg,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) $(filter %.o,$^) $(LIB) $(PC_LIBS) -pthread -o $@

$(O)/tests/bpf/test_race: | $(B)/tests/bpf/slow.bpf.o

$(O)/tests/bpf/test_%: $(O)/obj/tests/bpf/test_%.o $(BPFT_SHARED_OBJS) $(FLAVOUR_OBJS) $(LIB)
	$(call msg,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) $(filter %.o,$^) $(LIB) $(PC_LIBS) $(CMOCKA_LIBS) -pthread -o $@

# Truth binaries do one thing, in plain C, linked statically so that nothing but it is seen.
$(B)/behave/%: tests/behave/%.c
	$(call msg,BEHAVE,$@)
	$(Q)mkdir -p $(@D)
	$(Q)gcc -std=gnu11 -D_GNU_SOURCE= -O2 -g -Wall -Wextra $(WERROR) -static -pthread \
		-MMD -MP -MF $@.d $< -o $@

# Fuzzers link the library's sources compiled with the same instrumentation.
$(B)/fuzz/obj/%.o: %.c $(B)/fuzz/flags | $(SKEL) $(TABLES)
	$(call msg,FUZZCC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(CPPFLAGS_ALL) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined \
		$(DEPFLAGS) -c $< -o $@

$(B)/fuzz/libwormsign.a: $(FUZZ_OBJS) $(B)/fuzz/flags
	$(call msg,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $(FUZZ_OBJS)

$(B)/fuzz/fuzz_%: $(B)/fuzz/obj/tests/fuzz/fuzz_%.o $(B)/fuzz/libwormsign.a
	$(call msg,FUZZLD,$@)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined $^ $(PC_LIBS) \
		$(PC_DELIVER) $(PC_LOCKFILE) -o $@

# ---- Checks ------------------------------------------------------------------------------------
# Each suite appends to $(RESULTS); `check` runs all of them, whatever fails, and prints one sum.
RESULTS ?= $(B)/results.$@
RUN = WORMSIGN=$(CURDIR)/$(O)/wormsign BEHAVE=$(CURDIR)/$(B)/behave V=$(V) scripts/run-tests
# PART is set within `check`, where only the sum prints a closing line.
RUN_RESULTS = $(if $(PART),-p) -f $(RESULTS)
FUZZ_TIME ?= 10
# Shell tests at a time, of those that share nothing. They wait now and then, hence one more than
# there are processors.
LANES ?= $(shell expr $$(nproc) + 1)

REDTEAM_TESTS := $(wildcard tests/redteam/*.test.sh)
TOOL_TESTS    := $(wildcard tests/scripts/*.test.sh)
OTHER_TESTS   := $(filter-out $(REDTEAM_TESTS) $(TOOL_TESTS) $(wildcard tests/vm/*.test.sh \
	tests/bench/*.test.sh tests/benign/*.test.sh),$(wildcard tests/*/*.test.sh))
# Those that say in their heads that they must be: "# alone: reason".
ALONE_TESTS    = $(shell grep -l '^. alone: ' $(OTHER_TESTS))

DELIVERY_TESTS := $(addprefix tests/run/,$(addsuffix .test.sh,delivery encodings journal kafka \
	agent_delivery siem))

run_unit    = $(RUN) -s $(if $(filter 1,$(SAN)),san,unit) $(RUN_RESULTS) $(UNIT_BINS)
# Under a name of its own: make would run a recipe with its own variable in it even for `make -n`.
this_make  := $(MAKE)
run_san     = $(this_make) --no-print-directory SAN=1 PART=1 RESULTS=$(RESULTS) run-unit
run_layers  = $(RUN) -s layers $(RUN_RESULTS) scripts/check-layers scripts/check-mirror
run_style   = $(RUN) -s style $(RUN_RESULTS) scripts/check-format scripts/check-columns \
	scripts/check-shell
run_tools   = $(RUN) -s tools $(RUN_RESULTS) $(TOOL_TESTS)
run_vmlinux = $(RUN) -s vmlinux $(RUN_RESULTS) scripts/check-vmlinux
run_cc      = $(RUN) -s compiler $(RUN_RESULTS) scripts/check-compiler
run_bpf     = $(RUN) -s bpf -r $(RUN_RESULTS) $(BPFT_BINS)
run_fuzz    = FUZZ_TIME=$(FUZZ_TIME) $(RUN) -s fuzz -x scripts/fuzz-one $(RUN_RESULTS) $(FUZZ_BINS)
run_scripts = $(RUN) -s scripts -r -j $(LANES) $(RUN_RESULTS) \
	$(filter-out $(ALONE_TESTS),$(OTHER_TESTS))
run_alone   = $(RUN) -s alone -r $(RUN_RESULTS) $(ALONE_TESTS)
run_redteam = $(RUN) -s redteam -r -j $(LANES) $(RUN_RESULTS) $(REDTEAM_TESTS)
# The same attacks by the agent, as an ordinary user: some of them in `check`, all by the target.
REDTEAM_AGENT_QUICK := $(wildcard tests/redteam/R01-* tests/redteam/R50-*)
run_redteam_agent = LAB_BY_AGENT=1 $(RUN) -s redteam-agent -r -j $(LANES) $(RUN_RESULTS)
# This suite installs many packages, so its time limit is its own.
BENIGN_TIMEOUT ?= 14400
run_benign_quick = QUICK=1 TEST_TIMEOUT=$(BENIGN_TIMEOUT) $(RUN) -s benign -r $(RUN_RESULTS) \
	tests/benign/fresh.test.sh tests/benign/quick.test.sh
run_vm      = scripts/vmmatrix $(RUN_RESULTS)
# A suite that left no line in the results has crashed, and counts as failed.
sum         = scripts/run-tests --sum $(RESULTS) layers style tools vmlinux compiler unit san fuzz \
	scripts redteam-agent redteam bpf alone benign vm

SUITES := check-layers check-style check-tools check-unit check-san check-vmlinux check-compiler \
	check-bpf check-scripts check-redteam check-redteam-agent check-agent-many check-fuzz \
	check-vm check-vm-quick check-systemd check-releases check-deb benign benign-quick
.PHONY: check $(SUITES) bench quickstart coverage mutants deb

# A suite run alone starts from an empty results file of its own.
ALONE = @rm -f $(RESULTS);

check: PART := 1
check: BENIGN_TIMEOUT := 2400
check: all tests fuzzers ## Run every suite that fits in a few minutes; the last line is the sum
	$(Q)$(MAKE) --no-print-directory SAN=1 unit-tests
	@rm -f $(RESULTS)
# The guest emulates its processor and keeps one core busy for minutes: beside it, and when it has
# ended, runs what does not measure time. What the guest prints comes after that.
	@$(run_vm) --quick >$(RESULTS).vm 2>&1 & vm=$$!; \
	trap 'kill $$vm; exit 130' INT TERM HUP; \
	$(run_layers); \
	$(run_style); \
	$(run_tools); \
	$(run_vmlinux); \
	$(run_cc); \
	$(run_unit); \
	$(run_fuzz); \
	$(run_san); \
	$(run_benign_quick); \
	$(run_scripts); \
	$(run_redteam_agent) $(REDTEAM_AGENT_QUICK); \
	$(run_redteam); \
	wait $$vm; cat $(RESULTS).vm
	@$(run_bpf) || :
	@$(run_alone) || :
	@$(sum)

.PHONY: unit-tests run-unit
unit-tests: $(UNIT_BINS)

run-unit: $(UNIT_BINS)
	@$(run_unit)

check-layers: all ## Which folder may include and call which, and a unit test for each source
	$(ALONE) $(run_layers)

check-style: ## clang-format 14, 100 columns, shellcheck
	$(ALONE) $(run_style)

check-tools: all ## What the scripts of scripts/ and the makefile promise
	$(ALONE) $(run_tools)

check-unit: $(UNIT_BINS) ## Unit tests (no root needed)
	$(ALONE) $(run_unit)

check-san: ## Unit tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory SAN=1 check-unit

check-vmlinux: ## Compare vmlinux/vmlinux.h with the running kernel's types
	$(ALONE) $(run_vmlinux)

check-compiler: $(SKEL) ## Build with the other compiler (clang beside gcc), warnings being errors
	$(ALONE) $(run_cc)

check-bpf: all $(BPFT_BINS) $(BEHAVE_BINS) ## Load, trigger, assert on this kernel (root)
	$(ALONE) $(run_bpf)

check-scripts: PART := 1
check-scripts: $(O)/tests/run/feed
check-scripts: all $(BEHAVE_BINS) ## Every tests/*/*.test.sh that has no target of its own
	$(ALONE) $(run_scripts); $(run_alone); scripts/run-tests --sum $(RESULTS) scripts alone

check-delivery: $(O)/tests/run/feed
check-delivery: all ## Delivery of 20000 alerts a sink while everything fails (root)
	scripts/receivers --all
	ALERTS=20000 WORMSIGN=$(CURDIR)/$(O)/wormsign tests/run/delivery_proof.test.sh
	$(ALONE) $(RUN) -s delivery -r $(RUN_RESULTS) $(DELIVERY_TESTS)

check-redteam: all $(BEHAVE_BINS) ## Attacks that must fail (root)
	$(ALONE) $(run_redteam)

check-redteam-agent: all $(BEHAVE_BINS) ## The same attacks by the agent, as an ordinary user (root)
	$(ALONE) $(run_redteam_agent) $(REDTEAM_TESTS)

check-agent-many: all ## 50 sessions of an agent at once, and 2,000 in a row; killed 20 times (root)
	$(ALONE) V=1 AT_ONCE=50 IN_A_ROW=2000 POINTS=20 TEST_TIMEOUT=1800 $(RUN) -s many -r \
		$(RUN_RESULTS) tests/run/agent_many.test.sh tests/run/agent_killed.test.sh

check-fuzz: $(FUZZ_BINS) ## Each fuzzer for FUZZ_TIME seconds (10)
	$(ALONE) $(run_fuzz)

check-vm: all tests ## The kernel matrix under QEMU
	$(ALONE) $(run_vm)

check-vm-quick: all tests ## One kernel under QEMU
	$(ALONE) $(run_vm) --quick

check-systemd: all ## The units under a real systemd, the first process of a guest (QEMU)
	$(ALONE) VM_ROWS='systemd systemd-watch' $(run_vm)

check-releases: ## make quickstart in an empty root of each release (root, debootstrap)
	@scripts/check-releases $(RELEASES)

check-deb: ## The Debian package: lintian, and installed, used and purged in an empty root (root)
	@scripts/check-deb $(RELEASES)

benign: all ## Honest packages must install untouched: a table (root; an hour or two)
	@tests/benign/fresh.test.sh
	@WORMSIGN=$(CURDIR)/$(O)/wormsign timeout --foreground -k 60 $(BENIGN_TIMEOUT) \
		tests/benign/run --both $(BENIGN_ARGS)

benign-quick: all ## A few of them
	$(ALONE) $(run_benign_quick)

bench: all $(BEHAVE_BINS) ## Measure what watching costs
	@WORMSIGN=$(CURDIR)/$(O)/wormsign scripts/bench $(BENCH_ARGS)

quickstart: ## Install what is missing, build, and show a worm being stopped in a real npm install
	@scripts/install-deps build
	@scripts/install-deps test
	@$(MAKE) --no-print-directory all
	@scripts/quickstart

coverage: ## Unit tests and (as root) bpf, scripts and redteam with gcov: what they run, by file
	@$(MAKE) --no-print-directory COV=1 all tests
	@scripts/coverage --begin $(B)/cov
	@$(MAKE) --no-print-directory COV=1 run-coverage; status=$$?; \
		scripts/coverage $(B)/cov && exit $$status

.PHONY: run-coverage
run-coverage: PART := 1
run-coverage: all tests
	@rm -f $(RESULTS)
	@$(run_unit) || :
	@$(run_bpf) || :
	@$(run_scripts) || :
	@$(run_alone) || :
	@$(run_redteam) || :
	@scripts/run-tests --sum $(RESULTS) unit bpf scripts alone redteam

MUTANTS ?= 60
SEED ?= 1
mutants: all ## Change MUTANTS (60) places, one at a time; print what no unit test notices (root)
	@scripts/mutants -n $(MUTANTS) -s $(SEED) $(MUTANTS_ARGS)

deb: ## Build the Debian package (.output/deb/)
	@scripts/deb

# ---- The rest ----------------------------------------------------------------------------------
MAN_PAGES := $(wildcard user/man/*.1)

INSTALLED_BIN := $(DESTDIR)$(PREFIX)/bin/wormsign
# A directory of ours alone. It is made anew beside the old one, which then gives way: a rule that
# this version has moved or dropped must not stay.
INSTALLED_LIBEXEC := $(DESTDIR)$(PREFIX)/libexec/wormsign
INSTALLED_SHARE := $(DESTDIR)$(PREFIX)/share/wormsign
INSTALLED_MAN := $(DESTDIR)$(PREFIX)/share/man/man1
# Where this system looks for units, and zsh for completions.
UNITDIR ?= $(PREFIX)/lib/systemd/system
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
INSTALLED_UNIT := $(DESTDIR)$(UNITDIR)/wormsign-agent.service
INSTALLED_DELIVERY_UNIT := $(DESTDIR)$(UNITDIR)/wormsign-delivery.service
INSTALLED_TMPFILES := $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/wormsign.conf
# The program looks there, wherever it is itself.
INSTALLED_ETC := $(DESTDIR)/etc/wormsign
# Each where its shell looks for what packages bring.
INSTALLED_BASH := $(DESTDIR)$(PREFIX)/share/bash-completion/completions/wormsign
INSTALLED_ZSH := $(DESTDIR)$(ZSHDIR)/_wormsign
INSTALLED_FISH := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/wormsign.fish
INSTALLED_COMPLETION := $(INSTALLED_BASH) $(INSTALLED_ZSH) $(INSTALLED_FISH)
OUR_MAN_PAGES := $(INSTALLED_MAN)/wormsign.1 $(INSTALLED_MAN)/wormsign-*.1

install: all ## Install under PREFIX (/usr/local), below DESTDIR, in place of an older version
	install -D -m 755 $(O)/wormsign $(INSTALLED_BIN)
	install -D -m 755 -t $(INSTALLED_LIBEXEC) $(filter-out $(O)/wormsign,$(PROGRAM))
	rm -rf $(INSTALLED_SHARE).new $(INSTALLED_SHARE).old
	cd rules && find . -type f -name '*.json' \
		-exec install -D -m 644 {} $(INSTALLED_SHARE).new/rules/{} \;
	install -D -m 644 -t $(INSTALLED_SHARE).new user/event.schema.json user/event.fields.md \
		scripts/wormsign.json
	cd scripts && find siem -type f -exec install -D -m 644 {} $(INSTALLED_SHARE).new/{} \;
	chmod -R u=rwX,go=rX $(INSTALLED_SHARE).new
# A configuration that somebody has changed stays; the one of an older version does not.
	install -d -m 755 $(INSTALLED_ETC)/rules.d
	if [ ! -e $(INSTALLED_ETC)/wormsign.json ] || \
		cmp -s $(INSTALLED_ETC)/wormsign.json $(INSTALLED_SHARE)/wormsign.json; then \
		install -m 644 scripts/wormsign.json $(INSTALLED_ETC)/wormsign.json; fi
	if [ -d $(INSTALLED_SHARE) ]; then mv -T $(INSTALLED_SHARE) $(INSTALLED_SHARE).old; fi && \
		mv -T $(INSTALLED_SHARE).new $(INSTALLED_SHARE)
	rm -rf $(INSTALLED_SHARE).old
	rm -f $(OUR_MAN_PAGES)
	$(if $(MAN_PAGES),install -D -m 644 -t $(INSTALLED_MAN) $(MAN_PAGES))
	sed -i 's|/usr/local/share|$(PREFIX)/share|' $(INSTALLED_MAN)/wormsign.1
	install -D -m 644 user/completion/wormsign.bash $(INSTALLED_BASH)
	install -D -m 644 user/completion/_wormsign $(INSTALLED_ZSH)
	install -D -m 644 user/completion/wormsign.fish $(INSTALLED_FISH)
	install -D -m 644 user/agent/wormsign-agent.service.in $(INSTALLED_UNIT)
	sed -i 's|@BINDIR@|$(PREFIX)/bin|' $(INSTALLED_UNIT)
	install -D -m 644 user/delivery/wormsign-delivery.service.in $(INSTALLED_DELIVERY_UNIT)
	sed -i 's|@LIBEXECDIR@|$(PREFIX)/libexec/wormsign|' $(INSTALLED_DELIVERY_UNIT)
	install -D -m 644 scripts/tmpfiles.conf $(INSTALLED_TMPFILES)

uninstall: ## Remove what install put there, but no configuration that was changed
	if cmp -s $(INSTALLED_ETC)/wormsign.json $(INSTALLED_SHARE)/wormsign.json; then \
		rm $(INSTALLED_ETC)/wormsign.json; fi
	for dir in $(INSTALLED_ETC)/rules.d $(INSTALLED_ETC); do \
		if [ -d $$dir ]; then rmdir --ignore-fail-on-non-empty $$dir; fi; done
	rm -f $(INSTALLED_BIN) $(INSTALLED_UNIT) $(INSTALLED_DELIVERY_UNIT) \
		$(INSTALLED_TMPFILES) $(OUR_MAN_PAGES) $(INSTALLED_COMPLETION)
	rm -rf $(INSTALLED_LIBEXEC) $(INSTALLED_SHARE) $(INSTALLED_SHARE).new $(INSTALLED_SHARE).old

format: ## Run clang-format 14 over all C files
	@scripts/check-format --fix

clean: ## Remove .output/
	rm -rf $(B)

help: ## This list
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## /{printf "  %-16s %s\n", $$1, $$2}' Makefile
	@echo
	@echo '  V=1 shows commands; SAN=1, COV=1, OTHER=1 build into .output/san, cov and other,'
	@echo '  CC=clang, PREFIX=/usr, DESTDIR=..., TEST_TIMEOUT=seconds, FUZZ_TIME=seconds'

-include $(BPF_OBJS:.o=.d) $(LIB_OBJS:.o=.d) $(MAIN_OBJ:.o=.d) $(FUZZ_OBJS:.o=.d)
-include $(DELIVER_OBJ:.o=.d) $(O)/obj/tests/run/feed.d
-include $(UNIT_SHARED_OBJS:.o=.d) $(BPFT_SHARED_OBJS:.o=.d) $(BEHAVE_BINS:=.d)
-include $(UNIT_SRCS:%.c=$(O)/obj/%.d) $(BPFT_SRCS:%.c=$(O)/obj/%.d)
-include $(FUZZ_SRCS:%.c=$(B)/fuzz/obj/%.d)
