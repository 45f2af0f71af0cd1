/** Where the demo shows itself: lines that stay, and on a terminal a picture below them that is drawn in place. */

import { type Paint, plainPaint, terminalPaint } from "./paint.ts";

export interface Screen {
  readonly paint: Paint;
  /** False where there is no terminal to draw on: then lines are all there is. */
  readonly live: boolean;
  readonly say: (line?: string) => void;
  /** What the picture shows from now on, to the very end. Drawn again at every `refresh`. */
  readonly picture: (lines: () => readonly string[]) => void;
  readonly refresh: () => void;
}

/** A picture needs a terminal of some size; NO_COLOR (no-color.org) asks for plain lines. */
export function createScreen(
  stream: NodeJS.WriteStream = process.stdout,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Screen {
  const plain = (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb" || !stream.isTTY;
  if (plain || stream.columns < 78 || stream.rows < 20) return lineScreen(stream, plain ? plainPaint : terminalPaint);
  return liveScreen(stream);
}

function lineScreen(stream: NodeJS.WriteStream, paint: Paint): Screen {
  return {
    paint,
    live: false,
    say: (line = "") => void stream.write(`${line}\n`),
    picture: () => undefined,
    refresh: () => undefined,
  };
}

function liveScreen(stream: NodeJS.WriteStream): Screen {
  let drawn = 0;
  let lines: () => readonly string[] = () => [];

  /** One write each time, so that nothing flickers. */
  function draw(said: string): void {
    const up = drawn === 0 ? "" : `\u001B[${drawn}A`;
    const picture = lines();
    drawn = picture.length;
    stream.write(`${up}\r\u001B[J${said}${picture.map((line) => `${line}\n`).join("")}`);
  }
  return {
    paint: terminalPaint,
    live: true,
    say: (line = "") => draw(`${line}\n`),
    picture: (next) => {
      lines = next;
      draw("");
    },
    refresh: () => draw(""),
  };
}
