// Finds commands by what was typed: every word must occur; earlier and whole-word places come first.

import type { Command } from './store'

const GROUPS: Command['group'][] = ['Actions', 'Nodes', 'Workflows', 'Versions']

/** Lower is better; null where a word does not occur. */
export function score(query: string, command: Pick<Command, 'title' | 'detail'>): number | null {
  const title = command.title.toLowerCase()
  const detail = (command.detail ?? '').toLowerCase()
  let total = 0
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const inTitle = title.indexOf(word)
    if (inTitle === 0) total += 0
    else if (inTitle > 0) total += /\w/.test(title.charAt(inTitle - 1)) ? 2 : 1
    else if (detail.includes(word)) total += 4
    else return null
  }
  return total
}

export function match(query: string, commands: Command[], limit = 50): Command[] {
  return commands
    .flatMap((command) => {
      const found = score(query, command)
      return found === null ? [] : [{ command, found }]
    })
    .sort((a, b) => GROUPS.indexOf(a.command.group) - GROUPS.indexOf(b.command.group) || a.found - b.found)
    .slice(0, limit)
    .map(({ command }) => command)
}
