/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into the programs under test, before the sanitizer's library if
 * there is one: counts and fails allocations as a plan has it, and passes on
 * what it lets live to whoever allocated before it was here. Allocations
 * before main are nobody's.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <unwind.h>

#include "tests/sim/malloc/plan.h"

struct module {
	uintptr_t begin, end, base;
	uint32_t index;	 /* in the plan */
	uint64_t name;	 /* hash of its name: the index may differ by run */
	bool is_ignored; /* this library, and the sanitizers' */
	bool is_libc;
};

struct stack {
	uint64_t frames[MALLOC_FRAMES];
	unsigned int count;
	uint64_t hash; /* of frames */
	uint64_t call; /* of the innermost one that is the program's own, or,
			  in a library's thread, of the library */
	bool is_own;   /* the former */
	bool is_libc;  /* nobody else is there */
};

static struct malloc_plan *plan;
static struct module modules[MALLOC_MODULES];
static unsigned int n_modules;
static bool in_main;
static uint32_t number; /* of this process */
/* A function of ours may be called by the one that it passes on to. */
static __thread bool inside __attribute__((tls_model("initial-exec")));

static uint64_t mix(uint64_t hash, uint64_t with)
{
	hash = (hash ^ with) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

static uint64_t hash_text(const char *text)
{
	uint64_t hash = 1;

	while (*text)
		hash = mix(hash, (unsigned char)*text++);
	return hash;
}

/* ---- where the caller is ---- */

static uint32_t module_intern(const char *path)
{
	uint32_t i;

	for (i = 0; i < MALLOC_NO_MODULE; i++) {
		uint32_t free = 0;

		if (atomic_compare_exchange_strong(&plan->modules[i].taken,
						   &free, 1)) {
			strncpy(plan->modules[i].path, path, MALLOC_PATH - 1);
			atomic_store(&plan->modules[i].taken, 2);
			return i;
		}
		while (atomic_load(&plan->modules[i].taken) != 2)
			;
		if (strncmp(plan->modules[i].path, path, MALLOC_PATH - 1) == 0)
			return i;
	}
	return MALLOC_NO_MODULE;
}

static int on_module(struct dl_phdr_info *info, size_t size, void *arg)
{
	const char *path = info->dlpi_name[0] ? info->dlpi_name : arg;
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct module *m = &modules[n_modules];
	unsigned int i;

	(void)size;
	if (n_modules == MALLOC_MODULES)
		return 1;
	m->base = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X))
			continue;
		m->begin = m->base + p->p_vaddr;
		m->end = m->begin + p->p_memsz;
	}
	m->index = module_intern(path);
	m->name = hash_text(name);
	m->is_libc = strncmp(name, "libc.so", 7) == 0;
	m->is_ignored = ((uintptr_t)on_module >= m->begin &&
			 (uintptr_t)on_module < m->end) ||
			strncmp(name, "libasan", 7) == 0 ||
			strncmp(name, "libubsan", 8) == 0;
	n_modules++;
	return 0;
}

static const struct module *module_of(uintptr_t address)
{
	unsigned int i;

	for (i = 0; i < n_modules; i++)
		if (address >= modules[i].begin && address < modules[i].end)
			return &modules[i];
	return NULL;
}

static _Unwind_Reason_Code on_frame(struct _Unwind_Context *context, void *arg)
{
	struct stack *s = arg;
	uintptr_t address = _Unwind_GetIP(context);
	const struct module *m = module_of(address);

	if (!m || m->is_ignored)
		return _URC_NO_REASON;
	if (s->count == 0)
		s->call = mix(1, m->name);
	s->is_libc &= m->is_libc;
	/* The program comes first in the list. */
	if (m == modules && !s->is_own) {
		s->call = mix(mix(1, m->name), address - m->base);
		s->is_own = true;
	}
	if (s->count < MALLOC_FRAMES) {
		s->frames[s->count++] = (uint64_t)m->index
						<< MALLOC_OFFSET_BITS |
					(address - m->base);
		s->hash = mix(mix(s->hash, m->name), address - m->base);
	}
	return s->is_own && s->count == MALLOC_FRAMES ? _URC_END_OF_STACK
						      : _URC_NO_REASON;
}

/* ---- the plan ---- */

static void survey(const struct stack *s, uint64_t place)
{
	uint64_t key = mix(place, hash_text(program_invocation_short_name));
	size_t i;

	for (i = 0; i < MALLOC_SITES; i++) {
		struct malloc_site *site =
			&plan->sites[(key + i) % MALLOC_SITES];
		uint64_t free = 0;

		if (atomic_load(&site->key) != key &&
		    atomic_compare_exchange_strong(&site->key, &free, key)) {
			site->site = place;
			strncpy(site->program, program_invocation_short_name,
				MALLOC_NAME - 1);
			memcpy(site->frames, s->frames, sizeof(s->frames));
		}
		if (atomic_load(&site->key) == key) {
			atomic_fetch_add(&site->uses, 1);
			return;
		}
	}
	atomic_fetch_add(&plan->lost, 1);
}

