# failover_route: build, test, check. `make help` lists the targets.
# Variables: KSRC=, KAMAILIO=, KAMAILIO_MODULES= (another Kamailio),
# SAN=1 (with sanitizers, into build/san), TSAN=1 (with the one of threads),
# T=name (only these unit tests),
# DESTDIR=, prefix= (install), V=1 (show the commands).

SHELL := /bin/bash
.SHELLFLAGS := -e -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

ifeq ($(origin CC),default)
CC := gcc
endif
export CC
DESTDIR ?=
prefix ?= /usr/local
# kamcli loads commands from its own folder only; empty without kamcli.
KAMCLI_DIR ?= $(wildcard /usr/lib/python3/dist-packages/kamcli/commands)
# Debian's own zsh looks into another one where prefix is /usr.
ZSH_DIR ?= $(prefix)/share/zsh/site-functions
Q := $(if $(V),,@)
comma := ,

B := build
MOD := modules/failover_route
ENGINE := $(MOD)/engine
OUT := $(if $(TSAN),$(B)/tsan,$(if $(SAN),$(B)/san,$(B)))
O := $(OUT)/obj

# --- what is known only after set-up -----------------------------------------

# Each of these does without, or calls make again after the set-up.
NO_SETUP := help clean distclean deps test test-matrix test-deb in-tree format sim uninstall
# One run of apt, not two, where the test packages are needed as well.
FOR_TEST := unit coverage test-cli fuzz fuzz-bins flat scenario torture test-db check rules lint bench bench-outage
ifneq ($(filter-out $(NO_SETUP),$(or $(MAKECMDGOALS),all)),)
include $(B)/kamailio.mk
endif

# Rewritten only when the installed Kamailio is another one.
$(B)/kamailio.mk: FORCE
	@utils/setup.sh $(if $(filter $(FOR_TEST),$(MAKECMDGOALS)),test,$(if $(filter deb rebuild-for-installed,$(MAKECMDGOALS)),deb,build))
	@utils/kamailio-mk.sh $@

# --- flags ---------------------------------------------------------------------

