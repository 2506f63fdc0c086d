/** A text as HTML shows it, between tags and in quoted attributes: nothing in it opens or closes anything. Not for scripts. */
export const escapedHtml = (text: string): string =>
  text.replaceAll(/[&<>"'`]/g, (letter) => `&#${letter.charCodeAt(0)};`);
