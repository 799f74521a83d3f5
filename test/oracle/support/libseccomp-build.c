/*
 * libseccomp-build LIBRARY: makes exactly the libseccomp calls that a script on standard input names, and prints
 * what each returned. Words are separated by single spaces, numbers are what strtoull(base 0) reads.
 *
 *   version                                 -> version MAJOR.MINOR.MICRO
 *   api LEVEL                               -> api RC             seccomp_api_set
 *   init ACTION                             -> init 0|-1          seccomp_init; releases the previous filter
 *   arch NAME                               -> arch TOKEN         seccomp_arch_resolve_name
 *   arch-add ARCH | arch-remove ARCH        -> arch-add RC
 *   attr N VALUE                            -> attr RC            seccomp_attr_set
 *   priority NAME VALUE                     -> priority RC        seccomp_syscall_priority
 *   resolve NAME                            -> resolve NR         seccomp_syscall_resolve_name
 *   resolve-arch ARCH NAME                  -> resolve NR         seccomp_syscall_resolve_name_arch
 *   rule ACTION NAME [INDEX:OP:A:B ...]     -> rule RC | rule unknown    seccomp_rule_add_array
 *   rule-exact ...                          -> as rule            seccomp_rule_add_exact_array
 *   export bpf|pfc                          -> export RC HEX
 *
 * ARCH is a name as seccomp_arch_resolve_name takes it, or a token. NAME is a syscall name, or #NR. OP is a value of enum scmp_compare. No libseccomp header is needed, so every
 * version can be loaded.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct comparison {
	unsigned int arg;
	int op;
	uint64_t a, b;
};

struct version {
	unsigned int major, minor, micro;
};

typedef void *filter;

static filter (*init)(uint32_t);
static void (*release)(filter);
static const struct version *(*version)(void);
static int (*api_set)(unsigned int);
static uint32_t (*arch_resolve_name)(const char *);
static int (*arch_add)(filter, uint32_t), (*arch_remove)(filter, uint32_t);
static int (*attr_set)(filter, int, uint32_t);
static int (*priority)(filter, int, uint8_t);
static int (*resolve_name)(const char *);
static int (*resolve_name_arch)(uint32_t, const char *);
static int (*rule_add)(filter, uint32_t, int, unsigned int, const struct comparison *);
static int (*rule_add_exact)(filter, uint32_t, int, unsigned int, const struct comparison *);
static int (*export_bpf)(filter, int), (*export_pfc)(filter, int);

static void load(const char *path)
{
	void *library = dlopen(path, RTLD_NOW);
	struct {
		void *to;
		const char *name;
	} symbols[] = {
		{ &init, "seccomp_init" },
		{ &release, "seccomp_release" },
		{ &version, "seccomp_version" },
		{ &api_set, "seccomp_api_set" },
		{ &arch_resolve_name, "seccomp_arch_resolve_name" },
		{ &arch_add, "seccomp_arch_add" },
		{ &arch_remove, "seccomp_arch_remove" },
		{ &attr_set, "seccomp_attr_set" },
		{ &priority, "seccomp_syscall_priority" },
		{ &resolve_name, "seccomp_syscall_resolve_name" },
		{ &resolve_name_arch, "seccomp_syscall_resolve_name_arch" },
		{ &rule_add, "seccomp_rule_add_array" },
		{ &rule_add_exact, "seccomp_rule_add_exact_array" },
		{ &export_bpf, "seccomp_export_bpf" },
		{ &export_pfc, "seccomp_export_pfc" },
	};

	for (size_t i = 0; library != NULL && i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		*(void **)symbols[i].to = dlsym(library, symbols[i].name);
		if (*(void **)symbols[i].to == NULL)
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

static uint32_t architecture(char **rest)
{
	return *rest != NULL && **rest >= 'a' ? arch_resolve_name(word(rest)) : (uint32_t)number(rest);
}

static void run_rule(filter ctx, const char *verb, char *rest, int exact)
{
	struct comparison comparisons[64];
	unsigned int count = 0;
	uint32_t action = (uint32_t)number(&rest);
	char *name = word(&rest), *text;
	int nr = name[0] == '#' ? atoi(name + 1) : resolve_name(name);

	/* -1 is __NR_SCMP_ERROR; a number given as such is handed on as it is. */
	if (nr == -1 && name[0] != '#') {
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

static void run_export(filter ctx, const char *format)
{
	int fd = memfd_create("export", 0), rc = strcmp(format, "pfc") == 0 ? export_pfc(ctx, fd) : export_bpf(ctx, fd);
	unsigned char chunk[4096];
	ssize_t count;

	printf("export %d ", rc);
	lseek(fd, 0, SEEK_SET);
	while ((count = read(fd, chunk, sizeof(chunk))) > 0)
		for (ssize_t i = 0; i < count; i++)
			printf("%02x", chunk[i]);
	putchar('\n');
	close(fd);
}

static filter run(filter ctx, char *line)
{
	char *rest = line, *verb = word(&rest);

	if (strcmp(verb, "version") == 0) {
		printf("version %u.%u.%u\n", version()->major, version()->minor, version()->micro);
	} else if (strcmp(verb, "api") == 0) {
		printf("api %d\n", api_set((unsigned int)number(&rest)));
	} else if (strcmp(verb, "init") == 0) {
		if (ctx != NULL)
			release(ctx);
		ctx = init((uint32_t)number(&rest));
		printf("init %d\n", ctx == NULL ? -1 : 0);
	} else if (strcmp(verb, "arch") == 0) {
		printf("arch %u\n", arch_resolve_name(word(&rest)));
	} else if (strcmp(verb, "arch-add") == 0) {
		printf("arch-add %d\n", arch_add(ctx, architecture(&rest)));
	} else if (strcmp(verb, "arch-remove") == 0) {
		printf("arch-remove %d\n", arch_remove(ctx, architecture(&rest)));
	} else if (strcmp(verb, "attr") == 0) {
		int attribute = (int)number(&rest);
		printf("attr %d\n", attr_set(ctx, attribute, (uint32_t)number(&rest)));
	} else if (strcmp(verb, "priority") == 0) {
		int nr = resolve_name(word(&rest));
		printf("priority %d\n", priority(ctx, nr, (uint8_t)number(&rest)));
	} else if (strcmp(verb, "resolve") == 0) {
		printf("resolve %d\n", resolve_name(word(&rest)));
	} else if (strcmp(verb, "resolve-arch") == 0) {
		uint32_t token = architecture(&rest);
		printf("resolve %d\n", resolve_name_arch(token, word(&rest)));
	} else if (strcmp(verb, "rule") == 0 || strcmp(verb, "rule-exact") == 0) {
		run_rule(ctx, verb, rest, verb[4] != '\0');
	} else if (strcmp(verb, "export") == 0) {
		run_export(ctx, word(&rest));
	} else {
		fprintf(stderr, "libseccomp-build: unknown verb: %s\n", verb);
		exit(2);
	}
	return ctx;
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t length;
	filter ctx = NULL;

	if (argc != 2) {
		fprintf(stderr, "usage: libseccomp-build LIBRARY < SCRIPT\n");
		return 2;
	}
	load(argv[1]);
	while ((length = getline(&line, &size, stdin)) > 0) {
		if (line[length - 1] == '\n')
			line[length - 1] = '\0';
		if (line[0] == '\0')
			continue;
		ctx = run(ctx, line);
		/* A later call may loop or crash inside the library; what came before it must not be lost. */
		fflush(stdout);
	}
	free(line);
	return 0;
}
