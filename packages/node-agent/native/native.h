/*
 * What Node.js cannot do: idmapped mounts, btrfs ioctls, netlink, a terminal for another process. One static
 * binary, so that it works as an OCI hook and needs nothing from the host; argument vectors in, one line of JSON out.
 */
#ifndef MUSTER_NATIVE_H
#define MUSTER_NATIVE_H

/* Every subcommand: argv[0] is its name; 0, or an exit code after it called fail(). */
int area_create_main(int argc, char **argv);
int area_remove_main(int argc, char **argv);
int area_limit_main(int argc, char **argv);
int area_usage_main(int argc, char **argv);
int area_read_main(int argc, char **argv);
int area_use_main(int argc, char **argv);
int host_name_main(int argc, char **argv);
int root_mount_main(int argc, char **argv);
int root_unmount_main(int argc, char **argv);
int veth_main(int argc, char **argv);
int link_delete_main(int argc, char **argv);
int run_main(int argc, char **argv);
int pty_main(int argc, char **argv);

/* Prints {"what":...,"errno":...} on stderr and returns 1. */
int fail(const char *what, int error);
/* As fail(), for arguments that are not what they should be. */
int usage(const char *expected);
/* Whole text is a decimal number from 0 to max. */
int parse_number(const char *text, unsigned long long max, unsigned long long *value);
/* 1 when text is 1 to 15 of a-z, 0-9 and '-', so that it is a plain file name and an interface name. */
int is_name(const char *text);

#endif
