// Progressive help only: every page works without this file.
import { upgradePhotoForm } from "./photo.js";
import { upgradeCopyButtons } from "./copy.js";
import { focusErrors } from "./errors.js";
import { acknowledgeForm } from "./busy.js";

document.querySelectorAll("[data-photo-form]").forEach(upgradePhotoForm);
document.querySelectorAll("[data-copy]").forEach(upgradeCopyButtons);
document.querySelectorAll("[data-busy-form]").forEach(acknowledgeForm);
focusErrors(document.getElementById("errors"));

// A page taken back from the browser's cache must not say that it is still sending.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    document.querySelectorAll("[aria-busy=true]").forEach((item) => item.removeAttribute("aria-busy"));
  }
});
