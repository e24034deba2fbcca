import * as gl2 from "twgl.js";

/** One point of the wall: its place, and which colour of the palette it has. */
const VERTEX = `#version 300 es
  in float x;
  in float y;
  in float shade;
  uniform vec2 middle;
  uniform vec2 scale;
  uniform float size;
  uniform float lift;
  uniform sampler2D palette;
  out vec4 colour;
  flat out float side;

  void main() {
    // What is shaded more strongly lies over the rest, and is larger.
    float strength = lift * shade / 255.0;
    gl_Position = vec4((vec2(x, y) - middle) * scale, -strength, 1.0);
    side = size * (1.0 + 0.8 * strength);
    gl_PointSize = side;
    colour = texelFetch(palette, ivec2(int(shade), 0), 0);
  }`;

const FRAGMENT = `#version 300 es
  precision highp float;
  in vec4 colour;
  flat in float side;
  out vec4 drawn;

  void main() {
    float covered = clamp((0.5 - length(gl_PointCoord - 0.5)) * side, 0.0, 1.0);
    if (covered == 0.0) discard;
    drawn = colour * covered;
  }`;

export const COLOURS = 256;

/** How the points are seen: pixels of the canvas throughout. */
export interface Seen {
  readonly x: number;
  readonly y: number;
  /** From 0 to 1 on the map. */
  readonly scale: number;
  /** Across one point. */
  readonly point: number;
  /** Whether the shade of a point says how much it matters. */
  readonly lifted: boolean;
}

/** Points on a canvas, drawn by WebGL 2. */
export class Plot {
  private readonly program: gl2.ProgramInfo;
  private readonly palette: WebGLTexture;
  private points: gl2.BufferInfo | null = null;

  private constructor(private readonly gl: WebGL2RenderingContext) {
    this.program = gl2.createProgramInfo(gl, [VERTEX, FRAGMENT]);
    this.palette = gl2.createTexture(gl, {
      width: COLOURS,
      height: 1,
      minMag: gl.NEAREST,
      auto: false,
    });
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
  }

  /** null where the browser has no WebGL 2, or none to give. */
  static on(canvas: HTMLCanvasElement): Plot | null {
    const gl = canvas.getContext("webgl2", { antialias: false });
    return gl === null ? null : new Plot(gl);
  }

  place(xs: Float32Array, ys: Float32Array): void {
    this.forget();
    const { gl } = this;
    this.points = gl2.createBufferInfoFromArrays(gl, {
      x: { numComponents: 1, data: xs },
      y: { numComponents: 1, data: ys },
      shade: { numComponents: 1, data: new Uint8Array(xs.length), normalize: false },
    });
  }

  /** The shade of each point, and the colours (RGBA) that shades stand for. */
  shade(shades: Uint8Array, colours: Uint8Array): void {
    const { gl } = this;
    gl2.setTextureFromArray(gl, this.palette, colours, { width: COLOURS, height: 1, auto: false });
    const shade = this.points?.attribs?.shade;
    if (shade !== undefined) gl2.setAttribInfoBufferFromArray(gl, shade, shades);
  }

  /** Draws one of `every` points. */
  draw({ x, y, scale, point, lifted }: Seen, every = 1): void {
    const { gl, points, program } = this;
    const { width, height } = gl.canvas;
    gl.viewport(0, 0, width, height);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    if (points === null || points.numElements === 0) return;
    // The buffers stay as they are: whoever is left out is stepped over.
    const { x: xs, y: ys, shade } = points.attribs ?? {};
    for (const [each, bytes] of [
      [xs, 4],
      [ys, 4],
      [shade, 1],
    ] as const)
      if (each !== undefined) each.stride = bytes * every;
    gl.useProgram(program.program);
    gl2.setBuffersAndAttributes(gl, program, points);
    gl2.setUniforms(program, {
      middle: [x, y],
      scale: [(2 * scale) / width, (2 * scale) / height],
      size: point,
      lift: Number(lifted),
      palette: this.palette,
    });
    gl2.drawBufferInfo(gl, points, gl.POINTS, Math.ceil(points.numElements / every));
  }

  private forget(): void {
    for (const { buffer } of Object.values(this.points?.attribs ?? {}))
      this.gl.deleteBuffer(buffer ?? null);
    this.points = null;
  }

  /** Browsers have few contexts to give: this one is given back. */
  end(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }
}
