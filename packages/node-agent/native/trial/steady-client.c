/*
 * steady-client ADDRESS KEPT_PORT: asks a VPS for a page every 5 ms, over one connection that stays open and over a new
 * one each time (port 80), and tells the longest time in which no answer came. Each line on stdin ends a lap and gets one
 * line of JSON (trial/steadiness.ts has its shape); it ends with its stdin. No part of the product.
 *
 * It runs before all else that this machine has to do, where that can be had: a client that waits for a CPU sees gaps
 * that nobody made. And it is not written in a language that collects its garbage, which is a gap of 5 to 8 ms.
 *
 * A machine that is itself a guest is not always run. A witness on each CPU sleeps for a millisecond, again and again:
 * when it was woken late, and the hypervisor's own count of stolen time (man 5 proc_stat, steal) rose meanwhile, that
 * span was stolen. A late waking without that is the kernel's doing or ours, and is not. `ownGapMs` is the longest gap
 * without what was stolen of it.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define EVERY_MS 5
#define GIVE_UP_MS 2000
/* Three times what the clients leave between two questions: gaps from here on are held against what was stolen. */
#define LONG_MS 15
#define MOST_SPANS 4096
#define CLIENT_PRIORITY 1

#define WITNESS_PRIORITY 50
#define WITNESS_SLEEP_MS 1
#define WITNESS_LATE_MS 2
#define WITNESS_LOOKS_EVERY 5
/* USER_HZ is 100; fixed by the kernel's ABI on x86 and arm64. */
#define TICK_MS 10

struct span {
	double from_ms, to_ms;
};

struct spans {
	size_t count;
	struct span all[MOST_SPANS];
};

