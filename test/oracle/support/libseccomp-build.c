/*
 * libseccomp-build LIBRARY [MILLISECONDS]: makes exactly the libseccomp calls that a script on standard input names, and
 * prints what each returned. Words are separated by single spaces, numbers are what strtoull(base 0) reads. After so much
 * processor time, if any is named, SIGPROF ends it.
 *
 *   version                                 -> version MAJOR.MINOR.MICRO
 *   api LEVEL                               -> api RC             seccomp_api_set
 *   api-get                                 -> api-get LEVEL
 *   reset-global                            -> reset-global RC    seccomp_reset(NULL)
 *   use SLOT                                -> use SLOT           what follows is about this filter, 0..3; 0 at first
 *   init ACTION                             -> init 0|-1          seccomp_init; releases the previous filter
 *   reset ACTION | release | merge SLOT     -> reset RC           a merged filter's slot is empty then
 *   clear                                   -> clear              releases all slots, uses slot 0
 *   arch NAME                               -> arch TOKEN         seccomp_arch_resolve_name
 *   arch-add ARCH | arch-remove ARCH | arch-exist ARCH -> arch-add RC
 *   arch-add ARCH renew, arch-remove ARCH renew, merge SLOT renew, transaction-commit renew
 *                                           -> the same; then libseccomp's copy of the filter is made anew
 *   attr N VALUE                            -> attr RC            seccomp_attr_set
 *   attr-get N                              -> attr-get RC VALUE
 *   priority NAME VALUE                     -> priority RC        seccomp_syscall_priority
 *   precompute | transaction-start | transaction-commit | transaction-reject -> precompute RC
 *   transaction-reject whole                -> the same, also where libseccomp does not reject all
 *   resolve NAME                            -> resolve NR         seccomp_syscall_resolve_name
 *   resolve-arch ARCH NAME                  -> resolve NR         seccomp_syscall_resolve_name_arch
 *   rewrite ARCH NAME                       -> rewrite NR         seccomp_syscall_resolve_name_rewrite
 *   number ARCH NR                          -> number NAME|-      seccomp_syscall_resolve_num_arch
 *   rule ACTION NAME [INDEX:OP:A:B ...]     -> rule RC            seccomp_rule_add_array
 *   rule-exact ...                          -> as rule            seccomp_rule_add_exact_array
 *   export bpf|bpf-mem|pfc                  -> export RC HEX
 *
 * ARCH is a name as seccomp_arch_resolve_name takes it, or a token. NAME is a syscall name, or #NR. OP is a value of
 * enum scmp_compare. In place of RC there is `unknown` for a name the library does not know, `released` for an empty
 * slot, `absent` for a call the library does not have, and `none` for transaction-reject without an open transaction,
 * which libseccomp 2.6 does not survive. No libseccomp header is needed, so every version can be loaded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#define SLOTS 4

struct comparison {
	unsigned int arg;
	int op;
	uint64_t a, b;
};

struct version {
	unsigned int major, minor, micro;
};

typedef void *filter;

static filter slots[SLOTS];
/* Open transactions of each slot. */
static int depths[SLOTS];
static unsigned int current;

static filter (*init)(uint32_t);
static int (*reset)(filter, uint32_t);
static void (*release)(filter);
static int (*merge)(filter, filter);
static const struct version *(*version)(void);
static int (*api_set)(unsigned int);
static unsigned int (*api_get)(void);
static uint32_t (*arch_resolve_name)(const char *);
static int (*arch_add)(filter, uint32_t), (*arch_remove)(filter, uint32_t), (*arch_exist)(filter, uint32_t);
static int (*attr_set)(filter, int, uint32_t), (*attr_get)(filter, int, uint32_t *);
static int (*priority)(filter, int, uint8_t);
static int (*resolve_name)(const char *);
static int (*resolve_name_arch)(uint32_t, const char *), (*rewrite_name)(uint32_t, const char *);
static char *(*resolve_num)(uint32_t, int);
static int (*rule_add)(filter, uint32_t, int, unsigned int, const struct comparison *);
static int (*rule_add_exact)(filter, uint32_t, int, unsigned int, const struct comparison *);
static int (*export_bpf)(filter, int), (*export_pfc)(filter, int);
static int (*export_mem)(filter, void *, size_t *);
static int (*precompute)(filter), (*start)(filter), (*commit)(filter);
static void (*reject)(filter);

