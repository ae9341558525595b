// SPDX-License-Identifier: GPL-2.0-only
/* fuzz_elf.c - arbitrary bytes as an executable: the search for a function ends, and reads nothing
 * beyond the file. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel/elf_function.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	uint64_t offset;

	if (fd < 0)
		fd = memfd_create("elf", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
	elf_function(fd, "SSL_write", &offset);
	elf_function(fd, "f", &offset);
	return 0;
}
