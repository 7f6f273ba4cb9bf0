/**
 * Imported first, for its effect: the agent shares its machine with those who pay for it.
 *
 * V8 lets the space of young objects grow to 64 MB while modules load and never gives it back. An agent that makes 5 kB
 * a second has no use for that: it stays at 2 MB, and with 20 VPSs the process at 100 MB instead of 118.
 */
import { setFlagsFromString } from "node:v8";

setFlagsFromString("--semi-space-growth-factor=1");
