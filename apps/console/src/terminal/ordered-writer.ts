/** Sends what is typed in the order it is typed: one call at a time, and whatever came meanwhile goes with the next. */
const CALL_AT_MOST = 16_384;

export function orderedWriter(send: (data: string) => Promise<unknown>, onFailure: (error: unknown) => void) {
  let waiting = "";
  let sending = false;

  async function drain() {
    if (sending) return;
    sending = true;
    try {
      while (waiting !== "") {
        const data = waiting.slice(0, CALL_AT_MOST);
        waiting = waiting.slice(data.length);
        await send(data);
      }
    } catch (error) {
      waiting = "";
      onFailure(error);
    } finally {
      sending = false;
    }
  }

  return (data: string) => {
    waiting += data;
    void drain();
  };
}
