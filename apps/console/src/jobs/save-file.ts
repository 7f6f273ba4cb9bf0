"use client";

/** Hands a text to the browser as a download. */
export function saveFile(file: { fileName: string; contentType: string; text: string }) {
  const url = URL.createObjectURL(new Blob([file.text], { type: file.contentType }));
  const link = document.createElement("a");
  link.href = url;
  link.download = file.fileName;
  link.click();
  URL.revokeObjectURL(url);
}
