// Finds commands by what was typed: every word must occur; the very title comes first, then earlier and whole-word places.

import type { Command } from './store'

const GROUPS: Command['group'][] = ['Actions', 'Nodes', 'Workflows', 'Versions']

/** Lower is better; null where a word does not occur. */
export function score(query: string, command: Pick<Command, 'title' | 'detail'>): number | null {
  const title = command.title.toLowerCase()
  const detail = (command.detail ?? '').toLowerCase()
  let total = title === query.trim().toLowerCase() ? -1 : 0
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const inTitle = title.indexOf(word)
    if (inTitle === 0) total += 0
    else if (inTitle > 0) total += /\w/.test(title.charAt(inTitle - 1)) ? 2 : 1
    else if (detail.includes(word)) total += 4
    else return null
  }
  return total
}

/** What was found, the groups together: the one with the best match first. */
export function match(query: string, commands: Command[], limit = 50): Command[] {
  const found = commands.flatMap((command) => {
    const points = score(query, command)
    return points === null ? [] : [{ command, points }]
  })
  const best = new Map<Command['group'], number>()
  for (const { command, points } of found) best.set(command.group, Math.min(points, best.get(command.group) ?? points))
  const rank = ({ group }: Command) => (best.get(group) ?? 0) * GROUPS.length + GROUPS.indexOf(group)
  return found
    .sort((a, b) => rank(a.command) - rank(b.command) || a.points - b.points)
    .slice(0, limit)
    .map(({ command }) => command)
}
