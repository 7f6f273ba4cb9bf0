/**
 * The queues of an interface that is held to a rate, as lines of tc: a tbf (tc-tbf(8)), and in it two queues before each
 * other (htb with two classes that are never held back).
 *
 * Packets of less than 512 bytes go first: handshakes, acknowledgements, keystrokes, questions. Behind the others they
 * would wait, and be dropped with them, while a transfer fills the link (worst answer to a small question during a TCP
 * transfer at 80 Mbit/s: 342 ms without, of retransmission, 11 ms with).
 *
 * Rejected: htb for the rate too, which lets a 64 KiB GSO packet through as one, 5 s of 100 kbit/s, where tbf cuts it in
 * frames. fq_codel, which would tell flows apart better: not in every kernel.
 */

/** 1 Tbit/s: above all that the model lets anybody ask for, and what native/veth.c sets at the start. */
export const OPEN_BITS_PER_SECOND = 1_000_000_000_000;
const OPEN = { burst: 1 << 20, limit: 4 << 20 };

/**
 * The bucket: 5 ms of the rate, more than a tick of the slowest timer (4 ms at Debian's HZ=250; tc-tbf(8) asks for
 * that much), and never less than one frame. The queue behind it: 10 ms more, so that who asks the VPS something while a
 * transfer fills its link waits at most 15 ms. Short of 10 Mbit/s it is 8 frames, with which TCP still fills the link. A
 * transfer over 100 ms of round trip dips to 80 % after each loss then (CUBIC's 0.7 of 115 ms), over 50 ms to 91 %.
 * Measured with these, TCP payload to and from a VPS at 0.1, 0.3, 1, 2, 5, 10, 30, 100, 300, 1000, 3000 and 10,000
 * Mbit/s: 93 to 107 % of the figure.
 */
const BURST_SECONDS = 0.005;
const QUEUE_SECONDS = 0.01;
export const FRAME_BYTES = 1600; // 1514, with room for VLAN tags
const QUEUE_FRAMES = 8;
/** IPv4's longest packet, as which GSO brings what TCP sends. */
const LARGEST_BYTES = 65_536;

interface Bucket {
  burst: number;
  limit: number;
}

/** Bytes, for tc. */
export function bucketOf(bitsPerSecond: number): Bucket {
  const bytesPerSecond = bitsPerSecond / 8;
  const burst = Math.max(FRAME_BYTES, Math.ceil(bytesPerSecond * BURST_SECONDS));
  return { burst, limit: burst + Math.max(QUEUE_FRAMES * FRAME_BYTES, Math.ceil(bytesPerSecond * QUEUE_SECONDS)) };
}

/**
 * Below 105 Mbit/s the longest packet does not pass through the bucket. There everything is cut to frames as it comes in,
 * and not only what is longer than the bucket: so nothing that waits at such a rate is too long for the bucket of a lower
 * one. Above, whole packets cost far less CPU.
 */
export function cutsToFrames(bitsPerSecond: number): boolean {
  return bucketOf(bitsPerSecond).burst < LARGEST_BYTES;
}

/** Of the queue in the tree that holds all but small packets. */
export const BULK_HANDLE = "12:";

/** The whole tree. It begins with a plain queue in the tbf: what is left of a tree half-made goes with that. */
export function queueLines(name: string, bitsPerSecond: number): string[] {
  const { burst, limit } = bucketOf(bitsPerSecond);
  const unheld = "htb rate 1tbit burst 1mb cburst 1mb quantum 60000";
  const leaf = (number: number) => [
    `class add dev ${name} parent 10: classid 10:${number} ${unheld} prio ${number}`,
    `qdisc add dev ${name} parent 10:${number} handle 1${number}: bfifo limit ${limit}`,
  ];
  return [
    openLine(name),
    `qdisc replace dev ${name} parent 1:1 handle 9: bfifo limit ${OPEN.limit}`,
    `qdisc replace dev ${name} parent 1:1 handle 10: htb default 2`,
    ...leaf(1),
    ...leaf(2),
    // Of the total length in the IPv4 header (RFC 791) these bits are 0 below 512 bytes, which is the longest plain answer
    // of DNS too (RFC 1035).
    `filter add dev ${name} parent 10: protocol ip prio 1 u32 match u16 0 0xfe00 at 2 flowid 10:1`,
    `filter add dev ${name} parent 10: protocol arp prio 2 u32 match u32 0 0 flowid 10:1`,
    rateLine(name, bitsPerSecond, { burst, limit }),
  ];
}

export function changeLines(name: string, bitsPerSecond: number | null): string[] {
  const bucket = bitsPerSecond === null ? OPEN : bucketOf(bitsPerSecond);
  const leaf = (number: number) =>
    `qdisc change dev ${name} parent 10:${number} handle 1${number}: bfifo limit ${bucket.limit}`;
  return [leaf(1), leaf(2), rateLine(name, bitsPerSecond, bucket)];
}

/** tbf cuts to its smaller bucket, which is the one of the peak rate; a peak that nobody can reach holds nobody. */
const CUT = `peakrate ${OPEN_BITS_PER_SECOND}bit mtu ${FRAME_BYTES}`;

function rateLine(name: string, bitsPerSecond: number | null, { burst, limit }: Bucket): string {
  const rate = bitsPerSecond ?? OPEN_BITS_PER_SECOND;
  const cut = cutsToFrames(rate) ? ` ${CUT}` : "";
  return `qdisc replace dev ${name} root handle 1: tbf rate ${rate}bit burst ${burst} limit ${limit}${cut}`;
}

export function openLine(name: string): string {
  return rateLine(name, null, OPEN);
}
