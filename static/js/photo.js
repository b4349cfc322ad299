// Sends a photo as soon as it is chosen, and says so; large ones are made smaller first.
import { shrink } from "./shrink.js";

const SLOW_MS = 5000;

export function upgradePhotoForm(form) {
  const panel = form.querySelector("[data-picked]");
  const status = form.querySelector("[data-status]");
  const send = form.querySelector("[data-send]");
  if (!panel || !status || !send) return;
  panel.hidden = true;

  form.querySelectorAll("input[type=file]").forEach((input) => {
    input.addEventListener("change", async () => {
      const file = input.files[0];
      if (!file) return;
      panel.hidden = false;
      send.hidden = true;
      status.textContent = status.dataset.reading.replace("{name}", file.name);
      form.setAttribute("aria-busy", "true");
      // Only one of the two inputs may send its file.
      form.querySelectorAll("input[type=file]").forEach((other) => {
        if (other !== input) other.disabled = true;
      });
      await replaceFile(input, file);
      setTimeout(() => { status.textContent = status.dataset.slow; }, SLOW_MS);
      form.submit();
    });
  });

  // Coming back with the back button, the form is usable again.
  window.addEventListener("pageshow", () => {
    panel.hidden = true;
    send.hidden = false;
    form.querySelectorAll("input[type=file]").forEach((input) => { input.disabled = false; });
  });
}

async function replaceFile(input, file) {
  const smaller = await shrink(file);
  if (smaller === file || typeof DataTransfer !== "function") return;
  try {
    const bag = new DataTransfer();
    bag.items.add(smaller);
    input.files = bag.files;
  } catch (_refused) {
    // An old browser does not let us set files: the original goes out as it is.
  }
}
