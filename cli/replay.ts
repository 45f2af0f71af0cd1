/** `rotation-bridge replay`: what was given up or never delivered, shown, and put on the queue again. */

import { createPoisonQueue } from "../shared/adapters/poison-queue.ts";
import type { PoisonQueue, TakenMessage } from "../shared/adapters/poison-queue.ts";
import { createWorkQueue } from "../shared/adapters/storage-queue.ts";
import type { StorageQueue } from "../shared/adapters/storage-queue.ts";
import { encodeMessage } from "../shared/core/parse-message.ts";
import { RemoteProblem } from "../shared/core/remote-problem.ts";
import { replayable } from "../shared/core/replayable.ts";
import type { Replayable } from "../shared/core/replayable.ts";
import { readArguments } from "./arguments.ts";
import type { Arguments } from "./arguments.ts";
import { exitCodes } from "./command.ts";
import type { Command } from "./command.ts";
import { unlessAgreed } from "./confirm.ts";
import { fileProblemsText } from "./file-problem.ts";
import { shown } from "./output.ts";
import { queueHelp, queuePlace, queueTexts } from "./queue-account.ts";
import type { QueuePlace } from "./queue-account.ts";
import { readText } from "./read-text.ts";
import { doneText, lineOf, lyingText } from "./replay-text.ts";
import type { Done, Line } from "./replay-text.ts";
import { count } from "./report-words.ts";
import { systemClock } from "./sign-in.ts";
import type { Terminal } from "./terminal.ts";

const help = `rotation-bridge replay [options]

Shows what lies in the poison queue, QUEUE-poison: messages that the app failed on five times. With --all or
--id it puts them on the bridge's queue again; with --file the events of a dead-letter file, which Event Grid
could not deliver. Messages that are not the bridge's or Key Vault's are named and left.

The running app empties the poison queue by itself, with a log line given-up for each message. They stay there
only while it cannot read its settings or its map. Nothing of it is lost work: the timer compares vaults and
clusters every 15 minutes and needs no message. Replay saves the wait.

  (nothing)             show the first 32
  --all                 put all of them on the queue again
  --id ID[,ID...]       put these on the queue again
  --file FILE           put the events of a file on the queue again: one event or a list, as in a blob of the
                        container dead-letters (az storage blob download)
  --yes                 do not ask first
  --json                one JSON document instead of text
${queueHelp}

Exit codes: 0 shown or put on the queue, 1 something was left because nobody can read it, or is not there;
2 the arguments or a file must be mended, or the queue cannot be reached.
`;

export const replay: Command = { help, run };

async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(args, {
    texts: ["id", "file", ...queueTexts],
    flags: ["all", "yes", "json"],
    required: [],
  });
  const problems = [...given.problems, ...contradictions(given)];
  const place = queuePlace(given);
  if (!place.ok) problems.push(...place.problems);
  if (problems.length > 0 || !place.ok) {
    terminal.err(`${problems.join("\n")}\nMore: rotation-bridge help replay\n`);
    return exitCodes.unusable;
  }
  const file = given.texts.get("file");
  try {
    if (file !== undefined) return await fromFile(file, place, given, terminal);
    const poison = createPoisonQueue(place.account, place.queueName);
    const chosen = given.texts.get("id")?.split(",");
    if (chosen === undefined && given.flags.get("all") !== true) return await show(poison, place, given, terminal);
    return await again(poison, chosen, place, given, terminal);
  } catch (error) {
    if (!(error instanceof RemoteProblem)) throw error;
    terminal.err(
      `${error.message} Look at --storage, and at your role Storage Queue Data Contributor on its queues.\n`,
    );
    return exitCodes.unusable;
  }
}

async function show(poison: PoisonQueue, place: QueuePlace, given: Arguments, terminal: Terminal): Promise<number> {
  const { messages, about } = await poison.peek();
  const lines = messages.map((message) => lineOf(message, read(message.text)));
  const lying = { queue: `${place.queueName}-poison`, about, messages: lines };
  terminal.out(lyingText(lying, given.flags.get("json") === true));
  return exitCodes.done;
}

