/*
 * muster-native COMMAND ARG... [+ COMMAND ARG...]...
 *
 * Commands joined by "+" run in one process, one after the other, and stop at the first that fails: a process
 * costs 4 ms to start from a Node.js of 80 MB, most of these commands less than one.
 */
#include "native.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	/* The rest of the line is another program's: a "+" in it is not ours. */
	int takes_rest;
};

static const struct command commands[] = {
	{ "area-create", area_create_main, 0 },
	{ "area-remove", area_remove_main, 0 },
	{ "area-limit", area_limit_main, 0 },
	{ "area-usage", area_usage_main, 0 },
	{ "area-read", area_read_main, 0 },
	{ "area-use", area_use_main, 0 },
	{ "host-name", host_name_main, 0 },
	{ "root-mount", root_mount_main, 0 },
	{ "root-unmount", root_unmount_main, 0 },
	{ "veth", veth_main, 0 },
	{ "link-delete", link_delete_main, 0 },
	{ "run", run_main, 1 },
#ifdef WITH_PTY
	{ "pty", pty_main, 1 },
#endif
};

int fail(const char *what, int error)
{
	const char *name = strerrorname_np(error);

	fprintf(stderr, "{\"what\":\"%s\",\"errno\":\"%s\"}\n", what, name == NULL ? "UNKNOWN" : name);
	return 1;
}

int usage(const char *expected)
{
	return fail(expected, EINVAL);
}

int parse_number(const char *text, unsigned long long max, unsigned long long *value)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno != 0 || *end != '\0' || *value > max ? -1 : 0;
}

int is_name(const char *text)
{
	size_t length = strlen(text);

	return length >= 1 && length <= 15 && text[0] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static const struct command *find(const char *name)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

static int run_chain(int argc, char **argv)
{
	while (argc > 0) {
		const struct command *command = find(argv[0]);
		int length = 1, status;

		if (command == NULL)
			return usage("unknown command");
		while (length < argc && (command->takes_rest || strcmp(argv[length], "+") != 0))
			length++;
		status = command->run(length, argv);
		if (status != 0)
			return status;
		length += length < argc;
		argc -= length;
		argv += length;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc < 2)
		return usage("muster-native COMMAND ARG... [+ COMMAND ARG...]...");
	return run_chain(argc - 1, argv + 1);
}
