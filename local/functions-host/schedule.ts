/** NCRONTAB schedules of timer triggers: `second minute hour day month weekday`, in UTC as on Flex Consumption. */

const ranges = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 6],
] as const;

const names = [
  ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
  ["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
] as const;

/** Gives, for a moment, the next one of the schedule (milliseconds since 1970). Throws if the text is no schedule. */
export function parseSchedule(text: string): (after: number) => number {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 6) throw new Error(`Schedule "${text}" does not have six fields.`);
  const fields = ranges.map(([low, high], index) => field(text, withoutNames(parts[index] ?? "", index), low, high));
  const [seconds, minutes, hours, days, months, weekdays] = fields;

  return (after) => {
    const lastYear = new Date(after).getUTCFullYear() + 8;
    for (let day = startOfDay(after); new Date(day).getUTCFullYear() <= lastYear; day += dayMs) {
      const date = new Date(day);
      const onThisDay =
        months?.has(date.getUTCMonth() + 1) && days?.has(date.getUTCDate()) && weekdays?.has(date.getUTCDay());
      if (!onThisDay) continue;
      for (const hour of hours ?? []) {
        for (const minute of minutes ?? []) {
          for (const second of seconds ?? []) {
            const moment = day + ((hour * 60 + minute) * 60 + second) * 1000;
            if (moment > after) return moment;
          }
        }
      }
    }
    throw new Error(`Schedule "${text}" has no next time.`);
  };
}

const dayMs = 24 * 3_600_000;

function startOfDay(time: number): number {
  return Math.floor(time / dayMs) * dayMs;
}

function withoutNames(part: string, index: number): string {
  if (index < 4) return part;
  const list: readonly string[] = names[index === 4 ? 0 : 1];
  const first = index === 4 ? 1 : 0;
  return part.replaceAll(/[a-z]{3,}/gi, (word) => {
    const position = list.indexOf(word.slice(0, 3).toLowerCase());
    return position === -1 ? word : String(position + first);
  });
}

// An asterisk, 5, 1-5, an asterisk or a range with /step, and lists of them with commas; in rising order.
function field(schedule: string, part: string, low: number, high: number): ReadonlySet<number> {
  const values = new Set<number>();
  for (const item of part.split(",")) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(item);
    if (match === null) throw new Error(`Schedule "${schedule}": cannot read "${item}".`);
    const [, from, to, step] = match;
    const start = from === undefined ? low : Number(from);
    const end = to === undefined ? (from === undefined || step !== undefined ? high : start) : Number(to);
    const every = step === undefined ? 1 : Number(step);
    if (start < low || end > high || start > end || every < 1) {
      throw new Error(`Schedule "${schedule}": "${item}" is not within ${low}-${high}.`);
    }
    for (let value = start; value <= end; value += every) values.add(value);
  }
  return new Set([...values].sort((a, b) => a - b));
}
