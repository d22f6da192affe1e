declare global {
  interface Window {
    /** The answer of `/api/config` that the document asked for. */
    askedConfig?: Promise<Response>
  }
}

/**
 * Runs with the document: where no earlier visit kept it, `/api/config` is asked for while the code is still on its way.
 * Whoever asks again after a failure asks anew.
 */
export const askConfigScript =
  ";try{localStorage.getItem('config')||(window.askedConfig=fetch('/api/config',{cache:'no-store'})).catch(function(){})}catch(e){}"
