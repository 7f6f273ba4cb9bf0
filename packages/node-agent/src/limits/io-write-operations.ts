import { ioThrottle } from "./io-throttle.ts";

export const ioWriteOperationsDriver = ioThrottle({
  v1: { controller: "blkio", name: "blkio.throttle.write_iops_device" },
  v1Gap: ", all but what the page cache takes and the kernel writes later",
  v2: "wiops",
  asked: ({ limits }) => limits["io.write.operations"],
});
