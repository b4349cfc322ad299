// After a refused form, the summary is what the reader needs first.
export function focusErrors(summary) {
  if (summary) summary.focus();
}