async function again(
  poison: PoisonQueue,
  chosen: readonly string[] | undefined,
  place: QueuePlace,
  given: Arguments,
  terminal: Terminal,
): Promise<number> {
  const what = chosen === undefined ? "everything that can be read" : count(chosen.length, "message");
  const question = `Put ${what} of ${place.queueName}-poison on ${place.queueName} of ${place.called} again?`;
  const ended = await unlessAgreed(question, given.flags.get("yes") === true, terminal);
  if (ended !== undefined) return ended;
  const queue = queueOf(place);
  const sent: Line[] = [];
  const left: Line[] = [];
  // What is left stays hidden until the end, so that it is not taken again and again.
  const kept: TakenMessage[] = [];
  try {
    for (let taken = await poison.take(); taken.length > 0; taken = await poison.take()) {
      for (const message of taken) {
        const found = read(message.text);
        const wanted = chosen === undefined || chosen.includes(message.id);
        if (!wanted || !found.ok) {
          kept.push(message);
          if (wanted) left.push(lineOf(message, found));
          continue;
        }
        // First there, then gone from here: at worst it is there twice, which costs a look.
        await send(queue, found);
        await poison.remove(message);
        sent.push(lineOf(message, found));
      }
    }
  } finally {
    for (const message of kept) await poison.release(message);
  }
  const seen = new Set([...sent, ...left].map(({ id }) => id));
  const missing = (chosen ?? []).filter((id) => !seen.has(id));
  return report({ queue: place.queueName, sent, left, missing }, given, terminal);
}

async function fromFile(file: string, place: QueuePlace, given: Arguments, terminal: Terminal): Promise<number> {
  const text = await readText(file, "Name a file that Event Grid wrote: one event or a list of them, as JSON.");
  if (!text.ok) {
    terminal.err(fileProblemsText([text.problem]));
    return exitCodes.unusable;
  }
  const entries = entriesOf(text.text);
  const found = entries.map((entry, index) => ({ id: `${index + 1}`, entry, read: read(entry) }));
  const good = found.filter(({ read: one }) => one.ok);
  if (good.length > 0) {
    const question = `Put ${count(good.length, "event")} of ${shown(file)} on ${place.queueName} of ${place.called}?`;
    const ended = await unlessAgreed(question, given.flags.get("yes") === true, terminal);
    if (ended !== undefined) return ended;
  }
  const queue = queueOf(place);
  for (const { read: one } of good) if (one.ok) await send(queue, one);
  const line = ({ id, read: one }: (typeof found)[number]) => lineOf({ id }, one);
  const left = found.filter(({ read: one }) => !one.ok).map(line);
  return report({ queue: place.queueName, sent: good.map(line), left, missing: [] }, given, terminal);
}

/** One by one, so that what is good goes although its neighbour is not. Text that is no list is one entry. */
function entriesOf(text: string): readonly unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    return [text];
  }
}

function read(body: unknown): Replayable {
  return replayable(body, systemClock.now(), systemClock.id());
}

function queueOf({ account, queueName }: QueuePlace): StorageQueue {
  return createWorkQueue({ account, queueName, encode: encodeMessage });
}

async function send(queue: StorageQueue, { send: what }: Extract<Replayable, { ok: true }>): Promise<void> {
  if (what.kind === "message") await queue.send(what.message, 0);
  else await queue.sendRaw(what.body);
}

function report(done: Done, given: Arguments, terminal: Terminal): number {
  terminal.out(doneText(done, given.flags.get("json") === true));
  return done.left.length + done.missing.length > 0 ? exitCodes.refused : exitCodes.done;
}

function contradictions({ texts, flags }: Arguments): readonly string[] {
  const ways = [
    texts.has("id") ? "--id" : "",
    texts.has("file") ? "--file" : "",
    flags.get("all") === true ? "--all" : "",
  ];
  const chosen = ways.filter((way) => way !== "");
  return chosen.length > 1 ? [`Choose one of ${chosen.join(" and ")}.`] : [];
}
