/*
 * A VPS's root: the shared template below, its private area above, both mapped into the VPS's own id range, so
 * that nothing is ever chowned. Overlayfs cannot itself be idmapped (EINVAL), so its two layers are; it keeps
 * clones of their mounts, and ours can go as soon as the overlay stands.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define ID_RANGE 65536ULL
/* mount(2) takes one page of options, and three of the paths stand in them. */
#define PATH_SIZE 1024

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		return -1;
	written = write(fd, text, strlen(text));
	close(fd);
	return written == (ssize_t)strlen(text) ? 0 : -1;
}

static int map_ids(pid_t child, const char *map)
{
	char path[64];

	for (int group = 0; group < 2; group++) {
		snprintf(path, sizeof path, "/proc/%d/%s", child, group ? "gid_map" : "uid_map");
		if (write_file(path, map) != 0)
			return -1;
	}
	snprintf(path, sizeof path, "/proc/%d/ns/user", child);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* A user namespace lives on through its descriptor; the process that made it need not. */
static int open_user_namespace(const char *map)
{
	int ready[2], fd, error;
	char byte = 0;
	pid_t child;

	if (pipe2(ready, O_CLOEXEC) != 0)
		return -1;
	child = fork();
	if (child < 0)
		return -1;
	if (child == 0) {
		byte = unshare(CLONE_NEWUSER) == 0;
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	errno = EPERM;
	fd = read(ready[0], &byte, 1) == 1 && byte ? map_ids(child, map) : -1;
	error = errno;
	close(ready[0]);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	errno = error;
	return fd;
}

static int mount_mapped(const char *from, const char *to, const char *map, int read_only)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP | (read_only ? MOUNT_ATTR_RDONLY : 0) };
	int users = open_user_namespace(map), tree, status = -1;

	if (users < 0)
		return -1;
	attributes.userns_fd = (unsigned)users;
	tree = open_tree(AT_FDCWD, from, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree >= 0 && mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) == 0)
		status = move_mount(tree, "", AT_FDCWD, to, MOVE_MOUNT_F_EMPTY_PATH);
	int error = errno;
	if (tree >= 0)
		close(tree);
	close(users);
	errno = error;
	return status;
}

/* Others may pass through, as the guest's init must on its way to its own directory, but not look around. */
static int make_directory(const char *path)
{
	return mkdir(path, 0711) != 0 && errno != EEXIST ? -1 : 0;
}

static int make_parents(const char *path)
{
	char part[PATH_SIZE];

	for (size_t i = 1; path[i] != '\0' && i < sizeof part; i++) {
		if (path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (make_directory(part) != 0)
			return -1;
	}
	return make_directory(path);
}

/* From here on only the host's root and the guest's: what a guest marks setuid is for nobody else of the host. */
static int give_to_guest(const char *directory, unsigned long long base)
{
	return chown(directory, (uid_t)base, (gid_t)base) != 0 || chmod(directory, 0500) != 0 ? -1 : 0;
}

static int is_overlay(const char *path)
{
	struct statfs facts;

	return statfs(path, &facts) == 0 && facts.f_type == OVERLAYFS_SUPER_MAGIC;
}

/*
 * xino: template and private area are two file systems, and without it a file of the one and a file of the other show
 * two devices to stat(2). CRIU then finds no file of the template again that a systemd guest watches, and the dump
 * fails; `find -xdev` and `tar --one-file-system` inside lose their way too.
 *
 * No device node of a template or of a guest opens a device: a VPS has its own /dev. The look at the flags is for an
 * overlay that came up read-only, which the kernel tells in one line of dmesg only.
 */
static int mount_overlay(const char *low, const char *area, const char *root)
{
	char options[4 * PATH_SIZE];
	struct statfs facts;

	snprintf(options, sizeof options, "xino=on,lowerdir=%s,upperdir=%s/upper,workdir=%s/work", low, area, area);
	if (mount("muster", root, "overlay", MS_NODEV, options) != 0)
		return -1;
	if (statfs(root, &facts) != 0)
		return -1;
	if (facts.f_flags & ST_RDONLY) {
		umount2(root, MNT_DETACH);
		errno = EROFS;
		return -1;
	}
	return 0;
}

struct root {
	char low[PATH_SIZE], area[PATH_SIZE], root[PATH_SIZE];
};

static int name_parts(const char *directory, struct root *parts)
{
	if (directory[0] != '/' || strlen(directory) > PATH_SIZE - 16 || strpbrk(directory, ":,\\") != NULL)
		return -1;
	snprintf(parts->low, sizeof parts->low, "%s/low", directory);
	snprintf(parts->area, sizeof parts->area, "%s/area", directory);
	snprintf(parts->root, sizeof parts->root, "%s/root", directory);
	return 0;
}

int root_mount_main(int argc, char **argv)
{
	char lower_map[64], upper_map[128];
	unsigned long long base;
	struct root parts;

	if (argc != 5 || parse_number(argv[3], 0xFFFFFFFFULL - ID_RANGE, &base) != 0 ||
	    name_parts(argv[4], &parts) != 0)
		return usage("root-mount TEMPLATE AREA ID_BASE DIRECTORY");
	if (make_parents(argv[4]) != 0 || make_directory(parts.low) != 0 || make_directory(parts.area) != 0 ||
	    make_directory(parts.root) != 0 || give_to_guest(argv[4], base) != 0)
		return fail("make the mount points", errno);
	if (is_overlay(parts.root))
		return 0;
	snprintf(lower_map, sizeof lower_map, "0 %llu %llu\n", base, ID_RANGE);
	/*
	 * The host's root needs an id on this mount for overlayfs's own work directory and whiteouts, or the overlay
	 * comes up read-only: it gets the first id above the guest's.
	 */
	snprintf(upper_map, sizeof upper_map, "0 %llu %llu\n%llu 0 1\n", base, ID_RANGE, ID_RANGE);
	if (mount_mapped(argv[1], parts.low, lower_map, 1) != 0)
		return fail("map the template", errno);
	if (mount_mapped(argv[2], parts.area, upper_map, 0) != 0)
		return fail("map the private area", errno);
	if (mount_overlay(parts.low, parts.area, parts.root) != 0)
		return fail("mount the root", errno);
	umount2(parts.low, MNT_DETACH);
	umount2(parts.area, MNT_DETACH);
	return 0;
}

/* Until nothing is mounted there: a crash may have left one mount upon another. */
static int unmount_all(const char *path)
{
	while (umount2(path, UMOUNT_NOFOLLOW) == 0)
		;
	if (errno == EBUSY) {
		while (umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0)
			;
	}
	if (errno != EINVAL && errno != ENOENT)
		return -1;
	return rmdir(path) != 0 && errno != ENOENT ? -1 : 0;
}

int root_unmount_main(int argc, char **argv)
{
	struct root parts;

	if (argc != 2 || name_parts(argv[1], &parts) != 0)
		return usage("root-unmount DIRECTORY");
	if (unmount_all(parts.root) != 0 || unmount_all(parts.low) != 0 || unmount_all(parts.area) != 0)
		return fail("unmount the root", errno);
	if (rmdir(argv[1]) != 0 && errno != ENOENT)
		return fail("remove the mount points", errno);
	return 0;
}
