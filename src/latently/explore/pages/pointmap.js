// A map of points on a canvas: pan, zoom, turn (three dimensions), hover, pick, keyboard. Knows nothing of what they are.
//
//   const map = new PointMap(element, { hover(row, at) {}, pick(row, at) {}, overlay(context, map) {} });
//   map.setPoints(Float32Array.of(x, y, x, y, ...), 2);
//   map.setColours(Uint32Array.of(0xaabbggrr, ...), Uint8Array.of(0, 1, ...));   // alpha 0 hides; 1 is a triangle
//
// Screens are in CSS pixels, y downwards; the map's own places are those of the points, y upwards.

const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;
const EASE = 70; // milliseconds in which about two thirds of a move are made
const NEAR = 14; // pixels within which a point is meant by the mouse; a finger is less exact
const NEAR_FINGER = 24;
const STILL = 5; // pixels that a press may move and still be a press
const TURN = 0.008; // radians a pixel
const EYE = 3.2; // distance of the eye in radii of the map, in three dimensions

const clamp = (value, low, high) => Math.max(low, Math.min(high, value));

export class PointMap {
  constructor(root, { hover = () => {}, pick = () => {}, overlay = () => {}, moved = () => {}, renderer = 'auto' } = {}) {
    Object.assign(this, { root, hover, pick, overlay, moved });
    this.canvases = ['under', 'points', 'over'].map((name) => {
      const canvas = document.createElement('canvas');
      canvas.className = `pointmap-${name}`;
      canvas.style.cssText = 'position:absolute;inset:0;width:100%;height:100%';
      return root.appendChild(canvas);
    });
    this.under = this.canvases[0].getContext('2d');
    // lines and rings drawn by the processor: Chromium's own software GL was seen to lag two frames behind for good
    this.over = this.canvases[2].getContext('2d', { willReadFrequently: true });
    this.painter = chosen(this.canvases[1], renderer);
    this.canvases[1] = this.painter.canvas;
    this.count = 0;
    this.current = -1; // the row that is marked
    this.backdrop = null;
    this.turned = { yaw: 0.6, pitch: 0.35 };
    this.view = { x: 0, y: 0, scale: 1 };
    this.goal = { ...this.view };
    this.calm = matchMedia('(prefers-reduced-motion: reduce)');
    this.pointers = new Map();
    this.#listen();
    new ResizeObserver(() => this.#resize()).observe(root);
    this.#resize();
  }

  // ---- what is drawn

  setPoints(places, dimensions) {
    this.dimensions = dimensions;
    this.count = places.length / dimensions;
    this.places = places;
    this.colours = new Uint32Array(this.count).fill(0xff888888);
    this.shapes = new Uint8Array(this.count);
    this.#project();
    this.#bounds();
    this.fit(true);
  }

  setColours(colours, shapes = this.shapes) {
    this.colours = colours;
    this.shapes = shapes;
    this.grid = null; // what is hidden cannot be found
    this.painter.colours(colours, shapes);
    this.#redraw();
  }

  // Tiles of one image at places of the map: { image, columns, width, height, centres: [x, y, ...], side, alphas }.
  setBackdrop(backdrop) {
    this.backdrop = backdrop;
    this.#redraw();
  }

  mark(row) {
    if (row === this.current) return;
    this.current = row;
    this.draw();
  }

  get radius() {
    const room = Math.sqrt((this.width * this.height) / Math.max(1, this.count));
    const grown = Math.pow(Math.max(1, this.view.scale / this.whole), 0.55);
    return clamp(0.2 * room, 1.1, 5) * clamp(grown, 1, 6);
  }

  // Soon: the marks and lines over the points. These are drawn again only where they moved or changed.
  draw() {
    this.request ??= requestAnimationFrame((now) => this.#frame(now));
  }

  #redraw() {
    this.stale = true;
    this.draw();
  }

  // ---- where one looks

  // All of the map, or what of it is shown; `at once` without a flight.
  fit(atOnce = false) {
    const [x0, y0, x1, y1] = this.box;
    const { left = 0, right = 0, top = 0, bottom = 0 } = this.inset ?? {};
    const width = Math.max(40, this.width - left - right);
    const height = Math.max(40, this.height - top - bottom);
    this.whole = 0.92 * Math.min(width / (x1 - x0), height / (y1 - y0));
    const view = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, scale: this.whole };
    view.x -= (left - right) / 2 / view.scale;
    view.y += (top - bottom) / 2 / view.scale;
    this.#go(view, atOnce);
  }

