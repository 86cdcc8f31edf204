// Text boxes that grow, send on Enter, and tell the other side that somebody types.

const REPEAT_MS = 5000;
const PAUSE_MS = 3500;

export function grow(box) {
  box.style.height = "";
  // One line is the stylesheet's; a hidden box has no height to measure.
  if (box.scrollHeight > box.clientHeight) box.style.height = `${box.scrollHeight}px`;
}

export function insert(box, text) {
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.dispatchEvent(new Event("input"));
}

// `send(text)` resolves when the message is on its way; on failure the text stays in the box.
// `speak` is what the button does while the box is empty.
export function composer(form, send, { typing = () => {}, speak = () => {} } = {}) {
  const box = form.querySelector("textarea");
  let lastTold = 0;
  let pause;
  const stop = () => {
    clearTimeout(pause);
    if (lastTold) typing("paused");
    lastTold = 0;
  };
  const settle = () => {
    grow(box);
    form.classList.toggle("vacant", !box.value.trim());
  };
  settle();
  box.addEventListener("input", () => {
    settle();
    if (!box.value.trim()) return stop();
    if (Date.now() - lastTold > REPEAT_MS) {
      lastTold = Date.now();
      typing("composing");
    }
    clearTimeout(pause);
    pause = setTimeout(stop, PAUSE_MS);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const text = box.value.trim();
    if (!text) return event.submitter ? speak() : undefined;
    box.value = "";
    settle();
    clearTimeout(pause);
    lastTold = 0;
    try {
      await send(text);
    } catch {
      box.value = text;
      settle();
    }
    box.focus();
  });
  return { box, stop };
}
