/*
 * pty COLUMNS ROWS DIRECTORY PROGRAM ARG...: a terminal for a process inside a VPS.
 *
 * PROGRAM is `runc exec --detach --tty --console-socket DIRECTORY/socket --pid-file DIRECTORY/pid ...`: runc sends the
 * terminal's master here and goes away, so what stays for each terminal is this program and not 15 MB of Go. The
 * process becomes our child (we are a subreaper), so its exit code is known.
 *
 * stdin   frames of a type, a length (32 bits, little endian) and that many bytes: 'd' data to type, 'r' columns and
 *         rows (16 bits each, little endian). Its end, which the agent's death is too, hangs the terminal up.
 * stdout  what the terminal shows, raw.
 * stderr  a line {"started":true} when the process runs; before it, runc's own words.
 */
#include "native.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HEADER_BYTES = 5, HANG_UP_MS = 2000, DRAIN_MS = 200 };

struct terminal {
	char socket_path[108], pid_path[108], directory[108];
	int listener, master, signals;
	pid_t starter;		/* runc, while it is at work */
	pid_t process;		/* what runs in the terminal, once it does */
	/* A child that ended before runc's own end was seen: perhaps the process itself. */
	pid_t early;
	int early_status;
	struct winsize size;
	/* The frame being read. */
	unsigned char header[HEADER_BYTES], number[4];
	size_t header_length, payload_left, number_length;
	/* Typed, and not yet taken by the terminal: nothing more is read from stdin meanwhile. */
	unsigned char typed[4096];
	size_t typed_length;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void clear_away(const struct terminal *t)
{
	unlink(t->socket_path);
	unlink(t->pid_path);
	rmdir(t->directory);
}

static int listen_at(struct terminal *t)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	strcpy(address.sun_path, t->socket_path);
	t->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (t->listener < 0 || bind(t->listener, (struct sockaddr *)&address, sizeof address) != 0)
		return -1;
	return listen(t->listener, 1);
}

static int watch_signals(struct terminal *t, sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, before) != 0)
		return -1;
	t->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signals < 0 ? -1 : 0;
}

static pid_t start(char **argv, const sigset_t *signals)
{
	pid_t child = fork();

	if (child != 0)
		return child;
	sigprocmask(SIG_SETMASK, signals, NULL);
	signal(SIGPIPE, SIG_DFL);
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, 0);
	dup2(null, 1);
	execvp(argv[0], argv);
	fail("execute the program", errno);
	_exit(127);
}

/* The terminal's master comes as a control message (runc's docs/terminals.md). */
static int receive_master(struct terminal *t)
{
	char name[256], control[CMSG_SPACE(sizeof(int))];
	struct iovec data = { name, sizeof name };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
	int connection = accept4(t->listener, NULL, NULL, SOCK_CLOEXEC);
	struct cmsghdr *header;

	if (connection < 0 || recvmsg(connection, &message, MSG_CMSG_CLOEXEC) < 0)
		return -1;
	close(connection);
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(sizeof(int))) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&t->master, CMSG_DATA(header), sizeof(int));
	close(t->listener);
	t->listener = -1;
	ioctl(t->master, TIOCSWINSZ, &t->size);
	return fcntl(t->master, F_SETFL, O_NONBLOCK);
}

static pid_t read_pid(const struct terminal *t)
{
	char text[32] = "";
	unsigned long long pid;
	int fd = open(t->pid_path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	ssize_t length = read(fd, text, sizeof text - 1);
	close(fd);
	return length > 0 && parse_number(text, INT32_MAX, &pid) == 0 ? (pid_t)pid : 0;
}

static int write_all(int fd, const unsigned char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0)
			return -1;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

/* 1 when there was something, 0 when nothing now, -1 when nobody is left on either side. */
static int show(struct terminal *t)
{
	unsigned char bytes[65536];
	ssize_t length = read(t->master, bytes, sizeof bytes);

	if (length > 0)
		return write_all(1, bytes, (size_t)length) == 0 ? 1 : -1;
	return length < 0 && errno == EAGAIN ? 0 : -1;
}

static void resize(struct terminal *t)
{
	t->size.ws_col = (unsigned short)(t->number[0] | t->number[1] << 8);
	t->size.ws_row = (unsigned short)(t->number[2] | t->number[3] << 8);
	if (t->master >= 0)
		ioctl(t->master, TIOCSWINSZ, &t->size);
}

/* One byte of a frame. */
static void take(struct terminal *t, unsigned char byte)
{
	if (t->payload_left == 0) {
		t->header[t->header_length++] = byte;
		if (t->header_length < HEADER_BYTES)
			return;
		memcpy(&t->payload_left, t->header + 1, 4); /* little endian machines only: x86 and arm64 */
		t->header_length = t->number_length = 0;
		return;
	}
	t->payload_left--;
	if (t->header[0] == 'd' && (t->master >= 0 || t->listener >= 0))
		t->typed[t->typed_length++] = byte;
	else if (t->number_length < sizeof t->number)
		t->number[t->number_length++] = byte;
	if (t->payload_left == 0 && t->header[0] == 'r')
		resize(t);
}

/* 0 at the end of stdin: nobody will type any more. */
static int take_input(struct terminal *t)
{
	unsigned char bytes[sizeof t->typed];
	ssize_t length = read(0, bytes, sizeof bytes);

	for (ssize_t i = 0; i < length; i++)
		take(t, bytes[i]);
	return length > 0;
}

static void type_out(struct terminal *t)
{
	ssize_t written = write(t->master, t->typed, t->typed_length);

	if (written <= 0)
		return;
	t->typed_length -= (size_t)written;
	memmove(t->typed, t->typed + written, t->typed_length);
}

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* -1 while it goes on; else the exit code. */
static int reap(struct terminal *t)
{
	struct signalfd_siginfo drained;
	int status;
	pid_t pid;

	while (read(t->signals, &drained, sizeof drained) > 0)
		if (drained.ssi_signo == SIGTERM)
			return 128 + SIGTERM;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == t->starter) {
			t->starter = 0;
			t->process = read_pid(t);
			clear_away(t);
			if (t->process == 0)
				return code_of(status) == 0 ? 1 : code_of(status);
			dprintf(2, "{\"started\":true}\n");
			if (t->process == t->early) {
				t->process = 0;
				return code_of(t->early_status);
			}
		} else if (t->starter != 0) {
			t->early = pid;
			t->early_status = status;
		} else if (t->process != 0 && pid == t->process) {
			t->process = 0;
			return code_of(status);
		}
	}
	return -1;
}

