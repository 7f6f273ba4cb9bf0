/** Debian's Chromium, with the flags that keep it off the network. Playwright's own download is not used. */
export const CHROMIUM = {
  executablePath: process.env["MUSTER_CHROMIUM"] ?? "/usr/bin/chromium",
  args: [
    "--no-sandbox", // the tests run as root in CI, where Chromium refuses its own sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};
