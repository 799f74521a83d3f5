/*
 * transaction-shim.so: stands before the libseccomp it is linked with.
 *
 * It adds what libseccomp 2.5 lacks, transactions, as counts alone: no rule is undone. It tells a reject without an
 * open transaction, for which libseccomp 2.6 reads through a null pointer.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>

static int depth;
static int misused;
static int failing;

int seccomp_transaction_start(const void *context)
{
	(void)context;
	if (failing) {
		failing = 0;
		return -ENOMEM;
	}
	depth++;
	return 0;
}

int seccomp_transaction_commit(const void *context)
{
	(void)context;
	if (depth > 0)
		depth--;
	return 0;
}

void seccomp_transaction_reject(const void *context)
{
	(void)context;
	if (depth > 0)
		depth--;
	else
		misused++;
}

/* A filter that is reset has no transaction. */
int seccomp_reset(void *context, uint32_t action)
{
	int (*next)(void *, uint32_t) = dlsym(RTLD_NEXT, "seccomp_reset");

	depth = 0;
	return next(context, action);
}

/* Starts over with no transaction. */
void transactions_forget(void)
{
	depth = misused = failing = 0;
}

/* The next start fails. */
void transactions_fail(void)
{
	failing = 1;
}

int transactions_open(void)
{
	return depth;
}

int transactions_misused(void)
{
	return misused;
}
