import { newId } from "@muster/model/ids";

export function newJobId(): string {
  return newId("j", (bytes) => crypto.getRandomValues(bytes));
}
