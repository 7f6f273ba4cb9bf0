/*
 * The network of a VPS, made by an OCI createRuntime hook: the same hook serves a start and a restore, since CRIU
 * has runc call it when the namespaces stand and the sockets do not yet.
 *
 * The pair is created with its peer directly in the VPS's namespace (2.7 ms). Moving a finished peer there costs
 * 22 to 49 ms of waiting for RCU, inside a migration's freeze.
 */
#include "native.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct request {
	struct nlmsghdr header;
	char body[1024];
};

static void begin(struct request *request, unsigned short type, unsigned short flags, const void *body, size_t size)
{
	memset(request, 0, sizeof *request);
	request->header.nlmsg_type = type;
	request->header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	request->header.nlmsg_len = (unsigned)NLMSG_LENGTH(size);
	memcpy(NLMSG_DATA(&request->header), body, size);
}

static struct rtattr *put(struct request *request, unsigned short type, const void *data, size_t size)
{
	struct rtattr *attribute = (void *)((char *)request + NLMSG_ALIGN(request->header.nlmsg_len));

	attribute->rta_type = type;
	attribute->rta_len = (unsigned short)RTA_LENGTH(size);
	if (size > 0)
		memcpy(RTA_DATA(attribute), data, size);
	request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (unsigned)RTA_ALIGN(attribute->rta_len);
	return attribute;
}

static void end(struct request *request, struct rtattr *nest)
{
	nest->rta_len = (unsigned short)((char *)request + request->header.nlmsg_len - (char *)nest);
}

/* 0, or -1 with the kernel's own errno. */
static int talk(int netlink, struct request *request)
{
	char answer[4096];
	struct nlmsghdr *header = (void *)answer;
	ssize_t length;

	if (send(netlink, request, request->header.nlmsg_len, 0) < 0)
		return -1;
	length = recv(netlink, answer, sizeof answer, 0);
	if (length < (ssize_t)NLMSG_LENGTH(sizeof(struct nlmsgerr)) || header->nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return -1;
	}
	errno = -((struct nlmsgerr *)NLMSG_DATA(header))->error;
	return errno == 0 ? 0 : -1;
}

static int delete_link(int netlink, const char *name)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct request request;

	begin(&request, RTM_DELLINK, 0, &info, sizeof info);
	put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	return talk(netlink, &request);
}