static void load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	struct {
		void *to;
		const char *name;
		bool optional;
	} symbols[] = {
		{ &init, "seccomp_init", false },
		{ &reset, "seccomp_reset", false },
		{ &release, "seccomp_release", false },
		{ &merge, "seccomp_merge", false },
		{ &version, "seccomp_version", false },
		{ &api_set, "seccomp_api_set", false },
		{ &api_get, "seccomp_api_get", false },
		{ &arch_resolve_name, "seccomp_arch_resolve_name", false },
		{ &arch_add, "seccomp_arch_add", false },
		{ &arch_remove, "seccomp_arch_remove", false },
		{ &arch_exist, "seccomp_arch_exist", false },
		{ &attr_set, "seccomp_attr_set", false },
		{ &attr_get, "seccomp_attr_get", false },
		{ &priority, "seccomp_syscall_priority", false },
		{ &resolve_name, "seccomp_syscall_resolve_name", false },
		{ &resolve_name_arch, "seccomp_syscall_resolve_name_arch", false },
		{ &rewrite_name, "seccomp_syscall_resolve_name_rewrite", false },
		{ &resolve_num, "seccomp_syscall_resolve_num_arch", false },
		{ &rule_add, "seccomp_rule_add_array", false },
		{ &rule_add_exact, "seccomp_rule_add_exact_array", false },
		{ &export_bpf, "seccomp_export_bpf", false },
		{ &export_pfc, "seccomp_export_pfc", false },
		/* since 2.6.0 */
		{ &export_mem, "seccomp_export_bpf_mem", true },
		{ &precompute, "seccomp_precompute", true },
		{ &start, "seccomp_transaction_start", true },
		{ &commit, "seccomp_transaction_commit", true },
		{ &reject, "seccomp_transaction_reject", true },
	};

	for (size_t i = 0; library != NULL && i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		*(void **)symbols[i].to = dlsym(library, symbols[i].name);
		if (*(void **)symbols[i].to == NULL && !symbols[i].optional)
			library = NULL;
	}
	if (library == NULL) {
		fprintf(stderr, "libseccomp-build: %s\n", dlerror());
		exit(3);
	}
}

static char *word(char **rest)
{
	char *found = strsep(rest, " ");
	if (found == NULL) {
		fprintf(stderr, "libseccomp-build: a word is missing\n");
		exit(2);
	}
	return found;
}

static uint64_t number(char **rest)
{
	char *end, *text = word(rest);
	uint64_t value = strtoull(text, &end, 0);
	if (end == text || *end != '\0') {
		fprintf(stderr, "libseccomp-build: not a number: %s\n", text);
		exit(2);
	}
	return value;
}

static unsigned int slot(char **rest)
{
	uint64_t value = number(rest);
	if (value >= SLOTS) {
		fprintf(stderr, "libseccomp-build: no such slot\n");
		exit(2);
	}
	return (unsigned int)value;
}

/* False for a name that this library does not know: token 0 would be taken for the native architecture. */
static bool architecture(char **rest, uint32_t *token)
{
	bool named = *rest != NULL && **rest >= 'a';
	*token = named ? arch_resolve_name(word(rest)) : (uint32_t)number(rest);
	return !named || *token != 0;
}

/* False for a name that this library does not know. A number given as such is handed on as it is. */
static bool syscall_number(char **rest, int *nr)
{
	char *name = word(rest);
	*nr = name[0] == '#' ? (int)strtoll(name + 1, NULL, 0) : resolve_name(name);
	return name[0] == '#' || *nr != -1; /* __NR_SCMP_ERROR */
}

static void empty(unsigned int which)
{
	if (slots[which] != NULL)
		release(slots[which]);
	slots[which] = NULL;
	depths[which] = 0;
}

static void run_rule(filter ctx, const char *verb, char *rest, int exact)
{
	struct comparison comparisons[64];
	unsigned int count = 0;
	uint32_t action = (uint32_t)number(&rest);
	char *text;
	int nr;

	if (!syscall_number(&rest, &nr)) {
		printf("%s unknown\n", verb);
		return;
	}
	while ((text = strsep(&rest, " ")) != NULL && count < 64) {
		struct comparison *c = &comparisons[count++];
		c->arg = (unsigned int)strtoul(strsep(&text, ":"), NULL, 0);
		c->op = (int)strtol(strsep(&text, ":"), NULL, 0);
		c->a = strtoull(strsep(&text, ":"), NULL, 0);
		c->b = strtoull(strsep(&text, ":"), NULL, 0);
	}
	printf("%s %d\n", verb, (exact ? rule_add_exact : rule_add)(ctx, action, nr, count, comparisons));
}

static void print_hex(const unsigned char *bytes, size_t count)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < count; i++) {
		putchar_unlocked(digits[bytes[i] >> 4]);
		putchar_unlocked(digits[bytes[i] & 15]);
	}
}

