/** How the interface is lit; `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark'

const KEY = 'theme'

/**
 * Runs before the first paint, so that a chosen theme never flashes in the other one. It also hands the page's
 * nonce to the library that writes a style element when a dialog locks scrolling.
 */
export const themeScript = `try{var t=localStorage.getItem('${KEY}');if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}window.__webpack_nonce__=document.currentScript.nonce`

/** The person's choice on this device. */
export function getTheme(): Theme {
  const chosen = document.documentElement.dataset.theme
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

/** Applies and remembers a choice. */
export function setTheme(theme: Theme) {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme
    localStorage.removeItem(KEY)
  } else {
    document.documentElement.dataset.theme = theme
    localStorage.setItem(KEY, theme)
  }
}
