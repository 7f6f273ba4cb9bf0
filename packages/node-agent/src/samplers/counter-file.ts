/**
 * A file of counters that is read every second. It stays open and is read from its beginning: 1-6 us a time on a
 * slow core, where opening it each time took 20-25. Synchronous on purpose: the kernel answers from memory, and
 * a trip through the thread pool costs more than the read.
 */
import { closeSync, openSync, readSync } from "node:fs";

/** /proc/stat grows with the number of CPUs and interrupts; what is wanted stands at its beginning. */
const buffer = Buffer.alloc(256 * 1024);

export interface CounterFile {
  /** Null where the file is gone, as a cgroup's is once its VPS has stopped. */
  read(): string | null;
  close(): void;
}

export function openCounterFile(path: string): CounterFile {
  let fd: number | null = null;
  const close = () => {
    if (fd !== null) closeSync(fd);
    fd = null;
  };
  return {
    close,
    read() {
      try {
        fd ??= openSync(path, "r");
        return buffer.toString("latin1", 0, readSync(fd, buffer, 0, buffer.length, 0));
      } catch {
        // ENOENT before it is there, ENODEV after it is gone: not an error here, the sample is without it.
        close();
        return null;
      }
    },
  };
}
