/*
 * A library for LD_PRELOAD: writes each call that a program makes of libseccomp to the descriptor RECORD_FD, a line of JSON each:
 * {"call": [NAME, FILTER, ...], "result": N, "value": V, "output": HEX}. The names are those of calls-by-name.ts. A filter is the number of the
 * seccomp_init that made it, -1 for NULL. The call itself is made too; seccomp_load of a filter is
 * recorded as an export, and ends the program.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FILTERS 1024
#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

struct comparison {
	unsigned int arg;
	int op;
	uint64_t a, b;
};

typedef void *filter;

static filter filters[FILTERS];
static int made;

static FILE *record(void)
{
	static FILE *file;
	if (file == NULL) {
		file = fdopen(atoi(getenv("RECORD_FD")), "a");
		setlinebuf(file);
	}
	return file;
}

/* An address is used again after a release: the last one made is meant. */
static int number(filter ctx)
{
	for (int i = made - 1; i >= 0 && ctx != NULL; i--)
		if (filters[i] == ctx)
			return i;
	return -1;
}

static int done(int result)
{
	fprintf(record(), "], \"result\": %d}\n", result);
	return result;
}

static void begin(const char *name, filter ctx)
{
	fprintf(record(), "{\"call\": [\"%s\", %d", name, number(ctx));
}

filter seccomp_init(uint32_t action)
{
	filter ctx = NEXT(filter (*)(uint32_t), "seccomp_init")(action);
	fprintf(record(), "{\"call\": [\"init\", %u], \"result\": %d}\n", action, ctx == NULL ? -1 : 0);
	if (ctx != NULL && made < FILTERS)
		filters[made++] = ctx;
	return ctx;
}

void seccomp_release(filter ctx)
{
	begin("release", ctx);
	NEXT(void (*)(filter), "seccomp_release")(ctx);
	done(0);
}

int seccomp_reset(filter ctx, uint32_t action)
{
	if (ctx == NULL)
		fprintf(record(), "{\"call\": [\"reset_global\"");
	else
		begin("reset", ctx);
	if (ctx != NULL)
		fprintf(record(), ", %u", action);
	return done(NEXT(int (*)(filter, uint32_t), "seccomp_reset")(ctx, action));
}

int seccomp_merge(filter ctx, filter source)
{
	begin("merge", ctx);
	fprintf(record(), ", %d", number(source));
	return done(NEXT(int (*)(filter, filter), "seccomp_merge")(ctx, source));
}