  // Flies to a point, near enough to see what is around it.
  show(row, zoom = 6) {
    const scale = Math.max(this.goal.scale, this.whole * zoom);
    const { left = 0, right = 0, top = 0, bottom = 0 } = this.inset ?? {};
    this.#go({
      x: this.xy[2 * row] - (left - right) / 2 / scale,
      y: this.xy[2 * row + 1] + (top - bottom) / 2 / scale,
      scale,
    });
  }

  zoom(times, px = this.width / 2, py = this.height / 2) {
    const scale = clamp(this.goal.scale * times, this.whole / 4, this.whole * 4000);
    const { x, y } = this.#place(px, py, this.goal);
    this.#go({ x: x - (px - this.width / 2) / scale, y: y + (py - this.height / 2) / scale, scale });
  }

  pan(dx, dy, atOnce = false) {
    const { x, y, scale } = this.goal;
    this.#go({ x: x - dx / scale, y: y + dy / scale, scale }, atOnce);
  }

  turn(dx, dy) {
    this.turned.yaw += dx * TURN;
    this.turned.pitch = clamp(this.turned.pitch + dy * TURN, -1.5, 1.5);
    this.#project();
    this.#redraw();
  }

  // The screen's pixel of a row.
  at(row) {
    const { x, y, scale } = this.view;
    return {
      x: (this.xy[2 * row] - x) * scale + this.width / 2,
      y: (y - this.xy[2 * row + 1]) * scale + this.height / 2,
    };
  }

  place(px, py) {
    return this.#place(px, py, this.view);
  }

  // The nearest shown row within `reach` pixels, or -1.
  nearest(px, py, reach = NEAR) {
    const { x, y } = this.place(px, py);
    return this.#around(x, y, reach / this.view.scale);
  }

  // How far the nearest shown row is from a place, in the map's own units.
  gap(x, y) {
    for (let reach = 8 / this.view.scale; reach < 1e9 * this.span; reach *= 3) {
      const row = this.#around(x, y, reach);
      if (row >= 0) return Math.hypot(this.xy[2 * row] - x, this.xy[2 * row + 1] - y);
    }
    return Infinity;
  }

  // The nearest shown row that lies, seen from `row`, to one side: (1, 0) is to the right, (0, 1) below.
  step(row, across, down) {
    const { xy, colours } = this;
    const middle = this.place(this.width / 2, this.height / 2);
    if (row < 0) return this.#around(middle.x, middle.y, Infinity);
    let best = -1;
    let least = Infinity;
    for (let i = 0; i < this.count; i++) {
      if (i === row || !(colours[i] >>> 24)) continue;
      const dx = xy[2 * i] - xy[2 * row];
      const dy = xy[2 * row + 1] - xy[2 * i + 1];
      const ahead = dx * across + dy * down;
      const aside = Math.abs(dx * down - dy * across);
      if (ahead <= 0 || aside > ahead) continue;
      const far = ahead * ahead + 4 * aside * aside;
      if (far < least) [best, least] = [i, far];
    }
    return best;
  }

  // ---- frames

  #frame(now) {
    this.request = null;
    const passed = Math.min(50, now - (this.last ?? now - 16));
    const moving = this.#approach(1 - Math.exp(-passed / EASE));
    this.last = moving ? now : undefined;
    if (this.count && (this.stale || moving)) {
      this.painter.draw(this.view, this.radius, this.ratio);
      this.#drawUnder();
      this.stale = false;
    }
    const ratio = this.ratio;
    this.over.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.over.clearRect(0, 0, this.width, this.height);
    this.overlay(this.over, this);
    if (this.current >= 0) this.#ring(this.at(this.current));
    this.frames = (this.frames ?? 0) + 1;
    if (moving) this.draw();
  }

  // A step towards the goal: scales in proportion, and places so that what lies under the mouse stays there.
  #approach(share) {
    const { view, goal } = this;
    const left = Math.abs(Math.log(goal.scale / view.scale));
    const off = Math.hypot(goal.x - view.x, goal.y - view.y) * goal.scale;
    if (left < 1e-4 && off < 0.1) {
      if (left || off) Object.assign(this, { view: { ...goal }, stale: true });
      return false;
    }
    const scale = view.scale * Math.pow(goal.scale / view.scale, share);
    const part = left < 1e-3 ? share : (1 / view.scale - 1 / scale) / (1 / view.scale - 1 / goal.scale);
    view.x += (goal.x - view.x) * part;
    view.y += (goal.y - view.y) * part;
    view.scale = scale;
    return true;
  }

  #drawUnder() {
    const { under, backdrop, ratio, view } = this;
    under.setTransform(ratio, 0, 0, ratio, 0, 0);
    under.clearRect(0, 0, this.width, this.height);
    if (!backdrop || this.dimensions > 2) return;
    const { image, columns, width, height, centres, side, alphas } = backdrop;
    const large = side * view.scale;
    under.imageSmoothingEnabled = large < 2 * width;
    for (let k = 0; k < alphas.length; k++) {
      if (!alphas[k]) continue;
      const px = (centres[2 * k] - view.x) * view.scale + this.width / 2 - large / 2;
      const py = (view.y - centres[2 * k + 1]) * view.scale + this.height / 2 - large / 2;
      if (px > this.width || py > this.height || px < -large || py < -large) continue;
      under.globalAlpha = alphas[k] / 255;
      const from = [(k % columns) * width, Math.floor(k / columns) * height];
      under.drawImage(image, ...from, width, height, px, py, large + 0.3, large + 0.3);
    }
    under.globalAlpha = 1;
  }

  #ring({ x, y }) {
    const { over } = this;
    const ink = getComputedStyle(this.root).color;
    over.beginPath();
    over.arc(x, y, Math.max(6, this.radius + 4), 0, 7);
    over.lineWidth = 4;
    over.strokeStyle = getComputedStyle(this.root).backgroundColor;
    over.stroke();
    over.lineWidth = 2;
    over.strokeStyle = ink;
    over.stroke();
  }

  #go(view, atOnce = this.calm.matches) {
    this.goal = view;
    if (atOnce) this.view = { ...view };
    this.moved(this);
    this.#redraw();
  }

  #place(px, py, { x, y, scale }) {
    return { x: x + (px - this.width / 2) / scale, y: y - (py - this.height / 2) / scale };
  }

  #resize() {
    const { width, height } = this.root.getBoundingClientRect();
    if (!width || !height) return;
    const whole = this.view.scale === this.whole || !this.width;
    Object.assign(this, { width, height, ratio: Math.min(3, devicePixelRatio || 1) });
    for (const canvas of this.canvases) {
      canvas.width = Math.round(width * this.ratio);
      canvas.height = Math.round(height * this.ratio);
    }
    if (this.count) whole ? this.fit(true) : this.#redraw();
  }

  #bounds() {
    const { xy } = this;
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < xy.length; i += 2) {
      x0 = Math.min(x0, xy[i]);
      x1 = Math.max(x1, xy[i]);
      y0 = Math.min(y0, xy[i + 1]);
      y1 = Math.max(y1, xy[i + 1]);
    }
    this.span = Math.max(x1 - x0, y1 - y0) || 1;
    const [midX, midY] = [(x0 + x1) / 2, (y0 + y1) / 2];
    const half = [Math.max(x1 - x0, this.span / 20) / 2, Math.max(y1 - y0, this.span / 20) / 2];
    this.box = [midX - half[0], midY - half[1], midX + half[0], midY + half[1]];
    if (this.dimensions > 2) this.box = [-this.reach, -this.reach, this.reach, this.reach];
  }

  // Points as they lie on the screen: themselves, or in three dimensions turned and seen from near.
  #project() {
    const { places, dimensions, count } = this;
    this.grid = null;
    if (dimensions === 2) {
      this.xy = places;
      this.painter.places(this.xy);
      return;
    }
    this.centre ??= [0, 1, 2].map((axis) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += places[3 * i + axis];
      return sum / count;
    });
    const [cx, cy, cz] = this.centre;
    if (!this.reach) {
      let most = 0;
      for (let i = 0; i < count; i++) {
        most = Math.max(most, Math.hypot(places[3 * i] - cx, places[3 * i + 1] - cy, places[3 * i + 2] - cz));
      }
      this.reach = most || 1;
    }
    const [cosYaw, sinYaw] = [Math.cos(this.turned.yaw), Math.sin(this.turned.yaw)];
    const [cosPitch, sinPitch] = [Math.cos(this.turned.pitch), Math.sin(this.turned.pitch)];
    const xy = (this.xy = this.xy?.length === 2 * count ? this.xy : new Float32Array(2 * count));
    for (let i = 0; i < count; i++) {
      const [a, b, c] = [places[3 * i] - cx, places[3 * i + 1] - cy, places[3 * i + 2] - cz];
      const x = a * cosYaw + c * sinYaw;
      const deep = c * cosYaw - a * sinYaw;
      const y = b * cosPitch - deep * sinPitch;
      const z = b * sinPitch + deep * cosPitch;
      const near = EYE / (EYE - z / this.reach);
      xy[2 * i] = x * near;
      xy[2 * i + 1] = y * near;
    }
    this.painter.places(xy);
  }

  // ---- the nearest point: all points sorted into square cells, about two in each

  #cells() {
    const { xy, colours, count } = this;
    let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let i = 0; i < 2 * count; i += 2) {
      x0 = Math.min(x0, xy[i]);
      x1 = Math.max(x1, xy[i]);
      y0 = Math.min(y0, xy[i + 1]);
      y1 = Math.max(y1, xy[i + 1]);
    }
    const across = clamp(Math.ceil(Math.sqrt(count / 2)), 1, 1024);
    const side = Math.max(x1 - x0, y1 - y0, 1e-30) / across;
    const starts = new Uint32Array((across + 1) * (across + 1) + 1);
    const cell = (i) => (((xy[2 * i + 1] - y0) / side) | 0) * (across + 1) + (((xy[2 * i] - x0) / side) | 0);
    for (let i = 0; i < count; i++) if (colours[i] >>> 24) starts[cell(i) + 1]++;
    for (let c = 1; c < starts.length; c++) starts[c] += starts[c - 1];
    const next = starts.slice();
    const rows = new Uint32Array(starts[starts.length - 1]);
    for (let i = 0; i < count; i++) if (colours[i] >>> 24) rows[next[cell(i)]++] = i;
    return { x0, y0, side, across, starts, rows };
  }

  #around(x, y, reach) {
    const { xy } = this;
    const { x0, y0, side, across, starts, rows } = (this.grid ??= this.#cells());
    const bound = (value) => clamp(Math.floor(value / side), 0, across);
    let best = -1;
    let least = reach * reach;
    for (let row = bound(y - reach - y0); row <= bound(y + reach - y0); row++) {
      const line = row * (across + 1);
      const end = starts[line + bound(x + reach - x0) + 1];
      for (let k = starts[line + bound(x - reach - x0)]; k < end; k++) {
        const i = rows[k];
        const far = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
        if (far < least) [best, least] = [i, far];
      }
    }
    return best;
  }

  // ---- mouse, fingers, keys

  #listen() {
    const { root } = this;
    root.style.touchAction = 'none';
    const spot = (event) => {
      const box = root.getBoundingClientRect();
      return { x: event.clientX - box.left, y: event.clientY - box.top };
    };
    root.addEventListener('wheel', (event) => {
      event.preventDefault();
      const unit = event.deltaMode === 1 ? 18 : event.deltaMode === 2 ? 300 : 1;
      const { x, y } = spot(event);
      this.zoom(Math.exp(-clamp(event.deltaY * unit, -300, 300) * (event.ctrlKey ? 0.01 : 0.002)), x, y);
    }, { passive: false });
    root.addEventListener('pointerdown', (event) => {
      root.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, { ...spot(event), from: spot(event), moved: this.pointers.size > 0 });
    });
    root.addEventListener('pointermove', (event) => this.#move(event, spot(event)));
    root.addEventListener('pointerup', (event) => {
      const pointer = this.pointers.get(event.pointerId);
      this.pointers.delete(event.pointerId);
      if (pointer && !pointer.moved) {
        const { x, y } = spot(event);
        this.pick(this.nearest(x, y, event.pointerType === 'touch' ? NEAR_FINGER : NEAR), { x, y });
      }
    });
    root.addEventListener('pointercancel', (event) => this.pointers.delete(event.pointerId));
    root.addEventListener('pointerleave', () => this.hover(-1, null));
    root.addEventListener('dblclick', (event) => {
      const { x, y } = spot(event);
      this.zoom(event.shiftKey ? 0.4 : 2.5, x, y);
    });
    root.addEventListener('keydown', (event) => this.#key(event));
  }

  #move(event, { x, y }) {
    const pointer = this.pointers.get(event.pointerId);
    if (!pointer) {
      if (event.pointerType === 'touch') return;
      this.hover(this.nearest(x, y), { x, y });
      return;
    }
    const others = [...this.pointers.values()].filter((other) => other !== pointer);
    const [dx, dy] = [x - pointer.x, y - pointer.y];
    if (others.length) {
      const other = others[0];
      const was = Math.hypot(pointer.x - other.x, pointer.y - other.y) || 1;
      const is = Math.hypot(x - other.x, y - other.y) || 1;
      this.pan(dx / 2, dy / 2, true);
      this.zoom(is / was, (x + other.x) / 2, (y + other.y) / 2);
      this.view = { ...this.goal };
      other.moved = true;
    } else if (pointer.moved) {
      const turning = this.dimensions > 2 && !event.shiftKey && event.buttons !== 2;
      turning ? this.turn(dx, dy) : this.pan(dx, dy, true);
    }
    Object.assign(pointer, pointer.moved ? { x, y } : {});
    pointer.moved ||= Math.hypot(x - pointer.from.x, y - pointer.from.y) > STILL;
    if (pointer.moved) this.hover(-1, null);
  }

  #key(event) {
    const arrows = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.root) return;
    const arrow = arrows[event.key];
    if (arrow && event.shiftKey) this.dimensions > 2 ? this.turn(-40 * arrow[0], -40 * arrow[1]) : this.pan(-80 * arrow[0], -80 * arrow[1]);
    else if (arrow) {
      const row = this.step(this.current, ...arrow);
      if (row >= 0) this.pick(row, null);
    } else if (event.key === '+' || event.key === '=') this.zoom(1.6);
    else if (event.key === '-' || event.key === '_') this.zoom(1 / 1.6);
    else if (event.key === '0' || event.key === 'Home') this.fit();
    else return;
    event.preventDefault();
  }
}

