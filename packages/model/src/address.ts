/** IPv4 arithmetic over 32-bit unsigned numbers (RFC 4632 for prefixes). */
import { z } from "zod";

const OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const ADDRESS = new RegExp(`^${OCTET}(\\.${OCTET}){3}$`);

export const ipv4Schema = z.string().regex(ADDRESS, "must be an IPv4 address such as 10.80.0.10");
export const ipv4NetworkSchema = z.string().refine((text) => {
  const [address, prefix, ...rest] = text.split("/");
  return rest.length === 0 && ADDRESS.test(address ?? "") && /^([89]|[12][0-9]|30)$/.test(prefix ?? "");
}, "must be an IPv4 network such as 10.80.0.0/24, with a prefix from 8 to 30");

/** EUI-48 in lower case, unicast and locally administered (IEEE 802c): the second hex digit is 2, 6, a or e. */
export const macSchema = z
  .string()
  .regex(/^[0-9a-f][26ae](:[0-9a-f]{2}){5}$/, "must be a locally administered unicast MAC address");

export function ipv4ToNumber(address: string): number {
  return address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function numberToIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

export interface Ipv4Network {
  first: number;
  last: number;
  prefix: number;
}

/** @param cidr as `ipv4NetworkSchema` has it; host bits are ignored. */
export function parseNetwork(cidr: string): Ipv4Network {
  const [address = "", prefixText = ""] = cidr.split("/");
  const prefix = Number(prefixText);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(ipv4ToNumber(address) / size) * size;
  return { first, last: first + size - 1, prefix };
}

/** Whether a VPS may have this address: inside, and neither the network's, the broadcast nor the gateway's. */
export function isAssignable(address: string, cidr: string, gateway: string): boolean {
  const { first, last } = parseNetwork(cidr);
  const value = ipv4ToNumber(address);
  return value > first && value < last && value !== ipv4ToNumber(gateway);
}

/** The MAC of a VPS follows from its address: 02:4d ("M") and the four octets, so two VPSs of one network never share one. */
export function macOf(address: string): string {
  const octets = address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return `02:4d:${octets.join(":")}`;
}
