import { describe, expect, test } from "vitest";
import { readEnvironment } from "./env.ts";

const DATABASE_URL = "postgresql://muster@127.0.0.1:8084/muster";

describe("the environment", () => {
  test("has a default for everything but the database", () => {
    expect(readEnvironment({ DATABASE_URL, MUSTER_DATA_DIR: "/srv/muster" })).toEqual({
      dataDirectory: "/srv/muster/server",
      databaseUrl: DATABASE_URL,
      serverListen: { host: "127.0.0.1", port: 8081 },
      enrolListen: { host: "127.0.0.1", port: 8082 },
      publicUrl: "http://127.0.0.1:8080",
      enrolUrl: "https://127.0.0.1:8082",
      adopt: false,
      logLevel: "info",
    });
  });

  test("takes an empty variable for one that is not set", () => {
    expect(readEnvironment({ DATABASE_URL, MUSTER_LOG_LEVEL: "" }).logLevel).toBe("info");
  });

  test.each([
    ["[::1]:9000", { host: "::1", port: 9000 }],
    ["muster.example.org:81", { host: "muster.example.org", port: 81 }],
  ])("understands %s", (MUSTER_SERVER_LISTEN, listen) => {
    expect(readEnvironment({ DATABASE_URL, MUSTER_SERVER_LISTEN }).serverListen).toEqual(listen);
  });

  test.each([
    ["10.0.0.5:8080", "http://10.0.0.5:8080"],
    ["0.0.0.0:8080", "http://127.0.0.1:8080"],
    ["[::1]:80", "http://[::1]"],
  ])("guesses from a console at %s that browsers type %s", (MUSTER_CONSOLE_LISTEN, publicUrl) => {
    expect(readEnvironment({ DATABASE_URL, MUSTER_CONSOLE_LISTEN }).publicUrl).toBe(publicUrl);
  });

  test.each([
    ["10.0.0.5:8082", "http://10.0.0.5:8080", "https://10.0.0.5:8082"],
    ["0.0.0.0:8082", "https://muster.example.org", "https://muster.example.org:8082"],
    ["[::]:8082", "", "https://127.0.0.1:8082"],
    ["[fd00::5]:8082", "", "https://[fd00::5]:8082"],
  ])("has agents that join at %s with browsers at %s ask at %s", (MUSTER_ENROL_LISTEN, MUSTER_PUBLIC_URL, enrolUrl) => {
    const environment = readEnvironment({ DATABASE_URL, MUSTER_ENROL_LISTEN, MUSTER_PUBLIC_URL });
    expect(environment.enrolUrl).toBe(enrolUrl);
  });

  test("drops the path of a public URL: only its origin counts", () => {
    const { publicUrl } = readEnvironment({ DATABASE_URL, MUSTER_PUBLIC_URL: "https://muster.example.org/console" });
    expect(publicUrl).toBe("https://muster.example.org");
  });

  test.each([
    ["DATABASE_URL", ""],
    ["DATABASE_URL", "mysql://db"],
    ["MUSTER_SERVER_LISTEN", "8081"],
    ["MUSTER_SERVER_LISTEN", "127.0.0.1:99999"],
    ["MUSTER_ENROL_LISTEN", "127.0.0.1:0"],
    ["MUSTER_PUBLIC_URL", "muster.example.org"],
    ["MUSTER_PUBLIC_URL", "javascript:alert(1)"],
    ["MUSTER_LOG_LEVEL", "loud"],
    ["MUSTER_ADOPT", "yes"],
    ["MUSTER_DATA_DIR", "relative/path"],
  ])("refuses %s=%s in one sentence that names it", (name, value) => {
    expect(() => readEnvironment({ DATABASE_URL, [name]: value })).toThrow(new RegExp(`^${name} [^\\n]+\\.$`));
  });
});
