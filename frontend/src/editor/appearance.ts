// How the editor looks: CodeMirror's theme and the colours of syntax, all from the application's theme.

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'
import { colour, fonts } from '../core/theme'

const view = EditorView.theme({
  '&': { height: '100%', color: colour('text'), backgroundColor: colour('bg'), fontSize: 'var(--hx-font-md)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: fonts.mono, lineHeight: '20px' },
  '.cm-content': { padding: '8px 0', caretColor: colour('text') },
  '.cm-line': { padding: '0 12px 0 6px' },
  '.cm-cursor': { borderLeftColor: colour('text') },
  '.cm-gutters': { color: colour('text-faint'), backgroundColor: colour('bg'), border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 6px 0 12px', minWidth: '36px' },
  '.cm-activeLine': { backgroundColor: colour('bg-subtle') },
  '.cm-activeLineGutter': { color: colour('text'), backgroundColor: colour('bg-subtle') },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: colour('code-selection'),
  },
  '.cm-selectionMatch, .cm-searchMatch': { backgroundColor: colour('code-match') },
  '.cm-searchMatch-selected': { outline: `1px solid ${colour('stale')}` },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: colour('bg-inset'),
    outline: `1px solid ${colour('border-strong')}`,
  },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: colour('failed-soft') },
  '.cm-foldPlaceholder': {
    color: colour('text-dim'),
    backgroundColor: colour('bg-inset'),
    border: 'none',
    padding: '0 6px',
  },
  '.cm-panels': { color: colour('text'), backgroundColor: colour('bg-subtle'), borderColor: colour('border') },
  '.cm-panel.cm-search input, .cm-textfield': {
    color: colour('text'),
    backgroundColor: colour('bg'),
    border: `1px solid ${colour('border-strong')}`,
    borderRadius: '4px',
  },
  '.cm-button': {
    color: colour('text'),
    background: colour('bg-raised'),
    border: `1px solid ${colour('border-strong')}`,
    borderRadius: '4px',
  },
  '.cm-tooltip': {
    color: colour('text'),
    backgroundColor: colour('bg-raised'),
    border: `1px solid ${colour('border-strong')}`,
    borderRadius: 'var(--hx-radius)',
    boxShadow: 'var(--mantine-shadow-md)',
    overflow: 'hidden',
  },
  // Problems.
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: `underline wavy ${colour('failed')}`,
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: `underline wavy ${colour('stale')}`,
    textUnderlineOffset: '3px',
  },
  '.cm-diagnostic': {
    padding: '6px 10px',
    maxWidth: '520px',
    fontFamily: fonts.sans,
    fontSize: 'var(--hx-font-md)',
    border: 'none',
    borderLeft: `3px solid ${colour('failed')}`,
  },
  '.cm-diagnostic-warning': { borderLeftColor: colour('stale') },
  '.cm-diagnostic .hint': { color: colour('text-dim') },
  '.cm-gutter-lint': { width: '18px' },
  '.cm-gutter-lint .cm-gutterElement': { padding: '0 2px' },
  '.cm-lint-marker': {
    width: '14px',
    height: '14px',
    marginTop: '3px',
    content: 'none !important',
    borderRadius: '50%',
  },
  '.cm-lint-marker-error': { backgroundColor: colour('failed'), content: '"" !important' },
  '.cm-lint-marker-warning': { backgroundColor: colour('stale'), content: '"" !important' },
  // What the plan says of the text.
  '.cm-plan-gutter': { width: '6px' },
  '.cm-plan-gutter .cm-gutterElement': { padding: '0' },
  '.hx-stale-mark': { width: '3px', height: '100%', marginLeft: '1px', backgroundColor: colour('stale') },
  '.hx-unwanted, .hx-unwanted *': { color: `${colour('text-faint')} !important` },
  '.hx-failed-line': { backgroundColor: colour('failed-soft') },
  '.hx-selected-line': { boxShadow: `inset 2px 0 ${colour('accent')}`, backgroundColor: colour('bg-subtle') },
  '.hx-operator-data': { color: colour('family-data'), fontWeight: '600' },
  '.hx-operator-learning': { color: colour('family-learning'), fontWeight: '600' },
  '.hx-node': { color: colour('code-definition') },
  '.hx-hover': {
    padding: '8px 12px',
    maxWidth: '480px',
    fontFamily: fonts.sans,
    fontSize: 'var(--hx-font-md)',
    lineHeight: '1.45',
  },
  '.hx-hover .title': { fontFamily: fonts.mono, fontWeight: '600' },
  '.hx-hover .dim': { color: colour('text-dim') },
  '.hx-hover p': { margin: '4px 0 0' },
  '.hx-hover pre': {
    margin: '6px 0 0',
    padding: '4px 8px',
    whiteSpace: 'pre-wrap',
    backgroundColor: colour('bg-inset'),
    borderRadius: '4px',
  },
})

