/** A picture of a thing, drawn from what it is made of; the same thing always looks the same. */

const shapes = {
  clay: (tone) =>
    `<path d="M168 66h64c-2 16 42 44 42 98 0 50-34 78-74 78s-74-28-74-78c0-54 44-82 42-98z" fill="${tone(74)}"/>
     <path d="M128 150c46 14 98 14 144 0M126 170c48 15 100 15 148 0" fill="none" stroke="${tone(46)}" stroke-width="5"/>
     <ellipse cx="200" cy="66" rx="32" ry="8" fill="${tone(38)}"/>`,
  cloth: (tone) =>
    `<path d="M110 84l180-18 14 150-184 22z" fill="${tone(70)}"/>
     ${[0, 1, 2, 3, 4, 5].map((row) => `<path d="M${112 + row * 1.5} ${104 + row * 22}l182-20" stroke="${tone(row % 2 ? 40 : 54)}" stroke-width="${row % 2 ? 4 : 9}"/>`).join("")}
     <path d="M120 238l-3 16m22-18l-2 16m22-18l-2 16m22-18l-2 16m22-18l-2 16m22-19l-2 16m22-18l-2 16m22-18l-2 16" stroke="${tone(50)}" stroke-width="4"/>`,
  wood: (tone) =>
    `<ellipse cx="200" cy="150" rx="104" ry="92" fill="${tone(58)}"/>
     ${[84, 64, 45, 28, 12].map((radius, ring) => `<ellipse cx="${200 - ring * 3}" cy="${150 + ring * 2}" rx="${radius}" ry="${radius * 0.87}" fill="none" stroke="${tone(ring % 2 ? 38 : 46)}" stroke-width="4"/>`).join("")}
     <path d="M190 158l84 48" stroke="${tone(34)}" stroke-width="4" stroke-linecap="round"/>`,
  glass: (tone) =>
    `<circle cx="200" cy="152" r="88" fill="${tone(62)}" fill-opacity=".85"/>
     <path d="M140 120c14-30 44-44 70-40" fill="none" stroke="${tone(92)}" stroke-width="10" stroke-linecap="round"/>
     <ellipse cx="216" cy="170" rx="12" ry="30" fill="${tone(80)}" transform="rotate(24 216 170)"/>
     <path d="M186 64h28l-4-22h-20z" fill="${tone(40)}"/>`,
  paper: (tone) =>
    `<path d="M122 78l116-10 40 32-6 146-142 6z" fill="${tone(84)}"/>
     <path d="M238 68l-2 36 42-4z" fill="${tone(64)}"/>
     ${[0, 1, 2, 3, 4].map((row) => `<path d="M148 ${130 + row * 22}l${row === 4 ? 56 : 100}-5" stroke="${tone(52)}" stroke-width="4" stroke-linecap="round"/>`).join("")}`,
  leather: (tone) =>
    `<path d="M118 120h164l14 104c2 14-6 22-18 22H122c-12 0-20-8-18-22z" fill="${tone(44)}"/>
     <path d="M118 120h164l-22 66c-4 10-10 14-20 14h-80c-10 0-16-4-20-14z" fill="${tone(54)}"/>
     <path d="M128 128h144l-20 58" fill="none" stroke="${tone(80)}" stroke-width="3" stroke-dasharray="9 7"/>
     <path d="M150 120c0-70 100-70 100 0" fill="none" stroke="${tone(36)}" stroke-width="10"/><circle cx="200" cy="196" r="9" fill="${tone(82)}"/>`,
};
const hues = { clay: 20, cloth: 214, wood: 32, glass: 168, paper: 46, leather: 14 };

const spread = (text) => [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 997, 7) / 997;

/** The picture as an SVG element. It holds nothing that came from a user: only numbers made of the id. */
export function artOf({ id, category }) {
  const chance = spread(id);
  const hue = Math.round((hues[category] ?? 280) + (chance - 0.5) * 50 + 360) % 360;
  const tone = (light) => `hsl(${hue} ${category === "paper" ? 30 : 42}% ${light}%)`;
  const draw = shapes[category] ?? shapes.paper;
  const template = document.createElement("template");
  template.innerHTML = `<svg viewBox="0 0 400 300" aria-hidden="true">
    <rect width="400" height="300" fill="${tone(88)}"/>
    <circle cx="${Math.round(60 + chance * 280)}" cy="70" r="${Math.round(70 + chance * 60)}" fill="${tone(93)}"/>
    <path d="M0 246q200-${Math.round(10 + chance * 26)} 400 0v54H0z" fill="${tone(79)}"/>${draw(tone)}</svg>`;
  return template.content.firstElementChild;
}
