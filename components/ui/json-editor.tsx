'use client'

import { clsx } from 'clsx'
import { useEffect, useId, useMemo, useRef, type KeyboardEvent } from 'react'
import { findJsonProblem } from './json-problem'
import { useHydrated } from './use-hydrated'

type JsonEditorProps = {
  /** What it is: "Definition of pipeline nightly". */
  label: string
  value: string
  onChange: (value: string) => void
  /** What the schema says, each with its path: "activities.0.name: Enter a name". */
  problems?: readonly string[]
  rows?: number
}

/**
 * JSON as text with line numbers. A syntax error is said with its line, which is marked; the schema's problems stand
 * below. Tab indents while Escape, Tab leaves.
 */
export function JsonEditor({ label, value, onChange, problems = [], rows = 20 }: JsonEditorProps) {
  const id = useId()
  const leaving = useRef(false)
  const syntax = useMemo(() => findJsonProblem(value), [value])
  const said = syntax ? [syntax.message] : problems
  const lines = value.split('\n').length
  const gutter = useScrollTwin(id)
  const isHydrated = useHydrated()

  function handleKeyDown(event: KeyboardEvent<HTMLTextAreaElement>) {
    if (event.key === 'Escape') leaving.current = true
    else if (event.key === 'Tab' && !event.shiftKey && !leaving.current) {
      event.preventDefault()
      event.currentTarget.setRangeText(
        '  ',
        event.currentTarget.selectionStart,
        event.currentTarget.selectionEnd,
        'end',
      )
      onChange(event.currentTarget.value)
    } else leaving.current = false
  }

  return (
    <div>
      <div className="flex overflow-hidden rounded-md border border-line-strong bg-panel font-mono text-xs leading-5 focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-accent-border">
        <div
          ref={gutter}
          aria-hidden
          className="shrink-0 overflow-hidden border-r bg-canvas py-2 text-right text-fg-faint select-none"
        >
          {Array.from({ length: lines }, (_, index) => (
            <div
              key={index}
              className={clsx('px-2.5', syntax?.line === index + 1 && 'bg-bad-fill font-bold text-bad-text')}
            >
              {index + 1}
            </div>
          ))}
        </div>
        <textarea
          id={id}
          aria-label={label}
          aria-describedby={`${id}-problems`}
          aria-invalid={said.length > 0 ? true : undefined}
          rows={rows}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          // What is typed while React takes the page over would be mixed with what was there.
          readOnly={!isHydrated}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={handleKeyDown}
          className="min-w-0 flex-1 resize-none bg-transparent px-3 py-2 outline-none"
        />
      </div>
      <output id={`${id}-problems`} className="mt-1.5 block text-sm">
        {said.length > 0 ? (
          <ul className="text-bad-text">
            {said.map((problem) => (
              <li key={problem} className="wrap-anywhere">
                {problem}
              </li>
            ))}
          </ul>
        ) : (
          <p className="text-fg-muted">
            Valid JSON, {lines} lines. Press Escape and then Tab to leave the editor.
          </p>
        )}
      </output>
    </div>
  )
}

/** Scrolls the line numbers with the text. */
function useScrollTwin(textId: string) {
  const gutter = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const text = document.getElementById(textId)
    if (!text) return
    const follow = () => {
      if (gutter.current) gutter.current.scrollTop = text.scrollTop
    }
    text.addEventListener('scroll', follow, { passive: true })
    return () => text.removeEventListener('scroll', follow)
  }, [textId])
  return gutter
}
