/*
 * host-name PID NAME: the host name of the UTS namespace that a process is in. Never the host's own: a process that has
 * ended leaves its number to another, which may be the host's.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int host_name_main(int argc, char **argv)
{
	unsigned long long pid;
	struct stat own, target;
	char path[64];
	int uts;

	if (argc != 3 || parse_number(argv[1], 1 << 22, &pid) != 0)
		return usage("host-name PID NAME");
	snprintf(path, sizeof path, "/proc/%llu/ns/uts", pid);
	uts = open(path, O_RDONLY | O_CLOEXEC);
	if (uts < 0 || fstat(uts, &target) != 0 || stat("/proc/self/ns/uts", &own) != 0)
		return fail("find the UTS namespace of the VPS", errno);
	if (target.st_dev == own.st_dev && target.st_ino == own.st_ino)
		return fail("find the UTS namespace of the VPS", ESRCH);
	if (setns(uts, CLONE_NEWUTS) != 0)
		return fail("enter the UTS namespace", errno);
	if (sethostname(argv[2], strlen(argv[2])) != 0)
		return fail("set the host name", errno);
	close(uts);
	return 0;
}
