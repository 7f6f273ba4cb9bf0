import { ioThrottle } from "./io-throttle.ts";

export const ioReadOperationsDriver = ioThrottle({
  v1: { controller: "blkio", name: "blkio.throttle.read_iops_device" },
  v2: "riops",
  asked: ({ limits }) => limits["io.read.operations"],
});
