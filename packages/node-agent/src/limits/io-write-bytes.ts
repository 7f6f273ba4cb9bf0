import { ioThrottle } from "./io-throttle.ts";

export const ioWriteBytesDriver = ioThrottle({
  v1: { controller: "blkio", name: "blkio.throttle.write_bps_device" },
  v1Gap: ", all but what the page cache takes and the kernel writes later",
  v2: "wbps",
  asked: ({ limits }) => limits["io.write.bytes"],
});
