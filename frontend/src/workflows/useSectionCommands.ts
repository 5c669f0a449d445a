// The sections of a workflow in the palette.

import { useMemo } from 'react'
import { useNavigate } from 'react-router'
import { sectionAddress, SECTIONS } from '../core/Sections'
import { useCommands, type Command } from '../palette/store'

export function useSectionCommands(workflow: string): void {
  const navigate = useNavigate()
  useCommands(
    'sections',
    useMemo(
      () =>
        SECTIONS.map(({ path, title }): Command => ({
          id: `section-${title}`,
          group: 'Actions',
          title: `Open ${title.toLowerCase()}`,
          icon: 'chevron',
          run: () => void navigate(sectionAddress(workflow, path)),
        })),
      [workflow, navigate],
    ),
  )
}