static void run_export_mem(filter ctx)
{
	size_t size = 0;
	int rc = export_mem == NULL ? 0 : export_mem(ctx, NULL, &size);
	unsigned char *bytes = calloc(1, size + 1);

	if (export_mem == NULL) {
		printf("export absent");
	} else {
		if (rc == 0)
			rc = export_mem(ctx, bytes, &size);
		printf("export %d ", rc);
		print_hex(bytes, rc == 0 ? size : 0);
	}
	putchar('\n');
	free(bytes);
}

static void run_export(filter ctx, const char *format)
{
	int fd, rc;
	unsigned char chunk[4096];
	ssize_t count;

	if (strcmp(format, "bpf-mem") == 0) {
		run_export_mem(ctx);
		return;
	}
	fd = memfd_create("export", 0);
	rc = strcmp(format, "pfc") == 0 ? export_pfc(ctx, fd) : export_bpf(ctx, fd);
	printf("export %d ", rc);
	lseek(fd, 0, SEEK_SET);
	while ((count = read(fd, chunk, sizeof(chunk))) > 0)
		print_hex(chunk, (size_t)count);
	putchar('\n');
	close(fd);
}

static const char *const arch_names[] = {
	"x86", "x86_64", "x32", "arm", "aarch64", "loongarch64", "m68k", "mips", "mips64", "mips64n32", "mipsel", "mipsel64",
	"mipsel64n32", "parisc", "parisc64", "ppc", "ppc64", "ppc64le", "riscv64", "s390", "s390x", "sh", "sheb",
};

#define ARCHS (sizeof(arch_names) / sizeof(arch_names[0]))

static size_t archs_of(filter ctx, uint32_t found[ARCHS])
{
	size_t count = 0;

	for (size_t i = 0; i < ARCHS; i++) {
		uint32_t token = arch_resolve_name(arch_names[i]);
		if (token != 0 && arch_exist(ctx, token) == 0)
			found[count++] = token;
	}
	return count;
}

/* What the binding does: a filter without architectures is not rejected, and keeps the byte order of what it gets back. */
static void reject_whole(filter ctx)
{
	uint32_t found[ARCHS] = { 0 };
	size_t count;

	if (archs_of(ctx, found) == 0)
		arch_add(ctx, 0);
	reject(ctx);
	count = archs_of(ctx, found);
	start(ctx);
	for (size_t i = 0; i < count; i++)
		arch_remove(ctx, found[i]);
	arch_add(ctx, found[0]);
	reject(ctx);
}

/* What the binding does before the next rule, so that a rule that fails does not undo the change. */
static void renew_copy(filter ctx, const char *rest)
{
	if (start == NULL || rest == NULL || strcmp(rest, "renew") != 0)
		return;
	start(ctx);
	start(ctx);
	commit(ctx);
	commit(ctx);
}

static void run_transaction(filter ctx, const char *verb, const char *rest)
{
	bool starts = strcmp(verb, "transaction-start") == 0, rejects = strcmp(verb, "transaction-reject") == 0;
	int rc = 0;

	if (start == NULL || commit == NULL || reject == NULL) {
		printf("%s absent\n", verb);
		return;
	}
	if (rejects && depths[current] == 0) {
		printf("%s none\n", verb);
		return;
	}
	if (rejects)
		(rest == NULL ? reject : reject_whole)(ctx);
	else
		rc = (starts ? start : commit)(ctx);
	if (rc == 0 && (starts || depths[current] > 0))
		depths[current] += starts ? 1 : -1;
	if (rc == 0 && !rejects)
		renew_copy(ctx, rest);
	printf("%s %d\n", verb, rc);
}

static void run_merge(filter ctx, char *rest)
{
	unsigned int source = slot(&rest);
	int rc;

	if (slots[source] == NULL) {
		printf("merge released\n");
		return;
	}
	rc = merge(ctx, slots[source]);
	if (rc == 0) {
		slots[source] = NULL;
		depths[source] = 0;
		renew_copy(ctx, rest);
	}
	printf("merge %d\n", rc);
}

