import { navigate, openPane, parsePath, workspacePath } from './location'

/** Beside the conversation that is open, else on a screen of its own; where a search is open already, its field. */
export function openSearch() {
  const field = document.querySelector<HTMLInputElement>('input[data-search]')
  if (field) {
    field.focus()
    return field.select()
  }
  const { slug, view } = parsePath(window.location.pathname)
  if (view.name === 'conversation') openPane('search', '')
  else navigate(workspacePath(slug, 'search'))
}
