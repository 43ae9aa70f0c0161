// The tablet's camera as a scanner: what it reads goes into the form's one input, as if a scanner had typed it.
"use strict";

/** Watches through the camera until a code is seen or the dialog is closed. */
async function openCamera(form) {
  const dialog = document.getElementById("camera");
  const [video, fault, close] = ["video", ".error", "button"].map((each) => dialog.querySelector(each));
  fault.hidden = true;
  dialog.showModal();
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    await video.play();
  } catch {
    fault.hidden = false;
  }
  const stop = () => stream?.getTracks().forEach((track) => track.stop());
  close.onclick = () => dialog.close();
  dialog.onclose = stop;
  const detector = new BarcodeDetector();
  while (dialog.open && stream) {
    const [found] = await detector.detect(video).catch(() => []);
    if (found) {
      dialog.close();
      form.querySelector("#entry, #reference").value = found.rawValue;
      form.requestSubmit();
    }
    await new Promise((next) => setTimeout(next, 150));
  }
}