static bool is_this_program(void)
{
	return number > plan->known &&
	       (!plan->program[0] ||
		strncmp(plan->program, program_invocation_short_name,
			MALLOC_NAME - 1) == 0);
}

/* True: this allocation fails. */
static bool meet(void)
{
	struct stack s = {.hash = 1, .is_libc = true};
	uint32_t wanted, nth;
	uint64_t place;

	if (!in_main || inside)
		return false;
	wanted = atomic_load_explicit(&plan->wanted, memory_order_acquire);
	if (!wanted || (wanted == MALLOC_FAULT && !is_this_program()))
		return false;
	inside = true;
	_Unwind_Backtrace(on_frame, &s);
	inside = false;
	/* The sanitizer, which begins a thread, and dies of it. */
	if (s.is_libc)
		return false;
	place = plan->places == MALLOC_CALLS ? s.call : s.hash;
	if (wanted & MALLOC_SURVEY)
		survey(&s, place);
	if (!(wanted & MALLOC_FAULT) || !is_this_program() ||
	    (plan->site && plan->site != place))
		return false;
	nth = atomic_fetch_add(&plan->seen, 1) + 1;
	if (nth != plan->nth && !(plan->always && nth > plan->nth))
		return false;
	atomic_fetch_add(&plan->met, 1);
	errno = ENOMEM;
	return true;
}

static void plan_map(void)
{
	const char *path = getenv(MALLOC_PLAN_ENV);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *at;

	if (fd < 0)
		return;
	at = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		  0);
	close(fd);
	if (at == MAP_FAILED)
		return;
	plan = at;
	number = atomic_fetch_add(&plan->processes, 1) + 1;
	dl_iterate_phdr(on_module, program_invocation_short_name);
}

/* ---- the C library's functions ---- */

#define REAL(name)                     \
	static __typeof__(name) *real; \
	if (!real)                     \
	real = (__typeof__(real))dlsym(RTLD_NEXT, #name)

#define PASS_ON(call)                     \
	do {                              \
		bool was = inside;        \
		__typeof__(call) result_; \
		inside = true;            \
		result_ = (call);         \
		inside = was;             \
		return result_;           \
	} while (0)

void *malloc(size_t size)
{
	REAL(malloc);
	if (meet())
		return NULL;
	return real(size);
}

void *calloc(size_t n, size_t size)
{
	REAL(calloc);
	if (meet())
		return NULL;
	return real(n, size);
}

void *realloc(void *old, size_t size)
{
	REAL(realloc);
	if (meet())
		return NULL;
	return real(old, size);
}

void *reallocarray(void *old, size_t n, size_t size)
{
	REAL(reallocarray);
	if (meet())
		return NULL;
	PASS_ON(real(old, n, size));
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	REAL(posix_memalign);
	if (meet())
		return ENOMEM;
	return real(out, alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	REAL(aligned_alloc);
	if (meet())
		return NULL;
	return real(alignment, size);
}

char *strdup(const char *text)
{
	REAL(strdup);
	if (meet())
		return NULL;
	PASS_ON(real(text));
}

char *strndup(const char *text, size_t max)
{
	REAL(strndup);
	if (meet())
		return NULL;
	PASS_ON(real(text, max));
}

/* ---- before main ---- */

static int (*program_main)(int, char **, char **);

static int main_begins(int argc, char **argv, char **env)
{
	plan_map();
	in_main = plan != NULL;
	return program_main(argc, argv, env);
}

int __libc_start_main(int (*)(int, char **, char **), int, char **,
		      int (*)(int, char **, char **), void (*)(void),
		      void (*)(void), void *);

int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv,
		      int (*init)(int, char **, char **), void (*fini)(void),
		      void (*rtld_fini)(void), void *stack_end)
{
	REAL(__libc_start_main);
	program_main = main;
	return real(main_begins, argc, argv, init, fini, rtld_fini, stack_end);
}

/* By hand: the sanitizer's own strcmp is not there yet. */
static bool is_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/*
 * The sanitizer's, asked when it starts: a confined worker may not make the
 * process that looks for leaks.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	char name[MALLOC_NAME] = "";

	/* Neither is the C library's own notion of it. */
	syscall(SYS_prctl, PR_GET_NAME, name);
	return is_same(name, "xn-blk") || is_same(name, "xn-net") ||
			       is_same(name, "xn-console")
		       ? "detect_leaks=0"
		       : "";
}
