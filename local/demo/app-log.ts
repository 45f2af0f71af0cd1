/** What the app and its host log: into a file, and to whoever listens. */

import { appendFileSync, readFileSync } from "node:fs";
import type { LogLine } from "../functions-host/worker.ts";

/** One line of the app's own log (functions/log.ts). */
export interface AppEvent {
  readonly event: string;
  /** Text fields as they are; empty where a field is missing or no text. */
  readonly text: (field: string) => string;
}

export class AppLog {
  readonly file: string;
  readonly #listeners = new Set<(line: LogLine) => void>();
  #lines: readonly string[] = [];

  constructor(file: string) {
    this.file = file;
    appendFileSync(file, "");
  }

  take(line: LogLine): void {
    const source = line.functionName === undefined ? line.category : `${line.category} ${line.functionName}`;
    const text = `${new Date().toISOString()} ${line.level} ${source}: ${line.message}`;
    this.#lines = [...this.#lines.slice(-20), text];
    appendFileSync(this.file, `${text}\n`);
    for (const listener of this.#listeners) listener(line);
  }

  /** Each line of the host, as it comes. */
  onHost(listener: (message: string) => void): void {
    this.#listeners.add(({ category, message }) => {
      if (category === "host") listener(message);
    });
  }

  /** Each event that the app logs, as it comes. */
  onEvent(listener: (event: AppEvent) => void): void {
    this.#listeners.add(({ category, message }) => {
      const event = category === "user" ? appEvent(message) : undefined;
      if (event !== undefined) listener(event);
    });
  }

  /** The newest lines, oldest first. */
  tail(count: number): readonly string[] {
    return this.#lines.slice(-count);
  }

  /** Does any line hold this text? */
  holds(text: string): boolean {
    return readFileSync(this.file, "utf8").includes(text);
  }
}

function appEvent(message: string): AppEvent | undefined {
  const fields = new Map<string, unknown>(Object.entries(jsonObject(message)));
  const text = (field: string) => {
    const value = fields.get(field);
    return typeof value === "string" ? value : "";
  };
  return text("event") === "" ? undefined : { event: text("event"), text };
}

function jsonObject(message: string): object {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === "object" && parsed !== null ? parsed : {};
  } catch {
    return {};
  }
}