#define ARCH(verb, call)                                                                                               \
	int call(filter ctx, uint32_t token)                                                                           \
	{                                                                                                              \
		begin(verb, ctx);                                                                                      \
		fprintf(record(), ", %u", token);                                                                      \
		return done(NEXT(int (*)(filter, uint32_t), #call)(ctx, token));                                       \
	}
ARCH("add_arch", seccomp_arch_add)
ARCH("remove_arch", seccomp_arch_remove)
ARCH("exist_arch", seccomp_arch_exist)

#define PLAIN(verb, call)                                                                                              \
	int call(filter ctx)                                                                                           \
	{                                                                                                              \
		begin(verb, ctx);                                                                                      \
		return done(NEXT(int (*)(filter), #call)(ctx));                                                        \
	}
PLAIN("precompute", seccomp_precompute)
PLAIN("start_transaction", seccomp_transaction_start)
PLAIN("commit_transaction", seccomp_transaction_commit)

void seccomp_transaction_reject(filter ctx)
{
	begin("reject_transaction", ctx);
	NEXT(void (*)(filter), "seccomp_transaction_reject")(ctx);
	done(0);
}

int seccomp_attr_set(filter ctx, int attribute, uint32_t value)
{
	begin("set_attr", ctx);
	fprintf(record(), ", %d, %u", attribute, value);
	return done(NEXT(int (*)(filter, int, uint32_t), "seccomp_attr_set")(ctx, attribute, value));
}

int seccomp_attr_get(filter ctx, int attribute, uint32_t *value)
{
	int result = NEXT(int (*)(filter, int, uint32_t *), "seccomp_attr_get")(ctx, attribute, value);
	begin("get_attr", ctx);
	fprintf(record(), ", %d], \"result\": %d, \"value\": %u}\n", attribute, result, result < 0 ? 0 : *value);
	return result;
}

int seccomp_syscall_priority(filter ctx, int nr, uint8_t priority)
{
	begin("syscall_priority", ctx);
	fprintf(record(), ", %d, %u", nr, priority);
	return done(NEXT(int (*)(filter, int, uint8_t), "seccomp_syscall_priority")(ctx, nr, priority));
}

static int add(const char *verb, const char *call, filter ctx, uint32_t action, int nr, unsigned int count,
	       const struct comparison *comparisons)
{
	begin(verb, ctx);
	fprintf(record(), ", %u, %d, [", action, nr);
	for (unsigned int i = 0; i < count; i++)
		fprintf(record(), "%s[%u, %d, \"%lu\", \"%lu\"]", i == 0 ? "" : ", ", comparisons[i].arg, comparisons[i].op,
			comparisons[i].a, comparisons[i].b);
	fprintf(record(), "]");
	return done(NEXT(int (*)(filter, uint32_t, int, unsigned int, const struct comparison *), call)(
		ctx, action, nr, count, comparisons));
}

#define RULE(verb, call)                                                                                               \
	int call(filter ctx, uint32_t action, int nr, unsigned int count, ...)                                         \
	{                                                                                                              \
		struct comparison comparisons[16];                                                                     \
		va_list list;                                                                                          \
		va_start(list, count);                                                                                 \
		for (unsigned int i = 0; i < count && i < 16; i++)                                                     \
			comparisons[i] = va_arg(list, struct comparison);                                              \
		va_end(list);                                                                                          \
		return add(verb, #call "_array", ctx, action, nr, count, comparisons);                                 \
	}                                                                                                              \
	int call##_array(filter ctx, uint32_t action, int nr, unsigned int count, const struct comparison *comparisons) \
	{                                                                                                              \
		return add(verb, #call "_array", ctx, action, nr, count, comparisons);                                 \
	}
RULE("add_rule", seccomp_rule_add)
RULE("add_rule_exactly", seccomp_rule_add_exact)

/* The bytes that an export writes. */
static void export(const char *verb, const char *call, filter ctx)
{
	unsigned char chunk[4096];
	ssize_t count;
	int fd = memfd_create("export", 0), result = NEXT(int (*)(filter, int), call)(ctx, fd);

	begin(verb, ctx);
	fprintf(record(), "], \"result\": %d, \"output\": \"", result);
	lseek(fd, 0, SEEK_SET);
	while ((count = read(fd, chunk, sizeof(chunk))) > 0)
		for (ssize_t i = 0; i < count; i++)
			fprintf(record(), "%02x", chunk[i]);
	fprintf(record(), "\"}\n");
	close(fd);
}

int seccomp_export_bpf(filter ctx, int fd)
{
	export("export_bpf", "seccomp_export_bpf", ctx);
	return NEXT(int (*)(filter, int), "seccomp_export_bpf")(ctx, fd);
}

int seccomp_export_pfc(filter ctx, int fd)
{
	export("export_pfc", "seccomp_export_pfc", ctx);
	return NEXT(int (*)(filter, int), "seccomp_export_pfc")(ctx, fd);
}

int seccomp_export_bpf_mem(filter ctx, void *buffer, size_t *size)
{
	export("export_bpf", "seccomp_export_bpf", ctx);
	return NEXT(int (*)(filter, void *, size_t *), "seccomp_export_bpf_mem")(ctx, buffer, size);
}

int seccomp_load(filter ctx)
{
	export("export_bpf", "seccomp_export_bpf", ctx);
	if (ctx == NULL)
		return NEXT(int (*)(filter), "seccomp_load")(ctx);
	_exit(0);
}

int seccomp_api_set(unsigned int level)
{
	fprintf(record(), "{\"call\": [\"set_api\", %u", level);
	return done(NEXT(int (*)(unsigned int), "seccomp_api_set")(level));
}

unsigned int seccomp_api_get(void)
{
	unsigned int level = NEXT(unsigned int (*)(void), "seccomp_api_get")();
	fprintf(record(), "{\"call\": [\"get_api\"], \"result\": 0, \"value\": %u}\n", level);
	return level;
}

static int resolve(const char *verb, const char *call, uint32_t token, const char *name)
{
	int nr = NEXT(int (*)(uint32_t, const char *), call)(token, name);
	if (name != NULL)
		fprintf(record(), "{\"call\": [\"%s\", %u, \"%s\"], \"result\": 0, \"value\": %d}\n", verb, token, name, nr);
	return nr;
}

int seccomp_syscall_resolve_name_arch(uint32_t token, const char *name)
{
	return resolve("resolve", "seccomp_syscall_resolve_name_arch", token, name);
}

int seccomp_syscall_resolve_name(const char *name)
{
	return resolve("resolve", "seccomp_syscall_resolve_name_arch", 0, name);
}

int seccomp_syscall_resolve_name_rewrite(uint32_t token, const char *name)
{
	return resolve("rewrite", "seccomp_syscall_resolve_name_rewrite", token, name);
}

char *seccomp_syscall_resolve_num_arch(uint32_t token, int nr)
{
	char *name = NEXT(char *(*)(uint32_t, int), "seccomp_syscall_resolve_num_arch")(token, nr);
	fprintf(record(), "{\"call\": [\"resolve\", %u, %d], \"result\": 0, \"value\": \"%s\"}\n", token, nr,
		name == NULL ? "" : name);
	return name;
}
