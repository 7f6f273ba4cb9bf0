/*
 * run CGROUP_DIRECTORY|- PROGRAM ARG...: becomes PROGRAM in the given cgroup, and does not outlive who started it.
 * An agent that is killed must not leave a runc behind that goes on building what the next agent is clearing away.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static int join(const char *directory)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof path, "%s/cgroup.procs", directory);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	/* 0 is the writer itself. */
	if (write(fd, "0", 1) != 1)
		return -1;
	close(fd);
	return 0;
}

int run_main(int argc, char **argv)
{
	pid_t parent = getppid();

	if (argc < 3)
		return usage("run CGROUP_DIRECTORY|- PROGRAM ARG...");
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
		return fail("ask to die with the parent", errno);
	/* It may have died before the request stood. */
	if (getppid() != parent)
		return fail("the parent is gone", ESRCH);
	if (strcmp(argv[1], "-") != 0 && join(argv[1]) != 0)
		return fail("join the cgroup", errno);
	argv[argc] = NULL;
	execvp(argv[2], argv + 2);
	return fail("execute the program", errno);
}
