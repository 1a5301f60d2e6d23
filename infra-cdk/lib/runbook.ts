/** Where alarms send whoever reads them: the headings of `RUNBOOK.md`. */
export class Runbook {
  /** @param address where the file can be read; a path or a URL */
  constructor(private readonly address: string) {}

  /** What an alarm says: what it is about, and where to read what to do. */
  description(heading: string, about: string): string {
    return `${heading}. ${about} What to do: ${this.link(heading)}`;
  }

  /** The address of a heading. */
  link(heading: string): string {
    return `${this.address}#${anchor(heading)}`;
  }
}

/**
 * The anchor of a heading, as GitHub and GitLab make it: in lower case, words joined by hyphens, without
 * punctuation.
 */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
}
