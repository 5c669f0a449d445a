import { expect, it } from 'vitest'
import { match } from './match'
import type { Command } from './store'

const command = (title: string, group: Command['group'], detail = ''): Command => ({
  id: title,
  group,
  title,
  detail,
  icon: 'play',
  run: () => undefined,
})

const commands = [
  command('Census', 'Workflows', 'Predict income'),
  command('model', 'Nodes', 'Learner, line 9'),
  command('Run', 'Actions'),
  command('Run, computing model anew', 'Actions'),
]

const titles = (query: string) => match(query, commands).map(({ title }) => title)

it('offers everything, actions first, while nothing is typed', () => {
  expect(titles('')).toEqual(['Run', 'Run, computing model anew', 'model', 'Census'])
})

it('puts the very title first, and the group that has it', () => {
  expect(titles('model')).toEqual(['model', 'Run, computing model anew'])
  const nodes = [command('f1.feature', 'Nodes'), command('f1', 'Nodes')]
  expect(match('f1', nodes).map(({ title }) => title)).toEqual(['f1', 'f1.feature'])
})

it('finds by every word, whatever the case, in title and detail', () => {
  expect(titles('RUN model')).toEqual(['Run, computing model anew'])
  expect(titles('income')).toEqual(['Census'])
  expect(titles('nothing like it')).toEqual([])
})