/* What it wrote last is still in the terminal. Its children may hold the terminal open for ever: not waited for. */
static void drain(struct terminal *t)
{
	int64_t until = now_ms() + DRAIN_MS;

	while (t->master >= 0 && now_ms() < until && show(t) == 1)
		;
}

/* SIGHUP is what a closed terminal sends; what ignores it for two seconds is killed with its whole process group. */
static void hang_up(struct terminal *t)
{
	int64_t until = now_ms() + HANG_UP_MS;
	int status;

	if (t->starter != 0) {
		kill(t->starter, SIGKILL);
		waitpid(t->starter, &status, 0);
		t->process = read_pid(t);
	}
	clear_away(t);
	if (t->process == 0)
		return;
	if (t->master >= 0)
		close(t->master);
	kill(-t->process, SIGHUP);
	kill(-t->process, SIGCONT);
	while (now_ms() < until && waitpid(t->process, &status, WNOHANG) == 0)
		usleep(10000);
	kill(-t->process, SIGKILL);
}

static int serve(struct terminal *t)
{
	for (;;) {
		struct pollfd fds[] = {
			{ .fd = 0, .events = (short)(POLLRDHUP | (t->typed_length == 0 ? POLLIN : 0)) },
			{ .fd = t->signals, .events = POLLIN },
			{ .fd = t->listener, .events = POLLIN },
			{ .fd = t->master, .events = (short)(POLLIN | (t->typed_length > 0 ? POLLOUT : 0)) },
		};
		int code;

		if (poll(fds, 4, -1) < 0 && errno != EINTR)
			return fail("wait for the terminal", errno);
		if (fds[1].revents != 0 && (code = reap(t)) >= 0) {
			drain(t);
			return code;
		}
		if (fds[2].revents != 0 && receive_master(t) != 0)
			return fail("receive the terminal", errno);
		if (t->typed_length == 0 ? fds[0].revents != 0 && !take_input(t) : (fds[0].revents & (POLLHUP | POLLRDHUP)) != 0)
			return 128 + SIGHUP;
		if ((fds[3].revents & POLLOUT) != 0)
			type_out(t);
		/* The other side was closed: by the process that is about to be reaped, or for good. */
		if ((fds[3].revents & (POLLIN | POLLHUP)) != 0 && show(t) < 0) {
			close(t->master);
			t->master = -1;
			t->typed_length = 0;
		}
	}
}

int pty_main(int argc, char **argv)
{
	struct terminal t = { .listener = -1, .master = -1, .signals = -1 };
	unsigned long long columns, rows;
	sigset_t signals;

	if (argc < 5 || parse_number(argv[1], 500, &columns) != 0 || parse_number(argv[2], 500, &rows) != 0 ||
	    strlen(argv[3]) > 90)
		return usage("pty COLUMNS ROWS DIRECTORY PROGRAM ARG...");
	t.size.ws_col = (unsigned short)columns;
	t.size.ws_row = (unsigned short)rows;
	strcpy(t.directory, argv[3]);
	snprintf(t.socket_path, sizeof t.socket_path, "%s/socket", argv[3]);
	snprintf(t.pid_path, sizeof t.pid_path, "%s/pid", argv[3]);
	signal(SIGPIPE, SIG_IGN);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || watch_signals(&t, &signals) != 0 || listen_at(&t) != 0)
		return fail("prepare the terminal", errno);
	argv[argc] = NULL;
	t.starter = start(argv + 4, &signals);
	if (t.starter < 0)
		return fail("start the program", errno);
	int code = serve(&t);
	hang_up(&t);
	return code;
}
