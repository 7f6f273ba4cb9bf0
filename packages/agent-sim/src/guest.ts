/** What a simulated guest answers to a command. Enough to try a script or a screen with; it says what it is. */
import { KIB, MIB } from "@muster/model/units";
import type { VpsPlan } from "@muster/node-agent/engine/ports";

export interface Answer {
  exitCode: number;
  stdout: string;
  stderr: string;
  /** How long it takes before it answers. */
  takesMs: number;
  /** What it writes to the disk, which may have no room for it. */
  writesBytes?: number;
}

/** Of the shell's own conventions (POSIX.1-2024, 2.8.2): 127 is "not found". */
const NOT_FOUND = 127;

const says = (stdout: string): Answer => ({ exitCode: 0, stdout, stderr: "", takesMs: 0 });
const fails = (exitCode: number, stderr: string): Answer => ({ exitCode, stdout: "", stderr, takesMs: 0 });

type Command = (args: readonly string[], plan: VpsPlan) => Answer;

const COMMANDS: Record<string, Command> = {
  true: () => says(""),
  false: () => fails(1, ""),
  echo: (args) => says(`${args.join(" ")}\n`),
  hostname: (_args, plan) => says(`${plan.hostname}\n`),
  uname: () => says("Linux (simulated)\n"),
  id: () => says("uid=0(root) gid=0(root)\n"),
  pwd: () => says("/\n"),
  nproc: (_args, plan) => says(`${Math.max(1, Math.ceil(plan.limits["cpu.cores"]))}\n`),
  sleep: ([seconds]) => ({ ...says(""), takesMs: Number(seconds) * 1000 }),
  dd: (args) => ({ ...says(""), writesBytes: ddBytes(args) }),
  yes: ([count]) => says("y\n".repeat(Number(count ?? 1))),
  help: () => says(`This VPS is simulated. It knows: ${Object.keys(COMMANDS).join(" ")} exit\n`),
};

/** `bs=1M count=80`; what it is copied from and to is of no matter here. */
function ddBytes(args: readonly string[]): number {
  const operand = (name: string) => args.find((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
  const [, size = "512", unit = ""] = /^(\d+)([kM]?)$/.exec(operand("bs") ?? "") ?? [];
  return Number(size) * ({ k: KIB, M: MIB }[unit] ?? 1) * Number(operand("count") ?? 1);
}

/** `sh -c` with one simple command: words, `exit N`, and a redirection of output to stderr (`>&2`). */
function shell(line: string, plan: VpsPlan): Answer {
  const words = line.split(/\s+/).filter((word) => word !== "");
  const [first, ...rest] = words;
  if (first === undefined) return says("");
  if (first === "exit") return fails(Number(rest[0] ?? 0), "");
  if (words.at(-1) === ">&2") {
    const answer = run(words.slice(0, -1), plan);
    return { ...answer, stdout: "", stderr: answer.stdout + answer.stderr };
  }
  return run(words, plan);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function run(argv: readonly string[], plan: VpsPlan): Answer {
  const [program = "", ...args] = argv;
  const name = baseName(program);
  if (name === "sh" && args[0] === "-c") return shell(args[1] ?? "", plan);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return fails(NOT_FOUND, `sh: ${program}: not found (simulated)\n`);
  return command(args, plan);
}

/** One line typed at the simulated terminal. */
export function runLine(line: string, plan: VpsPlan): Answer {
  return shell(line, plan);
}
