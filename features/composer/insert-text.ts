import type { Edit } from './text-edits'

/** Applies an edit the way typing does, so that the browser's undo still works. */
export function applyEdit(field: HTMLTextAreaElement, { from, to, insert, select }: Edit): void {
  field.focus()
  field.setSelectionRange(from, to)
  // Deprecated in name, but the only way to keep undo; every browser has it.
  const typed =
    typeof document.execCommand === 'function' && document.execCommand('insertText', false, insert)
  if (!typed) {
    field.setRangeText(insert, from, to, 'end')
    field.dispatchEvent(new InputEvent('input', { bubbles: true }))
  }
  field.setSelectionRange(select[0], select[1])
}
