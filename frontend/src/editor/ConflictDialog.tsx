// Two tabs changed one text: the person chooses, and what is not chosen can still be had back.

import { Button, Group, Modal } from '@mantine/core'
import { note } from '../core/toasts'
import { useIde, useIdeStore } from '../ide/store'
import { changeBetween } from './replace'
import styles from './ConflictDialog.module.css'

export function ConflictDialog() {
  const store = useIdeStore()
  const conflict = useIde((ide) => ide.draft.conflict)
  const mine = useIde((ide) => ide.draft.text)
  const change = useIde((ide) => ide.change)
  const edit = useIde((ide) => ide.edit)
  if (!conflict) return null

  const takeTheirs = () => {
    change({ type: 'take-theirs' })
    note('The other text is shown.', { label: 'Bring mine back', run: () => edit(mine) })
  }
  const keepMine = () => {
    change({ type: 'keep-mine' })
    note('Your text was kept.', { label: 'Take the other one', run: () => store.getState().edit(conflict.text) })
  }
  return (
    <Modal
      opened
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      size={760}
      title="This workflow was changed elsewhere"
    >
      <p className={styles.lead}>
        Another tab saved a different text while you edited this one. Nothing is lost: choose which text goes on, and
        the other one can be brought back.
      </p>
      <div className={styles.texts}>
        <Side title="Yours, in this tab" text={mine} other={conflict.text} />
        <Side title="Theirs, on the server" text={conflict.text} other={mine} />
      </div>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={takeTheirs}>
          Reload theirs
        </Button>
        <Button onClick={keepMine} data-autofocus>
          Keep mine
        </Button>
      </Group>
    </Modal>
  )
}

/** The lines in which a text differs from the other one, with a line around them. */
export function differingLines(text: string, other: string): { first: number; lines: string[] } {
  const change = changeBetween(other, text)
  const lines = text.split('\n')
  if (!change) return { first: 1, lines: lines.slice(0, 1) }
  const lineAt = (place: number) => text.slice(0, place).split('\n').length
  const first = Math.max(1, lineAt(change.from) - 1)
  const last = lineAt(change.from + change.insert.length) + 1
  return { first, lines: lines.slice(first - 1, last) }
}

function Side({ title, text, other }: { title: string; text: string; other: string }) {
  const { first, lines } = differingLines(text, other)
  return (
    <section className={styles.side}>
      <h3>{title}</h3>
      <pre tabIndex={0} aria-label={title}>
        {lines.map((line, at) => `${String(first + at).padStart(4)}  ${line}`).join('\n')}
      </pre>
    </section>
  )
}
