// The check of numbers with a camera: codes are read here where the browser can (BarcodeDetector), else by the server from a
// picture made smaller before it is sent. Without it the form is a plain one with a text and a file.
"use strict";
(() => {
  const LONGEST_SIDE = 1600; // dots, as the server searches
  const PAUSE = 200; // milliseconds between two looks
  const FORMATS = ["qr_code", "data_matrix", "ean_13", "ean_8", "upc_a", "upc_e", "code_128", "code_39", "itf"];
  for (const form of document.querySelectorAll("form[data-camera]:not([data-ready])")) {
    form.dataset.ready = "";
    const place = form.querySelector(".pz-camera");
    const numbers = form.querySelector("textarea");
    const file = form.querySelector("input[type=file]");

    async function shrink() {
      const [picture] = file.files;
      if (!picture || !window.createImageBitmap || !window.DataTransfer) return;
      try {
        const bitmap = await createImageBitmap(picture);
        const scale = LONGEST_SIDE / Math.max(bitmap.width, bitmap.height);
        if (scale >= 1) return;
        const canvas = document.createElement("canvas");
        canvas.width = Math.round(bitmap.width * scale);
        canvas.height = Math.round(bitmap.height * scale);
        canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
        const smaller = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
        if (!smaller || file.files[0] !== picture) return;
        const given = new DataTransfer();
        given.items.add(new File([smaller], "picture.jpg", { type: "image/jpeg" }));
        file.files = given.files;
      } catch { /* the server says what is wrong with the picture */ }
    }
    file.addEventListener("change", shrink);

    if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) continue;
    const button = document.createElement("button");
    const video = document.createElement("video");
    const told = document.createElement("p");
    let stream = null;
    button.type = "button";
    button.className = "govuk-button govuk-button--secondary pz-button--small";
    button.textContent = form.dataset.start;
    video.muted = true;
    video.hidden = true;
    video.setAttribute("playsinline", "");
    told.setAttribute("role", "status");
    told.className = "pz-small";
    place.append(button, told, video);
    place.hidden = false;

    function stop() {
      for (const track of stream?.getTracks() ?? []) track.stop();
      stream = null;
      video.hidden = true;
      told.textContent = "";
      button.textContent = form.dataset.start;
    }

    async function look(detector) {
      while (stream) {
        const found = await detector.detect(video).catch(() => []);
        const texts = [...new Set(found.map((code) => code.rawValue).filter(Boolean))];
        if (stream && texts.length) {
          stop();
          numbers.value = [numbers.value.trim(), ...texts].filter(Boolean).join("\n");
          form.requestSubmit();
          return;
        }
        await new Promise((done) => setTimeout(done, PAUSE));
      }
    }

    button.addEventListener("click", async () => {
      if (stream) {
        stop();
        return;
      }
      try {
        const known = await BarcodeDetector.getSupportedFormats();
        const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => known.includes(format)) });
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        video.srcObject = stream;
        video.hidden = false;
        told.textContent = form.dataset.hold;
        button.textContent = form.dataset.stop;
        await video.play();
        look(detector);
      } catch {
        stop();
        told.textContent = form.dataset.refused;
      }
    });
    window.addEventListener("pagehide", stop);
  }
})();