OPT ?= -O2 -g
WARN := -Wall -Wextra
SAN_FLAGS := -fno-omit-frame-pointer $(if $(TSAN),-fsanitize=thread,$(if \
	$(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined))
COMMON := $(OPT) -fPIC -fno-strict-aliasing -pthread -MMD -MP $(CFLAGS) \
	$(if $(TSAN)$(SAN),$(SAN_FLAGS))
ENGINE_WARN := $(WARN) -Wshadow -Wstrict-prototypes -Wmissing-prototypes
# No -I: an include of Kamailio or libxml2 from the engine cannot compile.
ENGINE_FLAGS := -std=c11 $(ENGINE_WARN) $(COMMON)
MODULE_DEFS = $(KAM_INCLUDES) $(KAM_DEFS) -DMOD_NAME='"failover_route"' \
	-DMOD_NAMEID=failover_route
# Callbacks have the parameters that Kamailio says.
HOST_WARN := $(WARN) -Wno-unused-parameter
HOST_FLAGS = -std=gnu11 $(HOST_WARN) $(COMMON) -I$(MOD) -I$(ENGINE) $(XML_CFLAGS)
# All of it is compiled as one when it is linked: less to do for a call. LTO= goes without.
LTO ?= $(if $(TSAN)$(SAN)$(findstring clang,$(CC)),,-flto=2)
LINK = $(CC) $(LTO) $(CFLAGS) $(LDFLAGS) -pthread $(if $(TSAN)$(SAN),$(SAN_FLAGS))

# --- sources ---------------------------------------------------------------------

ENGINE_SRCS := $(wildcard $(ENGINE)/*.c)
HOST_SRCS := $(wildcard $(MOD)/*.c)
CLI_SRCS := $(wildcard utils/failover-route.c utils/frt_cli_*.c)
PAGE := $(wildcard $(MOD)/page/page.html $(MOD)/page/page.css $(MOD)/page/page.js)
# `// needs: FILE...` in a program's first lines names module sources for it.
needs = $(shell sed -sn '1,20s,^// needs:,,p' $(1))
CLI_NEEDS := $(call needs,$(CLI_SRCS) /dev/null)
CLI_LIBS = $(shell pkg-config --libs ncursesw jansson sqlite3) -lresolv

ENGINE_OBJS := $(ENGINE_SRCS:$(ENGINE)/%.c=$(O)/engine/%.o)
HOST_OBJS := $(HOST_SRCS:$(MOD)/%.c=$(O)/host/%.o)
PAGE_OBJ := $(O)/frt_page_html.o
CLI_OBJS := $(patsubst %.c,$(O)/cli/%.o,$(notdir $(CLI_SRCS) $(CLI_NEEDS)))

MODULE := $(OUT)/failover_route.so
CLI := $(OUT)/failover-route

.PHONY: all cli deps test test-db test-matrix unit tsan sim flat scenario torture run lint check rules format install uninstall clean
.PHONY: deb in-tree test-deb rebuild-for-installed
.PHONY: distclean test-cli bench bench-outage help FORCE
FORCE:

all: $(MODULE) $(CLI) ## build the module and the command-line tool (default)

cli: $(CLI)

# --- the module --------------------------------------------------------------------

# Objects for another compiler's linker are none for this one's, nor those of a release
# before: all are made anew.
COMPILER := $(shell $(CC) --version 2>/dev/null | head -n 1 | tr -d "'") $(LTO)
$(O)/compiler: $(if $(subst x$(COMPILER),,x$(file <$(O)/compiler)),FORCE)
	@mkdir -p $(@D)
	@echo '$(COMPILER)' >$@

$(ENGINE_OBJS): $(O)/engine/%.o: $(ENGINE)/%.c Makefile $(O)/compiler
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(ENGINE_FLAGS) $(LTO) -c -o $@ $<

$(HOST_OBJS): $(O)/host/%.o: $(MOD)/%.c Makefile $(B)/kamailio.mk $(O)/compiler
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(HOST_FLAGS) $(LTO) $(MODULE_DEFS) -c -o $@ $<

$(B)/frt_page_html.c: $(PAGE) utils/embed-page.sh
	@mkdir -p $(@D)
	@utils/embed-page.sh $(MOD)/page >$@

$(PAGE_OBJ): $(O)/%.o: $(B)/%.c Makefile $(O)/compiler
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(WARN) $(COMMON) $(LTO) -I$(MOD) -c -o $@ $<

# Only what Kamailio looks up is visible, so no name of ours can meet another
# module's; -Bsymbolic, because every module has an `exports`, and one loaded
# with RTLD_GLOBAL (app_lua) would else get what we write to ours.
$(B)/exports.map: Makefile
	@mkdir -p $(@D)
	@echo '{ global: exports; module_version; module_flags;' \
		'module_interface_ver; mod_register; local: *; };' >$@

# The finished file appears only after Kamailio has loaded it.
$(MODULE): $(ENGINE_OBJS) $(HOST_OBJS) $(PAGE_OBJ) $(B)/exports.map \
		utils/load-check.sh
	@echo "  LINK  $@"
	@mkdir -p $(O)/link
	$(Q)$(LINK) -shared -Wl,-z,now -Wl,-z,relro -Wl,-Bsymbolic \
		-Wl,--version-script=$(B)/exports.map -o $(O)/link/$(@F) \
		$(filter %.o,$^) $(XML_LIBS) $(KAM_DB_LIBS) -lz -lm
	$(Q)KAMAILIO=$(KAM_BIN) utils/load-check.sh $(O)/link/$(@F)
	$(Q)mv $(O)/link/$(@F) $@

# --- the command-line tool -----------------------------------------------------------

CLI_DEFS = -DFRT_CLI_KAMAILIO='"$(KAM_VERSION)"'
vpath %.c utils utils/sim $(MOD)
$(CLI_OBJS): $(O)/cli/%.o: %.c Makefile $(B)/kamailio.mk $(O)/compiler
	@mkdir -p $(@D)
	@echo "  CC    $<"
	$(Q)$(CC) $(HOST_FLAGS) $(LTO) $(CLI_DEFS) -c -o $@ $<

$(OUT)/failover-route: $(CLI_OBJS) $(ENGINE_OBJS)
	@echo "  LINK  $@"
	$(Q)$(LINK) -Wl,--as-needed -Wl,-z,now -Wl,-z,relro -o $@ $^ $(XML_LIBS) $(CLI_LIBS) -lm

# --- unit tests: one cmocka program per file, always with sanitizers -----------------

UNIT_SAN ?= $(if $(TSAN),thread,address$(comma)undefined)
U := $(B)/unit/$(subst $(comma),-,$(UNIT_SAN))
UNIT_SRCS := $(wildcard test/unit/test_*.c)
UNIT_BINS := $(UNIT_SRCS:test/unit/%.c=$(U)/%)
UNIT_RUN := $(if $(T),$(foreach t,$(T),$(U)/test_$(t:test_%=%)),$(UNIT_BINS))
UNIT_COMMON := -O1 -g -pthread -MMD -MP -fno-omit-frame-pointer \
	-fsanitize=$(UNIT_SAN) -fno-sanitize-recover=undefined $(UNIT_EXTRA)
UNIT_ENGINE := $(ENGINE_SRCS:$(ENGINE)/%.c=$(U)/engine/%.o)
# Stubs win over the real Kamailio headers, in both ways these are spelled.
UNIT_HOST_FLAGS = -std=gnu11 $(HOST_WARN) $(UNIT_COMMON) -Itest/unit/stubs \
	-Itest/unit/stubs/modules/tm -Itest/unit -I$(MOD) -I$(ENGINE) \
	$(XML_CFLAGS) $(MODULE_DEFS)

$(UNIT_ENGINE): $(U)/engine/%.o: $(ENGINE)/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) -std=c11 $(ENGINE_WARN) $(UNIT_COMMON) -c -o $@ $<

$(U)/host/%.o: %.c Makefile $(B)/kamailio.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_HOST_FLAGS) -c -o $@ $<

$(U)/%.o: test/unit/%.c Makefile $(B)/kamailio.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(if $(call needs,$<),$(UNIT_HOST_FLAGS),-std=gnu11 $(WARN) \
		$(UNIT_COMMON) -Itest/unit -I$(ENGINE)) -c -o $@ $<

define unit_rule
$(U)/$(1): $(U)/$(1).o $(UNIT_ENGINE) $(patsubst %.c,$(U)/host/%.o,$(2))
	@echo "  LINK  $$@"
	$$(Q)$$(CC) -pthread -fsanitize=$(UNIT_SAN) $(UNIT_EXTRA) -Wl,--as-needed -o $$@ $$^ \
		-lcmocka $$(XML_LIBS) -ljansson -lm
endef
ifneq ($(filter unit $(B)/unit/%,$(MAKECMDGOALS)),)
$(foreach f,$(UNIT_SRCS),$(eval $(call unit_rule,$(f:test/unit/%.c=%),$(call needs,$(f)))))
endif
.SECONDARY:

unit: $(UNIT_RUN) ## run the unit tests; T="health choose" runs only these
	@test/unit/run.sh $(UNIT_RUN)

# All but one, which has a single thread and takes half an hour so.
tsan: ## unit tests and simulated worlds with the sanitizer of threads
	@$(MAKE) --no-print-directory TSAN=1 SEEDS=$(if $(filter file,$(origin SEEDS)),200,$(SEEDS)) \
		T="$(or $(T),$(filter-out health_exhaustive,$(UNIT_SRCS:test/unit/test_%.c=%)))" unit sim

# Compiled apart: bounds is a sanitizer that costs no branch of its own there.
coverage: ## the engine's lines and branches that the unit tests reach
	@utils/coverage.sh

# --- fuzzing: clang's libFuzzer over the same engine; see test/fuzz/run.sh -----------

FUZZ_BINS := $(patsubst test/fuzz/%.c,$(U)/%,$(wildcard test/fuzz/fuzz_*.c))

$(U)/fuzz/%.o: test/fuzz/%.c Makefile $(B)/kamailio.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(if $(call needs,$<),$(UNIT_HOST_FLAGS),-std=gnu11 $(WARN) \
		$(UNIT_COMMON) -I$(ENGINE)) -c -o $@ $<

define fuzz_rule
$(U)/$(1): $(U)/fuzz/$(1).o $(UNIT_ENGINE) $(patsubst %.c,$(U)/host/%.o,$(2))
	@echo "  LINK  $$@"
	$$(Q)$$(CC) -pthread -fsanitize=fuzzer,address,undefined -Wl,--as-needed \
		-o $$@ $$^ $$(XML_LIBS) $$(shell sed -n '1,20s,^// links:,,p' test/fuzz/$(1).c) -lm
endef
ifneq ($(filter fuzz-bins,$(MAKECMDGOALS)),)
$(foreach f,$(FUZZ_BINS),$(eval $(call fuzz_rule,$(notdir $(f)),$(call \
	needs,$(f:$(U)/%=test/fuzz/%.c)))))
endif
.PHONY: fuzz fuzz-bins
fuzz-bins: $(FUZZ_BINS)

FUZZ_U := $(B)/unit/fuzzer-no-link-address-undefined
fuzz: ## fuzz every parser; FUZZ_SECONDS=60 or RUNS=1000000 each, T="xml state" only these
	@$(MAKE) --no-print-directory CC=clang \
		UNIT_SAN=fuzzer-no-link,address,undefined fuzz-bins
	@test/fuzz/run.sh $(if $(T),$(T:%=$(FUZZ_U)/fuzz_%),$(patsubst \
		test/fuzz/%.c,$(FUZZ_U)/%,$(wildcard test/fuzz/fuzz_*.c)))

# --- simulation: see test/sim/README.md ------------------------------------------------

# The engine as it is, without Kamailio: nothing to set up. Optimised for the
# many worlds; SAN=1 with sanitizers.
S := $(OUT)/sim
SIM_SRCS := $(wildcard test/sim/*.c)
SIM_MODEL := $(wildcard utils/sim/*.c)
SIM_OBJS := $(SIM_SRCS:test/sim/%.c=$(S)/%.o) $(SIM_MODEL:utils/sim/%.c=$(S)/%.o) \
	$(ENGINE_SRCS:$(ENGINE)/%.c=$(S)/engine/%.o)
SEEDS ?= $(if $(SEED),1,1000)

define SIM_CC
	@mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 $(ENGINE_WARN) $(COMMON) -Iutils/sim -I$(ENGINE) -c -o $@ $<
endef
$(S)/%.o: test/sim/%.c Makefile
	$(SIM_CC)

$(S)/%.o: utils/sim/%.c Makefile
	$(SIM_CC)

$(S)/engine/%.o: $(ENGINE)/%.c Makefile
	@mkdir -p $(@D)
	$(Q)$(CC) $(ENGINE_FLAGS) -c -o $@ $<

$(S)/sim: $(SIM_OBJS)
	@echo "  LINK  $@"
	$(Q)$(LINK) -o $@ $^ -lm

sim: $(S)/sim ## simulated worlds: SEEDS=1000; SEED=7 V=1 traces one; SAN=1
	@$< -s $(or $(SEED),1) -n $(SEEDS) -k $(S)/failed-seeds $(if $(V),-v)

# --- benches: see test/bench/README.md -------------------------------------------------

# Measured is what is shipped: the module's own objects.
$(B)/bench/engine $(B)/bench/scaling: $(B)/bench/%: test/bench/engine/%.c \
		test/unit/fixture.h test/unit/heap.h $(ENGINE_OBJS)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(CC) -std=gnu11 $(WARN) $(OPT) -pthread -Itest/unit -I$(ENGINE) -o $@ \
		$(filter %.c %.o,$^) -lcmocka -lm

$(B)/bench/sink: test/bench/sink/sink.c
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(CC) -std=gnu11 $(WARN) $(OPT) -o $@ $<

flat: $(B)/bench/engine ## is the cost of a choice the same at any size? (no timing)
	@test/bench/flat

bench: all $(B)/bench/engine $(B)/bench/scaling $(B)/bench/sink ## speed against dispatcher; PART="calls reload" runs only these
	@test/bench/run

bench-outage: all ## outages against dispatcher; ROW="closed deaf", QUICK=1
	@test/bench/outage/run

# --- everything else -------------------------------------------------------------------

deps: ## install what is needed to build and test
	@utils/setup.sh test

test: ## set up, build and run every check and test
	@test/run

scenario: all ## run the scenarios against a running Kamailio
	@test/scenario/run

torture: all ## soak, hostile peers and files, bad lines, kill -9: TORTURE_SECONDS=1800
	@TORTURE_SECONDS=$${TORTURE_SECONDS:-1800} test/torture/run -j 1

test-cli: all ## the command-line tool's tests, on a build with sanitizers; T=word runs only these
	@$(MAKE) --no-print-directory SAN=1 cli
	@test/cli/run $(T)

test-db: all ## the scenarios of databases against a PostgreSQL and a MariaDB of their own
	@utils/setup.sh testdb
	@test/db/run

test-matrix: ## build and test on Debian 13 and sid; SMOKE=1, T="name ...", UNIT=1
	@utils/setup.sh matrix
	@T='$(T)' UNIT='$(UNIT)' test/matrix/run $(if $(SMOKE),--smoke)

check: ## layer rule, style and documentation
	@utils/check-layers.sh
	@utils/check-style.sh
	@utils/check-docs.sh
	@utils/db-schema.py --check
	@utils/package/changelog.py --check

rules: ## the alert rules and the dashboard of etc/, by promtool
	@test/prometheus/run

# Only what has changed since; utils/lint.sh calls both.
L := $(B)/lint
HEADERS := $(wildcard $(MOD)/*.h $(ENGINE)/*.h utils/*.h utils/sim/*.h)
ANALYSED := $(ENGINE_SRCS:$(ENGINE)/%.c=engine/%) $(HOST_SRCS:$(MOD)/%.c=host/%) \
	$(patsubst %.c,cli/%,$(notdir $(CLI_SRCS) $(filter utils/%,$(CLI_NEEDS))))
.PHONY: lint-tidy lint-analyzer
lint-tidy: $(ANALYSED:%=$(L)/%.tidy)
lint-analyzer: $(ANALYSED:%=$(L)/%.o)

# folder of the results, of the sources, their flags
define lint_rules
$(L)/$(1)/%.tidy: $(2)%.c $$(HEADERS) .clang-tidy $(B)/kamailio.mk
	@mkdir -p $$(@D)
	$$(Q)clang-tidy --quiet $$< -- $$(filter-out -MMD -MP,$(3)) 2>&1 \
		| { grep -v 'warnings\? generated' || true; }
	@touch $$@
$(L)/$(1)/%.o: $(2)%.c $$(HEADERS) $(B)/kamailio.mk
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(filter-out -MMD -MP,$(3)) -O0 -fanalyzer -Werror -c -o $$@ $$<
endef
$(eval $(call lint_rules,engine,$(ENGINE)/,$$(ENGINE_FLAGS)))
$(eval $(call lint_rules,host,$(MOD)/,$$(HOST_FLAGS) $$(MODULE_DEFS)))
$(eval $(call lint_rules,cli,,$$(HOST_FLAGS) $$(CLI_DEFS)))

lint: ## formatting, static analysis and the checks
	@utils/lint.sh

format: ## format the sources as .clang-format says
	@find modules utils test -name '*.[ch]' -exec clang-format -i {} +

run: all ## live demonstration of a failover; KEEP=1 leaves it running
	@utils/run.sh $(MODULE)

# Where things go, for both; uninstall builds nothing and needs no Kamailio.
INSTALL_ENV = MODULE='$(MODULE)' CLI='$(CLI)' DESTDIR='$(DESTDIR)' prefix='$(prefix)' \
	KAMCLI_DIR='$(KAMCLI_DIR)' ZSH_DIR='$(ZSH_DIR)' MODDIR='$(or $(KAM_MODDIR),$(shell sed -n \
	's/^KAM_MODDIR=//p' $(B)/kamailio.env 2>/dev/null))'

install: all ## install (DESTDIR=, prefix=/usr/local)
	@$(INSTALL_ENV) utils/install.sh install

uninstall: ## remove what install put, given the same DESTDIR= and prefix=
	@$(INSTALL_ENV) utils/install.sh uninstall

deb: $(B)/kamailio.mk ## Debian packages for the installed Kamailio, into build/deb; FOR=candidate: apt's
	@utils/package/deb.sh $(B)/deb $(FOR)

rebuild-for-installed: deb ## after Kamailio is another one: its packages, installed
	@utils/package/rebuild.sh $(B)/deb

in-tree: ## copy the module into Kamailio's source tree: KSRC=tree
	@$(if $(filter command line environment,$(origin KSRC)),,$(error in-tree: which tree? KSRC=folder))
	@utils/package/in-tree.sh '$(KSRC)'

test-deb: ## the packages in a Debian of their own: T="install hold ...", SUITE=trixie
	@utils/setup.sh testdeb
	@$(if $(SUITE),,$(MAKE) --no-print-directory deb)
	@SUITE='$(SUITE)' test/deb/run $(T)

clean: ## remove what was built; keeps the fetched Kamailio headers
	@rm -rf $(filter-out $(B)/ksrc,$(wildcard $(B)/*))

distclean: ## remove everything that is not in the repository
	@rm -rf $(B)

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 20
	@sed -n '2,5s/^# //p' Makefile

-include $(wildcard $(O)/*/*.d $(O)/*.d $(U)/*.d $(U)/*/*.d $(U)/host/*/*/*.d \
	$(S)/*.d $(S)/*/*.d)