function chosen(canvas, renderer) {
  if (renderer !== 'canvas') {
    try {
      return new OnGpu(canvas, renderer === 'webgl');
    } catch {
      const fresh = canvas.cloneNode(); // a canvas that has given one kind of context gives no other
      canvas.replaceWith(fresh);
      canvas = fresh;
    }
  }
  return new OnCpu(canvas);
}

const VERTEX = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in vec4 colour;
layout(location = 2) in uint shape;
uniform vec2 middle;
uniform vec2 stretch;
uniform float size;
out vec4 ink;
flat out uint kind;
void main() {
  gl_Position = vec4((place - middle) * stretch, 0.0, 1.0);
  gl_PointSize = colour.a > 0.0 ? size : 0.0;
  if (colour.a == 0.0) gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
  ink = colour;
  kind = shape;
}`;
const FRAGMENT = `#version 300 es
precision highp float;
in vec4 ink;
flat in uint kind;
uniform float size;
out vec4 found;
void main() {
  vec2 at = (gl_PointCoord - 0.5) * size;
  float radius = size * 0.5 - 1.0;
  float away = kind == 0u ? length(at) - radius : max(abs(at.x) * 0.866 - at.y * 0.5, at.y) - radius * 0.55;
  float cover = ink.a * clamp(0.5 - away, 0.0, 1.0);
  if (cover <= 0.0) discard;
  found = vec4(ink.rgb * cover, cover);
}`;

// WebGL2, for graphics cards; drawing in software it would take 590 ms where the loop below takes 16.
class OnGpu {
  constructor(canvas, evenSlow) {
    const gl = canvas.getContext('webgl2', { alpha: true, antialias: false, premultipliedAlpha: true });
    if (!gl) throw new Error('no WebGL2');
    const about = gl.getExtension('WEBGL_debug_renderer_info');
    const name = gl.getParameter(about ? about.UNMASKED_RENDERER_WEBGL : gl.RENDERER);
    if (SOFTWARE.test(name) && !evenSlow) throw new Error(`${name} draws in software`);
    this.gl = gl;
    this.canvas = canvas;
    this.name = 'webgl';
    const program = (this.program = gl.createProgram());
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program));
    gl.useProgram(program);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    this.buffers = [0, 1, 2].map(() => gl.createBuffer());
  }

  places(xy) {
    this.#fill(0, xy, (gl) => gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0));
    this.count = xy.length / 2;
  }

  colours(colours, shapes) {
    this.#fill(1, new Uint8Array(colours.buffer), (gl) => gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0));
    this.#fill(2, shapes, (gl) => gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_BYTE, 0, 0));
  }

  draw({ x, y, scale }, radius, ratio) {
    const { gl, program, canvas } = this;
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniform2f(gl.getUniformLocation(program, 'middle'), x, y);
    gl.uniform2f(
      gl.getUniformLocation(program, 'stretch'), (2 * scale * ratio) / canvas.width, (2 * scale * ratio) / canvas.height,
    );
    gl.uniform1f(gl.getUniformLocation(program, 'size'), 2 * radius * ratio + 2);
    gl.drawArrays(gl.POINTS, 0, this.count);
  }

  #fill(place, values, describe) {
    const { gl } = this;
    gl.bindBuffer(gl.ARRAY_BUFFER, this.buffers[place]);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.STATIC_DRAW);
    gl.enableVertexAttribArray(place);
    describe(gl);
  }
}

// A loop over points and the pixels of each: the same pixels on every machine.
class OnCpu {
  constructor(canvas) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.name = 'canvas';
    this.stamps = new Map();
  }

  places(xy) {
    this.xy = xy;
  }

  colours(colours, shapes) {
    Object.assign(this, { inks: colours, shapes });
  }

  draw({ x, y, scale }, radius, ratio) {
    const { canvas: { width, height }, xy, inks, shapes } = this;
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    const { pixels } = this;
    pixels.fill(0);
    const stamps = [this.#stamp(radius * ratio, 0), this.#stamp(radius * ratio, 1)];
    const { side } = stamps[0];
    const half = side / 2;
    const [step, right, down] = [scale * ratio, width / 2 - x * scale * ratio - half, height / 2 + y * scale * ratio - half];
    for (let i = 0; inks && i < inks.length; i++) {
      const ink = inks[i];
      const alpha = ink >>> 24;
      if (!alpha) continue;
      const px = Math.round(xy[2 * i] * step + right);
      const py = Math.round(down - xy[2 * i + 1] * step);
      if (px <= -side || py <= -side || px >= width || py >= height) continue;
      const { cover } = stamps[shapes[i]];
      const colour = ink & 0xffffff;
      for (let v = Math.max(0, -py); v < side && py + v < height; v++) {
        let k = (py + v) * width + px;
        for (let u = 0; u < side; u++, k++) {
          const share = cover[v * side + u];
          if (!share || px + u < 0 || px + u >= width) continue;
          const over = (share * alpha * 257) >>> 16;
          const there = pixels[k];
          pixels[k] = there && over < 255 ? mixed(there, colour, over) : ((over << 24) | colour) >>> 0;
        }
      }
    }
    this.context.putImageData(this.image, 0, 0);
  }

  // How much of each pixel of a square a disc or a triangle covers, 0 to 255.
  #stamp(radius, shape) {
    const key = `${Math.round(radius * 4)} ${shape}`;
    if (!this.stamps.has(key)) {
      const side = Math.ceil(2 * radius + 2);
      const cover = new Uint8Array(side * side);
      for (let v = 0; v < side; v++) {
        for (let u = 0; u < side; u++) {
          const [a, b] = [u + 0.5 - side / 2, v + 0.5 - side / 2];
          const away = shape ? Math.max(Math.abs(a) * 0.866 - b * 0.5, b) - radius * 0.55 : Math.hypot(a, b) - radius;
          cover[v * side + u] = 255 * clamp(0.5 - away, 0, 1);
        }
      }
      this.stamps.set(key, { side, cover });
    }
    return this.stamps.get(key);
  }
}

// One colour laid over another that may be transparent itself, each as 0xaabbggrr; `over` from 1 to 254.
function mixed(there, colour, over) {
  const below = ((there >>> 24) * (255 - over)) / 255;
  const all = over + below;
  const part = over / all;
  const red = (there & 255) + ((colour & 255) - (there & 255)) * part;
  const green = ((there >>> 8) & 255) + (((colour >>> 8) & 255) - ((there >>> 8) & 255)) * part;
  const blue = ((there >>> 16) & 255) + (((colour >>> 16) & 255) - ((there >>> 16) & 255)) * part;
  return ((Math.round(all) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
