/** What the control plane tells its operator. pino fits; `fields.err` is an Error. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