struct visitor {
	bool keeps;
	int port, socket;
	long answers, failures;
	double longest_ms, at_ms;
	struct spans gaps;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sockaddr_in vps = { .sin_family = AF_INET };
static char question[256];
static struct visitor kept = { .keeps = true, .socket = -1 }, fresh = { .port = 80, .socket = -1 };
static struct spans stolen;

/* The clock of process.hrtime. */
static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static void sleep_ms(double ms)
{
	if (ms > 0)
		usleep(ms * 1000);
}

/* Without leave it is an ordinary thread, and its gaps are those of one. */
static void hurry(int priority)
{
	struct sched_param asked = { .sched_priority = priority };

	pthread_setschedparam(pthread_self(), SCHED_FIFO, &asked);
}

static void keep(struct spans *spans, double from_ms, double to_ms)
{
	if (spans->count < MOST_SPANS)
		spans->all[spans->count++] = (struct span){ from_ms, to_ms };
}

static bool open_socket(struct visitor *visitor)
{
	struct sockaddr_in to = vps;
	int on = 1;

	to.sin_port = htons(visitor->port);
	visitor->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(visitor->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return connect(visitor->socket, (struct sockaddr *)&to, sizeof to) == 0;
}

static void close_socket(struct visitor *visitor)
{
	close(visitor->socket);
	visitor->socket = -1;
}

static bool ask(struct visitor *visitor)
{
	struct pollfd answered;
	char answer[4096];
	bool heard;

	if (visitor->socket < 0 && !open_socket(visitor)) {
		close_socket(visitor);
		return false;
	}
	answered = (struct pollfd){ .fd = visitor->socket, .events = POLLIN };
	heard = send(visitor->socket, question, strlen(question), MSG_NOSIGNAL) > 0 &&
		poll(&answered, 1, GIVE_UP_MS) > 0 && recv(visitor->socket, answer, sizeof answer, 0) > 0;
	if (!heard || !visitor->keeps)
		close_socket(visitor);
	return heard;
}

static void note(struct visitor *visitor, double now)
{
	double gap_ms = now - visitor->at_ms;

	if (gap_ms > visitor->longest_ms)
		visitor->longest_ms = gap_ms;
	if (gap_ms > LONG_MS)
		keep(&visitor->gaps, visitor->at_ms, now);
}

static void *visit(void *argument)
{
	struct visitor *visitor = argument;

	hurry(CLIENT_PRIORITY);
	for (;;) {
		double asked_ms = now_ms();
		bool answered = ask(visitor);
		double now = now_ms();

		pthread_mutex_lock(&lock);
		if (answered) {
			visitor->answers++;
			note(visitor, now);
			visitor->at_ms = now;
		} else {
			visitor->failures++;
		}
		pthread_mutex_unlock(&lock);
		sleep_ms(EVERY_MS - (now_ms() - asked_ms));
	}
	return NULL;
}

/* The eighth figure of the CPU's line. */
static long stolen_ticks(int cpu)
{
	FILE *file = fopen("/proc/stat", "re");
	char line[512], name[16];
	long ticks = 0;

	snprintf(name, sizeof name, "cpu%d ", cpu);
	while (file != NULL && fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			sscanf(line, "%*s %*d %*d %*d %*d %*d %*d %*d %ld", &ticks);
	if (file != NULL)
		fclose(file);
	return ticks;
}

static void *witness(void *argument)
{
	int cpu = (int)(long)argument;
	long ticks = stolen_ticks(cpu);
	cpu_set_t own;

	CPU_ZERO(&own);
	CPU_SET(cpu, &own);
	pthread_setaffinity_np(pthread_self(), sizeof own, &own);
	hurry(WITNESS_PRIORITY);
	for (long count = 1;; count++) {
		double from = now_ms() + WITNESS_SLEEP_MS, to, stolen_ms;
		long before = ticks;

		sleep_ms(WITNESS_SLEEP_MS);
		to = now_ms();
		if (to - from <= WITNESS_LATE_MS && count % WITNESS_LOOKS_EVERY != 0)
			continue;
		ticks = stolen_ticks(cpu);
		if (to - from <= WITNESS_LATE_MS || ticks == before)
			continue;
		stolen_ms = (ticks - before) * TICK_MS;
		pthread_mutex_lock(&lock);
		keep(&stolen, to - from < stolen_ms ? from : to - stolen_ms, to);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static int by_beginning(const void *one, const void *other)
{
	double from = ((const struct span *)one)->from_ms, other_from = ((const struct span *)other)->from_ms;

	return (from > other_from) - (from < other_from);
}

/* How much of it was stolen on any CPU; what was stolen is in order. */
static double stolen_of(struct span gap)
{
	double sum = 0, done = gap.from_ms;

	for (size_t i = 0; i < stolen.count; i++) {
		double from = stolen.all[i].from_ms > done ? stolen.all[i].from_ms : done;
		double to = stolen.all[i].to_ms < gap.to_ms ? stolen.all[i].to_ms : gap.to_ms;

		if (to <= from)
			continue;
		sum += to - from;
		done = to;
	}
	return sum;
}

/* Of those that were not kept one by one, none is longer than LONG_MS. */
static double own_gap_ms(const struct visitor *visitor)
{
	double longest = visitor->longest_ms < LONG_MS ? visitor->longest_ms : LONG_MS;

	for (size_t i = 0; i < visitor->gaps.count; i++) {
		struct span gap = visitor->gaps.all[i];
		double own = gap.to_ms - gap.from_ms - stolen_of(gap);

		if (own > longest)
			longest = own;
	}
	return longest;
}

/* With what was asked for, so that a gap that has not ended yet counts too. */
static void print_visitor(const char *name, struct visitor *visitor)
{
	note(visitor, now_ms());
	printf("\"%s\":{\"answers\":%ld,\"failures\":%ld,\"longestGapMs\":%.3f,\"ownGapMs\":%.3f}", name,
	       visitor->answers, visitor->failures, visitor->longest_ms, own_gap_ms(visitor));
	visitor->answers = visitor->failures = 0;
	visitor->longest_ms = 0;
	visitor->gaps.count = 0;
}

static void end_lap(void)
{
	/* The witnesses of the last gap have their say. */
	sleep_ms(2 * WITNESS_SLEEP_MS);
	pthread_mutex_lock(&lock);
	qsort(stolen.all, stolen.count, sizeof *stolen.all, by_beginning);
	printf("{");
	print_visitor("kept", &kept);
	printf(",");
	print_visitor("fresh", &fresh);
	stolen.count = 0;
	pthread_mutex_unlock(&lock);
	printf("}\n");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	pthread_t thread;
	char line[16];

	if (argc != 3 || inet_pton(AF_INET, argv[1], &vps.sin_addr) != 1) {
		fprintf(stderr, "usage: steady-client ADDRESS KEPT_PORT\n");
		return 2;
	}
	kept.port = atoi(argv[2]);
	kept.at_ms = fresh.at_ms = now_ms();
	snprintf(question, sizeof question, "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", argv[1]);
	for (long cpu = 0; cpu < get_nprocs(); cpu++)
		pthread_create(&thread, NULL, witness, (void *)cpu);
	pthread_create(&thread, NULL, visit, &kept);
	pthread_create(&thread, NULL, visit, &fresh);
	while (fgets(line, sizeof line, stdin) != NULL)
		end_lap();
	return 0;
}
