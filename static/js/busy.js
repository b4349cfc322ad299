// Says at once that a form is on its way, where the answer takes seconds.
export function acknowledgeForm(form) {
  const status = form.querySelector("[data-busy]");
  if (!status) return;
  form.addEventListener("submit", () => {
    form.setAttribute("aria-busy", "true");
    status.textContent = status.dataset.busy;
  });
  // Coming back with the back button, nothing is on its way.
  window.addEventListener("pageshow", () => { status.textContent = ""; });
}
