/** Holds where there is room for the sidebar beside a screen (`md` of `globals.css`); elsewhere one of them is to be seen. */
export const wide = () => window.matchMedia('(min-width: 700px)')
