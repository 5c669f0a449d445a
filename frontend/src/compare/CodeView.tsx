// The two texts beside each other, or as one, with what differs in lines and within them; what is the same is folded.

import { goToNextChunk, goToPreviousChunk, MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { useEffect, useRef } from 'react'
import type { Comparison } from '../core/types'
import { differencesLook } from '../editor/appearance'
import { reading } from '../editor/setup'
import type { Shown } from './address'
import { sideTitle } from './titles'
import type { Stepper } from './useCompareKeys'
import styles from './CodeView.module.css'

interface Props {
  comparison: Comparison
  shown: Shown
  stepper: Stepper
}

const FOLDED = { margin: 3, minSize: 4 }

export default function CodeView({ comparison: { before, after }, shown, stepper }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const { register } = stepper
  const [one, other] = [before.text, after.text]
  const { all, inline } = shown
  useEffect(() => {
    if (!host.current) return
    const made = inline ? inOne(host.current, one, other, all) : beside(host.current, one, other, all)
    register((by) => {
      const move = by === 1 ? goToNextChunk : goToPreviousChunk
      move(made.stepped)
      const { head } = made.stepped.state.selection.main
      made.stepped.dispatch({ effects: EditorView.scrollIntoView(head, { y: 'center' }) })
    })
    return () => {
      register(null)
      made.destroy()
    }
  }, [one, other, all, inline, register])
  return (
    <div className={styles.code}>
      <div className={styles.titles} data-inline={inline || undefined}>
        <span>{sideTitle(before, 'A')}</span>
        <span>{sideTitle(after, 'B')}</span>
        {one === other && <span className={styles.same}>The texts are the same.</span>}
      </div>
      <div ref={host} className={styles.host} data-testid="code-diff" data-inline={inline || undefined} />
    </div>
  )
}

interface Made {
  /** The view whose caret goes from difference to difference. */
  stepped: EditorView
  destroy: () => void
}

const folding = (all: boolean) => (all ? {} : { collapseUnchanged: FOLDED })
const read = (label: string): Extension[] => [differencesLook, ...reading(label)]

function beside(parent: HTMLElement, one: string, other: string, all: boolean): Made {
  const view = new MergeView({
    parent,
    a: { doc: one, extensions: read('Text of A') },
    b: { doc: other, extensions: read('Text of B') },
    ...folding(all),
  })
  return { stepped: view.b, destroy: () => view.destroy() }
}

function inOne(parent: HTMLElement, one: string, other: string, all: boolean): Made {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: other,
      extensions: [
        ...read('Texts of A and B'),
        unifiedMergeView({ original: one, mergeControls: false, ...folding(all) }),
      ],
    }),
  })
  return { stepped: view, destroy: () => view.destroy() }
}
