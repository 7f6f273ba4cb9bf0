import { ioThrottle } from "./io-throttle.ts";

export const ioReadBytesDriver = ioThrottle({
  v1: { controller: "blkio", name: "blkio.throttle.read_bps_device" },
  v2: "rbps",
  asked: ({ limits }) => limits["io.read.bytes"],
});
