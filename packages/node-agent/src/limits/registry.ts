/** The driver of every limit. A limit of the model that has none does not compile. */
import type { LimitName, Limits } from "@muster/model/limits/registry";
import { cpuCoresDriver } from "./cpu-cores.ts";
import { cpuPinningDriver } from "./cpu-pinning.ts";
import { cpuWeightDriver } from "./cpu-weight.ts";
import { diskMaxDriver } from "./disk-max.ts";
import type { LimitDriver } from "./driver.ts";
import { ioReadBytesDriver } from "./io-read-bytes.ts";
import { ioReadOperationsDriver } from "./io-read-operations.ts";
import { ioWriteBytesDriver } from "./io-write-bytes.ts";
import { ioWriteOperationsDriver } from "./io-write-operations.ts";
import { memoryMaxDriver } from "./memory-max.ts";
import { memorySwapDriver } from "./memory-swap.ts";
import { nicEgressDriver } from "./nic-egress.ts";
import { nicIngressDriver } from "./nic-ingress.ts";
import { pidsMaxDriver } from "./pids-max.ts";

export const DRIVERS = {
  "cpu.cores": cpuCoresDriver,
  "cpu.weight": cpuWeightDriver,
  "cpu.pinning": cpuPinningDriver,
  "memory.max": memoryMaxDriver,
  "memory.swap": memorySwapDriver,
  "disk.max": diskMaxDriver,
  "nic.egress": nicEgressDriver,
  "nic.ingress": nicIngressDriver,
  "io.read.bytes": ioReadBytesDriver,
  "io.read.operations": ioReadOperationsDriver,
  "io.write.bytes": ioWriteBytesDriver,
  "io.write.operations": ioWriteOperationsDriver,
  "pids.max": pidsMaxDriver,
} as const satisfies { [Name in LimitName]: LimitDriver<Limits[Name]> };
