/** The look of a link in running text. */
export const linkClass =
  'font-medium text-accent-ink underline decoration-accent-line underline-offset-3 hover:decoration-current'