static int create_pair(int netlink, const char *name, unsigned bridge, const unsigned char *mac, unsigned pid)
{
	struct ifinfomsg info = { .ifi_family = AF_UNSPEC, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct request request;
	struct rtattr *link, *data, *peer;

	begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	put(&request, IFLA_IFNAME, name, strlen(name) + 1);
	put(&request, IFLA_MASTER, &bridge, sizeof bridge);
	link = put(&request, IFLA_LINKINFO, NULL, 0);
	put(&request, IFLA_INFO_KIND, "veth", sizeof "veth");
	data = put(&request, IFLA_INFO_DATA, NULL, 0);
	peer = put(&request, VETH_INFO_PEER, NULL, 0);
	request.header.nlmsg_len += (unsigned)sizeof(struct ifinfomsg);
	put(&request, IFLA_IFNAME, "eth0", sizeof "eth0");
	put(&request, IFLA_ADDRESS, mac, 6);
	put(&request, IFLA_NET_NS_PID, &pid, sizeof pid);
	end(&request, peer);
	end(&request, data);
	end(&request, link);
	return talk(netlink, &request);
}

/*
 * The queues that a rate is set in later (engine/shaping.ts), open as yet. Setting one up takes the link down for some
 * 10 us, in which packets are lost, and each costs its connection the 200 ms until TCP sends it again: so it is done
 * here, before anybody talks, and every later change is one in place. On a kernel without them the link goes without:
 * the node says that it cannot hold rates.
 *
 * 1 Tbit/s is beyond every rate that can be asked for; shaping.ts reads it as "no limit".
 */
static void add_queues(int netlink, const char *name)
{
	static const unsigned long long open_bytes_per_second = 125000000000ull;
	static const unsigned burst_bytes = 1 << 20;
	struct tc_tbf_qopt rate = {
		.rate = { .linklayer = TC_LINKLAYER_ETHERNET, .rate = ~0u }, .limit = 4 << 20,
	};
	struct tcmsg root = {
		.tcm_ifindex = (int)if_nametoindex(name), .tcm_parent = TC_H_ROOT, .tcm_handle = TC_H_MAKE(1 << 16, 0),
	};
	struct tcmsg ingress = {
		.tcm_ifindex = root.tcm_ifindex, .tcm_parent = TC_H_INGRESS,
		.tcm_handle = TC_H_MAKE(TC_H_INGRESS, 0),
	};
	struct request request;
	struct rtattr *options;

	begin(&request, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &root, sizeof root);
	put(&request, TCA_KIND, "tbf", sizeof "tbf");
	options = put(&request, TCA_OPTIONS, NULL, 0);
	put(&request, TCA_TBF_PARMS, &rate, sizeof rate);
	put(&request, TCA_TBF_BURST, &burst_bytes, sizeof burst_bytes);
	put(&request, TCA_TBF_RATE64, &open_bytes_per_second, sizeof open_bytes_per_second);
	end(&request, options);
	(void)talk(netlink, &request);
	begin(&request, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL, &ingress, sizeof ingress);
	put(&request, TCA_KIND, "ingress", sizeof "ingress");
	(void)talk(netlink, &request);
}

static int set_up(int netlink, int index)
{
	struct ifinfomsg info = { .ifi_index = index, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
	struct request request;

	begin(&request, RTM_NEWLINK, 0, &info, sizeof info);
	return talk(netlink, &request);
}

static int add_address(int netlink, int index, struct in_addr address, unsigned char prefix)
{
	struct ifaddrmsg info = { .ifa_family = AF_INET, .ifa_prefixlen = prefix, .ifa_index = (unsigned)index };
	struct in_addr broadcast = { .s_addr = address.s_addr | htonl(0xFFFFFFFFu >> prefix) };
	struct request request;

	begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	put(&request, IFA_LOCAL, &address, sizeof address);
	put(&request, IFA_ADDRESS, &address, sizeof address);
	put(&request, IFA_BROADCAST, &broadcast, sizeof broadcast);
	return talk(netlink, &request);
}

static int add_default_route(int netlink, int index, struct in_addr gateway)
{
	struct rtmsg info = {
		.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT,
		.rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST,
	};
	struct request request;

	begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
	put(&request, RTA_GATEWAY, &gateway, sizeof gateway);
	put(&request, RTA_OIF, &index, sizeof index);
	return talk(netlink, &request);
}

/* The state of the container comes on stdin (OCI runtime spec, "Hooks"); all that is needed of it is a number. */
static unsigned read_pid(void)
{
	static char state[65536];
	size_t length = 0;
	ssize_t got;
	char *found;

	while (length < sizeof state - 1 && (got = read(0, state + length, sizeof state - 1 - length)) > 0)
		length += (size_t)got;
	found = strstr(state, "\"pid\":");
	return found == NULL ? 0 : (unsigned)strtoul(found + strlen("\"pid\":"), NULL, 10);
}

static int enter_network(unsigned pid)
{
	char path[64];
	int fd, status;

	snprintf(path, sizeof path, "/proc/%u/ns/net", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	status = setns(fd, CLONE_NEWNET);
	close(fd);
	return status;
}

static int fit_inside(struct in_addr address, unsigned char prefix, struct in_addr gateway)
{
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	int loopback = (int)if_nametoindex("lo"), ethernet = (int)if_nametoindex("eth0");

	if (netlink < 0 || loopback == 0 || ethernet == 0)
		return fail("find the interfaces of the VPS", errno);
	if (set_up(netlink, loopback) != 0)
		return fail("raise lo", errno);
	if (add_address(netlink, ethernet, address, prefix) != 0)
		return fail("give eth0 its address", errno);
	if (set_up(netlink, ethernet) != 0)
		return fail("raise eth0", errno);
	if (add_default_route(netlink, ethernet, gateway) != 0)
		return fail("set the default route", errno);
	return 0;
}

/*
 * The kernel starts a link's sending side some time after its carrier came up (linkwatch); until then the answers to what
 * is announced would be dropped at the host's end, and asked for again only after a second.
 */
static void await_up(const char *name)
{
	char path[96], state[3] = "";
	int fd, tries;

	snprintf(path, sizeof path, "/sys/class/net/%s/operstate", name);
	for (tries = 0; tries < 100; tries++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return; /* nothing to be learned by waiting */
		if (read(fd, state, 2) == 2 && strcmp(state, "up") == 0)
			tries = 100;
		close(fd);
		usleep(200); /* once more when it is up: the queue is opened just after the state is set */
	}
}

/*
 * A gratuitous ARP (RFC 5227, section 3). Whoever asked for the address before the VPS was there would ask again only
 * after a second, and one that knew it at another node would go on talking to that one. Losing it is no failure.
 */
static void announce(struct in_addr address, const unsigned char *mac)
{
	struct sockaddr_ll everyone = {
		.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_halen = ETH_ALEN,
		.sll_ifindex = (int)if_nametoindex("eth0"), .sll_addr = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
	};
	struct ether_arp arp = {
		.ea_hdr = { .ar_hrd = htons(ARPHRD_ETHER), .ar_pro = htons(ETH_P_IP), .ar_hln = ETH_ALEN, .ar_pln = 4,
			    .ar_op = htons(ARPOP_REQUEST) },
	};
	int packet = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (packet < 0)
		return;
	memcpy(arp.arp_sha, mac, ETH_ALEN);
	memcpy(arp.arp_spa, &address, sizeof address);
	memcpy(arp.arp_tpa, &address, sizeof address);
	if (sendto(packet, &arp, sizeof arp, 0, (struct sockaddr *)&everyone, sizeof everyone) < 0)
		perror("announce the address");
	close(packet);
}

static int parse_mac(const char *text, unsigned char *mac)
{
	int used = 0;

	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5,
		      &used) == 6 && text[used] == '\0' ? 0 : -1;
}

int veth_main(int argc, char **argv)
{
	struct in_addr address, gateway;
	unsigned long long prefix;
	unsigned char mac[6];
	unsigned bridge, pid;
	int netlink;

	if (argc != 7 || !is_name(argv[1]) || !is_name(argv[2]) || parse_mac(argv[3], mac) != 0 ||
	    inet_pton(AF_INET, argv[4], &address) != 1 || parse_number(argv[5], 30, &prefix) != 0 ||
	    inet_pton(AF_INET, argv[6], &gateway) != 1)
		return usage("veth NAME BRIDGE MAC ADDRESS PREFIX GATEWAY");
	pid = read_pid();
	if (pid == 0)
		return usage("the container's state with its pid on stdin");
	bridge = if_nametoindex(argv[2]);
	if (bridge == 0)
		return fail("find the bridge", errno);
	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	if (netlink < 0)
		return fail("open netlink", errno);
	/* One of an earlier run goes with its namespace, but some milliseconds after it. */
	if (create_pair(netlink, argv[1], bridge, mac, pid) != 0 &&
	    (errno != EEXIST || delete_link(netlink, argv[1]) != 0 ||
	     create_pair(netlink, argv[1], bridge, mac, pid) != 0))
		return fail("create the veth pair", errno);
	add_queues(netlink, argv[1]);
	if (enter_network(pid) != 0)
		return fail("enter the network of the VPS", errno);
	if (fit_inside(address, (unsigned char)prefix, gateway) != 0)
		return 1;
	await_up(argv[1]);
	announce(address, mac);
	return 0;
}

int link_delete_main(int argc, char **argv)
{
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (argc != 2 || !is_name(argv[1]))
		return usage("link-delete NAME");
	if (netlink < 0)
		return fail("open netlink", errno);
	if (delete_link(netlink, argv[1]) != 0 && errno != ENODEV)
		return fail("delete the link", errno);
	close(netlink);
	return 0;
}
