// Whether the text is on the server, and which version the editor stands on.

import { useQuery } from '@tanstack/react-query'
import { never } from '../core/never'
import { Icon, type IconName } from '../core/icons'
import { savingOf, type Saving } from '../editor/draft'
import { useIde } from '../ide/store'
import { outlineQuery } from '../versions/queries'
import styles from './SavedState.module.css'

function told(saving: Saving): { text: string; icon: IconName; title: string } {
  switch (saving) {
    case 'saved':
      return { text: 'saved', icon: 'check', title: 'The text is on the server.' }
    case 'unsaved':
    case 'saving':
      return { text: 'saving…', icon: 'clock', title: 'The text is on its way to the server.' }
    case 'failed':
      return {
        text: 'kept in this browser',
        icon: 'warning',
        title:
          'The server could not be reached. The text is kept in this browser and saved as soon as it can be. Click to try now.',
      }
    case 'conflict':
      return { text: 'changed elsewhere', icon: 'warning', title: 'Another tab saved a different text.' }
    default:
      return never(saving)
  }
}

export function SavedState({ onSave }: { onSave: () => void }) {
  const id = useIde((ide) => ide.id)
  const head = useIde((ide) => ide.head)
  const saving = useIde((ide) => savingOf(ide.draft))
  const openTab = useIde((ide) => ide.openTab)
  const { data: outline } = useQuery({ ...outlineQuery(id), enabled: head !== null })
  const { text, icon, title } = told(saving)
  return (
    <div className={styles.saved}>
      {outline?.head != null && (
        <button
          type="button"
          className={styles.button}
          onClick={() => openTab('versions')}
          title={
            outline.branch
              ? `The text stands on v${outline.head}; what is run next goes to the branch ${outline.branch}.`
              : `v${outline.head} was checked out, and no branch ends with it; what is run next begins one.`
          }
          data-testid="current-version"
        >
          <Icon name="branch" size={13} /> {outline.branch || 'no branch'} · v{outline.head}
        </button>
      )}
      <button
        type="button"
        className={styles.button}
        onClick={onSave}
        title={title}
        data-testid="saved"
        data-saving={saving}
      >
        <Icon name={icon} size={13} /> {text}
      </button>
    </div>
  )
}
