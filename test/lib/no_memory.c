/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Preloaded into Kamailio: refuses its memory to one place in one module, which the
 * file FRT_NO_MEMORY names while it runs, and notes who asks. no_memory.py has the
 * other side of that file.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PLACES 256
#define NAME 48

typedef struct place
{
	char func[NAME];
	uint32_t line;
	_Atomic uint32_t refused;
} place_t;

typedef struct shared
{
	char module[NAME];		 /* whose requests are noted */
	_Atomic uint32_t refuse; /* 1 + index of the place that gets nothing */
	_Atomic uint32_t lock;
	_Atomic uint32_t n;
	place_t places[PLACES];
} shared_t;

/* Kamailio's core/mem/memapi.h, as far as it is needed */
typedef void *(*get_t)(void *pool, size_t size, const char *file,
		const char *func, unsigned int line, const char *module);
typedef struct api
{
	char *name;
	void *pool, *block;
	get_t get, get_zeroed;
} api_t;

static shared_t *shared;
static api_t shm, pkg; /* as they were */

static place_t *place_of(const char *func, unsigned int line)
{
	uint32_t i, n = shared->n;

	for(i = 0; i < n; i++) {
		if(shared->places[i].line == line
				&& strncmp(shared->places[i].func, func, NAME - 1) == 0)
			return &shared->places[i];
	}
	return NULL;
}

static place_t *note(const char *func, unsigned int line)
{
	place_t *p = place_of(func, line);

	if(p)
		return p;
	while(atomic_exchange(&shared->lock, 1))
		usleep(10);
	p = place_of(func, line);
	if(!p && shared->n < PLACES) {
		p = &shared->places[shared->n];
		strncpy(p->func, func, NAME - 1);
		p->line = line;
		shared->n++;
	}
	shared->lock = 0;
	return p;
}

static bool refused(const char *func, unsigned int line, const char *module)
{
	place_t *p;

	if(strncmp(module, shared->module, NAME) != 0)
		return false;
	p = note(func, line);
	if(!p || shared->refuse != (uint32_t)(p - shared->places) + 1)
		return false;
	p->refused++;
	return true;
}

#define GETTER(name, how)                                            \
	static void *name(void *pool, size_t size, const char *file,     \
			const char *func, unsigned int line, const char *module) \
	{                                                                \
		return refused(func, line, module)                           \
					   ? NULL                                        \
					   : how(pool, size, file, func, line, module);  \
	}
GETTER(shm_get, shm.get)
GETTER(shm_get_zeroed, shm.get_zeroed)
GETTER(pkg_get, pkg.get)
GETTER(pkg_get_zeroed, pkg.get_zeroed)

static void watch(const char *path)
{
	api_t *s = dlsym(RTLD_DEFAULT, "_shm_root");
	api_t *p = dlsym(RTLD_DEFAULT, "_pkg_root");
	int fd;

	if(!s || !p) /* no Kamailio, but what starts it */
		return;
	fd = open(path, O_RDWR);
	if(fd < 0)
		abort();
	shared = mmap(
			NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if(shared == MAP_FAILED)
		abort();
	close(fd);
	shm = *s;
	pkg = *p;
	s->get = shm_get;
	s->get_zeroed = shm_get_zeroed;
	p->get = pkg_get;
	p->get_zeroed = pkg_get_zeroed;
}

/* The first one: all modules are there, and all other processes come of this. */
pid_t fork(void)
{
	static pid_t (*real)(void);
	const char *path = getenv("FRT_NO_MEMORY");

	if(!real) {
		real = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
		if(path)
			watch(path);
	}
	return real();
}
