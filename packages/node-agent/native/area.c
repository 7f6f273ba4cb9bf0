/*
 * A VPS's private area: a btrfs subvolume POOL/NAME that holds the overlay's upper and work directories, with a
 * limit on its own quota group (the one that btrfs makes with every subvolume: 0/ID).
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* How long area-remove waits for btrfs to have dropped the subvolume, in steps of 5 ms. */
#define DROP_STEPS 2000
#define DROP_STEP_NS 5000000L

/* How many commits area-use makes at most until two of them say the same. */
#define SETTLE_ROUNDS 8

static int open_directory(int at, const char *name)
{
	return openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int subvolume_id(int fd, uint64_t *id)
{
	struct btrfs_ioctl_ino_lookup_args args = { .treeid = 0, .objectid = BTRFS_FIRST_FREE_OBJECTID };

	if (ioctl(fd, BTRFS_IOC_INO_LOOKUP, &args) != 0)
		return -1;
	*id = args.treeid;
	return 0;
}

static int set_limit(int fd, uint64_t bytes)
{
	/* qgroupid 0: the quota group of the subvolume that fd is of. */
	struct btrfs_ioctl_qgroup_limit_args args = {
		.qgroupid = 0,
		.lim = { .flags = BTRFS_QGROUP_LIMIT_MAX_RFER, .max_rfer = bytes },
	};

	return ioctl(fd, BTRFS_IOC_QGROUP_LIMIT, &args);
}

static int make_directory(int at, const char *name, mode_t mode)
{
	return mkdirat(at, name, mode) != 0 && errno != EEXIST ? -1 : 0;
}

int area_create_main(int argc, char **argv)
{
	struct btrfs_ioctl_vol_args args = { 0 };
	unsigned long long limit;
	int pool, area;

	if (argc != 4 || !is_name(argv[2]) || parse_number(argv[3], UINT64_MAX, &limit) != 0)
		return usage("area-create POOL NAME LIMIT_BYTES");
	pool = open_directory(AT_FDCWD, argv[1]);
	if (pool < 0)
		return fail("open the pool", errno);
	snprintf(args.name, sizeof args.name, "%s", argv[2]);
	if (ioctl(pool, BTRFS_IOC_SUBVOL_CREATE, &args) != 0 && errno != EEXIST)
		return fail("create the subvolume", errno);
	area = open_directory(pool, argv[2]);
	if (area < 0)
		return fail("open the subvolume", errno);
	if (set_limit(area, limit) != 0)
		return fail("limit the quota group", errno);
	/* The guest's / takes its mode from upper. */
	if (make_directory(area, "upper", 0755) != 0 || make_directory(area, "work", 0700) != 0)
		return fail("make upper and work", errno);
	close(area);
	close(pool);
	return 0;
}

int area_limit_main(int argc, char **argv)
{
	unsigned long long limit;
	int pool, area;

	if (argc != 4 || !is_name(argv[2]) || parse_number(argv[3], UINT64_MAX, &limit) != 0)
		return usage("area-limit POOL NAME LIMIT_BYTES");
	pool = open_directory(AT_FDCWD, argv[1]);
	area = pool < 0 ? -1 : open_directory(pool, argv[2]);
	if (area < 0)
		return fail("open the subvolume", errno);
	if (set_limit(area, limit) != 0)
		return fail("limit the quota group", errno);
	close(area);
	close(pool);
	return 0;
}

/*
 * Metadata, and through it what the quota groups count. Not BTRFS_IOC_SYNC, which writes everybody's dirty data first:
 * behind one VPS whose writes are held to a rate, everybody's delete would wait for as long as that takes.
 */
static int commit(int pool)
{
	uint64_t transid = 0;

	if (ioctl(pool, BTRFS_IOC_START_SYNC, &transid) != 0)
		return -1;
	return ioctl(pool, BTRFS_IOC_WAIT_SYNC, &transid);
}

/* Copies the one item of the quota tree that is of this type and this quota group. */
static int quota_item(int pool, uint32_t type, uint64_t id, void *item, size_t size)
{
	struct btrfs_ioctl_search_args args = { .key = {
		.tree_id = BTRFS_QUOTA_TREE_OBJECTID,
		.min_type = type, .max_type = type,
		.min_offset = id, .max_offset = id, .max_transid = UINT64_MAX, .nr_items = 1,
	} };

	if (ioctl(pool, BTRFS_IOC_TREE_SEARCH, &args) != 0)
		return -1;
	if (args.key.nr_items == 0) {
		errno = ENOENT;
		return -1;
	}
	memcpy(item, args.buf + sizeof(struct btrfs_ioctl_search_header), size);
	return 0;
}

/* Referenced bytes of a quota group, from the quota tree: what `btrfs qgroup show` prints as rfer. */
static int referenced_bytes(int pool, uint64_t id, uint64_t *bytes)
{
	struct btrfs_qgroup_info_item item;

	if (quota_item(pool, BTRFS_QGROUP_INFO_KEY, id, &item, sizeof item) != 0)
		return -1;
	*bytes = item.rfer;
	return 0;
}

/* A figure below /sys/fs/btrfs/FSID/qgroups; 0 where the kernel does not tell it (before 5.9). */
static uint64_t qgroup_figure(int pool, const char *name)
{
	struct btrfs_ioctl_fs_info_args info = { 0 };
	unsigned long long figure = 0;
	char path[160] = "/sys/fs/btrfs/", *end = path + strlen(path);
	FILE *file;

	if (ioctl(pool, BTRFS_IOC_FS_INFO, &info) != 0)
		return 0;
	for (size_t i = 0; i < sizeof info.fsid; i++)
		end += sprintf(end, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", info.fsid[i]);
	snprintf(end, path + sizeof path - end, "/qgroups/%s", name);
	file = fopen(path, "re");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%llu", &figure) != 1)
		figure = 0;
	fclose(file);
	return figure;
}

/*
 * Once the kernel has found its counts inconsistent it counts no more, for nobody, and no limit holds any more, until all
 * of the pool has been counted anew. That is begun at once by whoever sees it; EINPROGRESS: somebody has.
 */
static int counts_again(int pool)
{
	struct btrfs_ioctl_quota_rescan_args args = { 0 };

	if (qgroup_figure(pool, "inconsistent") == 0)
		return 0;
	if (ioctl(pool, BTRFS_IOC_QUOTA_RESCAN, &args) != 0 && errno != EINPROGRESS)
		return -1;
	return 0;
}

/*
 * A quota group cannot go before its subvolume has been dropped for good, which a kernel thread does after the
 * next commit, and must not before that has been counted: taken away with figures in it, it makes all counts inconsistent
 * (dmesg: "to be deleted qgroup has non-zero numbers"). So we commit at once and look again. Kernels from 6.12 on take
 * it away themselves.
 */
static int remove_qgroup(int pool, uint64_t id)
{
	struct btrfs_ioctl_qgroup_create_args args = { .create = 0, .qgroupid = id };
	struct timespec step = { .tv_nsec = DROP_STEP_NS };
	uint64_t bytes;

	for (int i = 0; i < DROP_STEPS; i++) {
		if (i % 20 == 0 && commit(pool) != 0)
			return -1;
		if (referenced_bytes(pool, id, &bytes) != 0)
			return errno == ENOENT ? 0 : -1;
		if (bytes == 0 || qgroup_figure(pool, "inconsistent") != 0) {
			if (ioctl(pool, BTRFS_IOC_QGROUP_CREATE, &args) == 0)
				return counts_again(pool);
			if (errno == ENOENT || errno == ENOTCONN)
				return 0;
			if (errno != EBUSY)
				return -1;
		}
		nanosleep(&step, NULL);
	}
	errno = EBUSY;
	return -1;
}

int area_remove_main(int argc, char **argv)
{
	struct btrfs_ioctl_vol_args args = { 0 };
	uint64_t id;
	int pool, area;

	if (argc != 3 || !is_name(argv[2]))
		return usage("area-remove POOL NAME");
	pool = open_directory(AT_FDCWD, argv[1]);
	if (pool < 0)
		return fail("open the pool", errno);
	area = open_directory(pool, argv[2]);
	if (area < 0 && errno == ENOENT)
		return 0;
	if (area < 0)
		return fail("open the subvolume", errno);
	if (subvolume_id(area, &id) != 0)
		return fail("find the subvolume's id", errno);
	close(area);
	snprintf(args.name, sizeof args.name, "%s", argv[2]);
	if (ioctl(pool, BTRFS_IOC_SNAP_DESTROY, &args) != 0)
		return fail("delete the subvolume", errno);
	if (remove_qgroup(pool, id) != 0)
		return fail("remove the quota group", errno);
	close(pool);
	return 0;
}

/* The limit as the kernel holds it, also between two commits. */
int area_read_main(int argc, char **argv)
{
	struct btrfs_qgroup_limit_item item;
	uint64_t id;
	int pool, area;

	if (argc != 3 || !is_name(argv[2]))
		return usage("area-read POOL NAME");
	pool = open_directory(AT_FDCWD, argv[1]);
	area = pool < 0 ? -1 : open_directory(pool, argv[2]);
	if (area < 0 || subvolume_id(area, &id) != 0)
		return fail("open the subvolume", errno);
	if (quota_item(pool, BTRFS_QGROUP_LIMIT_KEY, id, &item, sizeof item) != 0)
		return fail("read the limit of the quota group", errno);
	if (item.flags & BTRFS_QGROUP_LIMIT_MAX_RFER)
		printf("{\"limitBytes\":%" PRIu64 "}\n", (uint64_t)item.max_rfer);
	else
		printf("{\"limitBytes\":null}\n");
	close(area);
	close(pool);
	return 0;
}

/* What the quota group has promised to writes that are on their way; kernels before 5.9 do not tell. */
static uint64_t reserved_bytes(int pool, uint64_t id)
{
	char name[64];

	snprintf(name, sizeof name, "0_%" PRIu64 "/rsv_data", id);
	return qgroup_figure(pool, name);
}

/*
 * What it holds and what it is about to hold, after a commit. First what is on its way: what arrives between the two
 * readings is counted twice then, and not left out.
 */
static int committed_use(int pool, uint64_t id, uint64_t *bytes)
{
	uint64_t reserved;

	if (commit(pool) != 0)
		return -1;
	reserved = reserved_bytes(pool, id);
	if (referenced_bytes(pool, id, bytes) != 0)
		return -1;
	*bytes += reserved;
	return 0;
}

/*
 * Exactly, once two commits in a row say the same: what a commit has under its hands is promised no more and not yet
 * counted, and somebody else's commit may be at it while we read. One that writes all the time gets the greater one.
 */
int area_use_main(int argc, char **argv)
{
	uint64_t id, bytes, before = 0;
	int pool, area;

	if (argc != 3 || !is_name(argv[2]))
		return usage("area-use POOL NAME");
	pool = open_directory(AT_FDCWD, argv[1]);
	area = pool < 0 ? -1 : open_directory(pool, argv[2]);
	if (area < 0 || subvolume_id(area, &id) != 0)
		return fail("open the subvolume", errno);
	if (counts_again(pool) != 0 || ioctl(pool, BTRFS_IOC_QUOTA_RESCAN_WAIT) != 0)
		return fail("count the pool anew", errno);
	if (committed_use(pool, id, &bytes) != 0)
		return fail("read the quota group", errno);
	for (int i = 0; i < SETTLE_ROUNDS; i++) {
		before = bytes;
		if (committed_use(pool, id, &bytes) != 0)
			return fail("read the quota group", errno);
		if (bytes == before)
			break;
	}
	printf("{\"usedBytes\":%" PRIu64 "}\n", bytes > before ? bytes : before);
	close(area);
	close(pool);
	return 0;
}

int area_usage_main(int argc, char **argv)
{
	int pool, printed = 0;

	if (argc < 2)
		return usage("area-usage POOL NAME...");
	pool = open_directory(AT_FDCWD, argv[1]);
	if (pool < 0)
		return fail("open the pool", errno);
	if (counts_again(pool) != 0)
		return fail("count the pool anew", errno);
	printf("{");
	for (int i = 2; i < argc; i++) {
		uint64_t id, bytes;
		int area = is_name(argv[i]) ? open_directory(pool, argv[i]) : -1;

		/* One that has just been deleted is left out. */
		if (area < 0)
			continue;
		if (subvolume_id(area, &id) == 0 && referenced_bytes(pool, id, &bytes) == 0)
			printf("%s\"%s\":%" PRIu64, printed++ ? "," : "", argv[i], bytes);
		close(area);
	}
	printf("}\n");
	close(pool);
	return 0;
}
