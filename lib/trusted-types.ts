/**
 * With `require-trusted-types-for 'script'` the browser hands every text that could become code to this policy first.
 * Chunks of this site and its service worker may be loaded, React may make its empty script element, and nothing else ever may.
 */
export const trustedTypesScript = `if(window.trustedTypes)trustedTypes.createPolicy('default',{createScriptURL:function(u){var x=new URL(u,location.href);return x.origin===location.origin&&(x.pathname.indexOf('/_next/static/')===0||x.pathname==='/sw.js')?u:null},createHTML:function(h){return h==='<script><\\/script>'?h:null}});`