/* What needs no filter. Returns false for another verb. */
static bool run_global(const char *verb, char *rest)
{
	uint32_t token = 0;

	if (strcmp(verb, "version") == 0) {
		printf("version %u.%u.%u\n", version()->major, version()->minor, version()->micro);
	} else if (strcmp(verb, "api") == 0) {
		printf("api %d\n", api_set((unsigned int)number(&rest)));
	} else if (strcmp(verb, "api-get") == 0) {
		printf("api-get %u\n", api_get());
	} else if (strcmp(verb, "reset-global") == 0) {
		printf("reset-global %d\n", reset(NULL, 0));
	} else if (strcmp(verb, "use") == 0) {
		current = slot(&rest);
		printf("use %u\n", current);
	} else if (strcmp(verb, "clear") == 0) {
		for (unsigned int i = 0; i < SLOTS; i++)
			empty(i);
		current = 0;
		printf("clear\n");
	} else if (strcmp(verb, "init") == 0) {
		empty(current);
		slots[current] = init((uint32_t)number(&rest));
		printf("init %d\n", slots[current] == NULL ? -1 : 0);
	} else if (strcmp(verb, "arch") == 0) {
		printf("arch %u\n", arch_resolve_name(word(&rest)));
	} else if (strcmp(verb, "resolve") == 0) {
		printf("resolve %d\n", resolve_name(word(&rest)));
	} else if (strcmp(verb, "resolve-arch") == 0 || strcmp(verb, "rewrite") == 0) {
		const char *shown = verb[2] == 's' ? "resolve" : verb;
		if (architecture(&rest, &token))
			printf("%s %d\n", shown, (shown == verb ? rewrite_name : resolve_name_arch)(token, word(&rest)));
		else
			printf("%s unknown\n", shown);
	} else if (strcmp(verb, "number") == 0) {
		bool known = architecture(&rest, &token);
		char *name = known ? resolve_num(token, (int)strtoll(word(&rest), NULL, 0)) : NULL;
		printf("number %s\n", !known ? "unknown" : name == NULL ? "-" : name);
		free(name);
	} else {
		return false;
	}
	return true;
}

static void run_filter(filter ctx, const char *verb, char *rest)
{
	uint32_t token = 0, value = 0;
	int nr, attribute, rc;

	if (ctx == NULL) {
		printf("%s released\n", verb);
	} else if (strcmp(verb, "reset") == 0) {
		rc = reset(ctx, (uint32_t)number(&rest));
		if (rc == 0)
			depths[current] = 0;
		printf("reset %d\n", rc);
	} else if (strcmp(verb, "release") == 0) {
		empty(current);
		printf("release 0\n");
	} else if (strcmp(verb, "merge") == 0) {
		run_merge(ctx, rest);
	} else if (strncmp(verb, "arch-", 5) == 0) {
		if (architecture(&rest, &token)) {
			rc = (verb[5] == 'a' ? arch_add : verb[5] == 'r' ? arch_remove : arch_exist)(ctx, token);
			if (rc == 0)
				renew_copy(ctx, rest);
			printf("%s %d\n", verb, rc);
		} else
			printf("%s unknown\n", verb);
	} else if (strcmp(verb, "attr") == 0) {
		attribute = (int)number(&rest);
		printf("attr %d\n", attr_set(ctx, attribute, (uint32_t)number(&rest)));
	} else if (strcmp(verb, "attr-get") == 0) {
		rc = attr_get(ctx, (int)number(&rest), &value);
		printf("attr-get %d %u\n", rc, value);
	} else if (strcmp(verb, "priority") == 0) {
		if (syscall_number(&rest, &nr))
			printf("priority %d\n", priority(ctx, nr, (uint8_t)number(&rest)));
		else
			printf("priority unknown\n");
	} else if (strcmp(verb, "precompute") == 0) {
		if (precompute == NULL)
			printf("precompute absent\n");
		else
			printf("precompute %d\n", precompute(ctx));
	} else if (strncmp(verb, "transaction-", 12) == 0) {
		run_transaction(ctx, verb, rest);
	} else if (strcmp(verb, "rule") == 0 || strcmp(verb, "rule-exact") == 0) {
		run_rule(ctx, verb, rest, verb[4] != '\0');
	} else if (strcmp(verb, "export") == 0) {
		run_export(ctx, word(&rest));
	} else {
		fprintf(stderr, "libseccomp-build: unknown verb: %s\n", verb);
		exit(2);
	}
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: libseccomp-build LIBRARY [MILLISECONDS] < SCRIPT\n");
		return 2;
	}
	if (argc == 3) {
		long ms = atol(argv[2]);
		struct itimerval limit = { .it_value = { ms / 1000, ms % 1000 * 1000 } };
		setitimer(ITIMER_PROF, &limit, NULL);
	}
	load(argv[1]);
	while ((length = getline(&line, &size, stdin)) > 0) {
		char *rest = line, *verb;

		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (line[0] == '\0')
			continue;
		verb = word(&rest);
		if (!run_global(verb, rest))
			run_filter(slots[current], verb, rest);
		/* A later call may loop or crash inside the library; what came before it must not be lost. */
		fflush(stdout);
	}
	free(line);
	return 0;
}