/** How two texts beside each other, or in one, differ; they are as high as they need to be. */
export const differencesLook = EditorView.theme({
  '&': { height: 'auto' },
  '.cm-changedLine': { backgroundColor: `${colour('added-soft')} !important` },
  '&.cm-merge-a .cm-changedLine': { backgroundColor: `${colour('removed-soft')} !important` },
  '.cm-changedText, &.cm-merge-b .cm-changedText': {
    color: `${colour('added')} !important`,
    background: 'none',
    borderBottom: `2px solid ${colour('added')}`,
  },
  '.cm-changedText *': { color: 'inherit !important' },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {
    color: `${colour('removed')} !important`,
    background: 'none',
    borderBottom: `2px solid ${colour('removed')}`,
  },
  '.cm-line, .cm-deletedChunk .cm-deletedLine': { position: 'relative', paddingLeft: '22px' },
  '.cm-deletedChunk': { backgroundColor: colour('removed-soft'), paddingLeft: '0' },
  '.cm-deletedLine, .cm-deletedLine del': { color: colour('removed'), textDecoration: 'none' },
  '.cm-changedLine::before, .cm-deletedChunk .cm-deletedLine::before': {
    position: 'absolute',
    left: '7px',
    color: colour('added'),
    content: '"+"',
  },
  '&.cm-merge-a .cm-changedLine::before, .cm-deletedChunk .cm-deletedLine::before': {
    color: colour('removed'),
    content: '"−"',
  },
  '.cm-insertedLine': { textDecoration: 'none' },
  '.cm-changeGutter': { width: '4px', paddingLeft: '0' },
  '.cm-changedLineGutter, &.cm-merge-b .cm-changedLineGutter': { backgroundColor: colour('added') },
  '&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter': { backgroundColor: colour('removed') },
  '.cm-collapsedLines': {
    padding: '2px 12px',
    color: colour('text-dim'),
    background: colour('bg-inset'),
    fontFamily: fonts.sans,
    fontSize: 'var(--hx-font-sm)',
    cursor: 'pointer',
  },
  '.cm-collapsedLines::before, .cm-collapsedLines::after': { content: '"⋯"' },
  '.cm-mergeSpacer': { backgroundColor: colour('bg-subtle') },
})

const syntax = HighlightStyle.define([
  {
    tag: [
      tags.keyword,
      tags.operatorKeyword,
      tags.controlKeyword,
      tags.definitionKeyword,
      tags.moduleKeyword,
      tags.self,
    ],
    color: colour('code-keyword'),
  },
  { tag: [tags.string, tags.special(tags.string)], color: colour('code-string') },
  { tag: [tags.number, tags.bool, tags.null], color: colour('code-number') },
  { tag: [tags.comment, tags.docString], color: colour('code-comment'), fontStyle: 'italic' },
  {
    tag: [tags.function(tags.definition(tags.variableName)), tags.className],
    color: colour('code-definition'),
    fontWeight: '600',
  },
  { tag: tags.invalid, color: colour('failed') },
])

export const appearance = [view, syntaxHighlighting(syntax)]
