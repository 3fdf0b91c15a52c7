// The threshold under the pointer: everything that moves is looked up in arrays that came once, nothing is asked of
// the server before the release.
const NS = "http://www.w3.org/2000/svg"
const PANEL = 150, COST = 96, GAP = 26, TOP = 18, POINTS = 600
const LINES = [
  { name: "Precision", color: "#E69F00", dash: "" },
  { name: "Recall", color: "#8C6BB1", dash: "7 4" },
  { name: "F1", color: "#009E73", dash: "2 3" },
]
const instances = new WeakMap()

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 })
const figure = v => !Number.isFinite(v) ? "–" : Math.abs(v) >= 100 ? whole.format(v)
  : new Intl.NumberFormat("en", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }).format(v)
const share = v => Number.isFinite(v) ? `${(100 * v).toFixed(1)} %` : "–"
const money = (v, currency) => `${Math.abs(v) >= 100 ? whole.format(v) : v.toFixed(2)} ${currency}`.trim()

function outcome(tp, fp, data) {
  const fn = data.positives - tp, tn = data.negatives - fp, n = data.positives + data.negatives
  const cost = data.cost ? (fn * data.cost.miss + fp * data.cost.false_alarm) / n * 1000 : null
  return {
    tp, fp, fn, tn, cost, precision: tp + fp ? tp / (tp + fp) : NaN, recall: data.positives ? tp / data.positives : NaN,
    f1: 2 * tp + fp + fn ? 2 * tp / (2 * tp + fp + fn) : NaN, alerts: (tp + fp) / n,
  }
}

function element(name, attributes, parent) {
  const made = document.createElementNS(NS, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  parent.append(made)
  return made
}

// The first threshold that is not below x, or the one before it where that is nearer.
function nearest(thresholds, x) {
  let low = 0, high = thresholds.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (thresholds[middle] < x) low = middle + 1
    else high = middle
  }
  return low > 0 && x - thresholds[low - 1] < thresholds[low] - x ? low - 1 : low
}

class Threshold {
  constructor(root) {
    this.root = root
    this.find = selector => root.querySelector(selector)
    this.slider = this.find(".slider")
    this.plot = this.find(".plot")
    this.dragging = false
    this.timer = 0
    for (const place of [this.slider, this.plot]) {
      place.onpointerdown = event => this.press(event, place)
      place.onpointermove = event => this.dragging && this.point(event)
      place.onpointerup = place.onpointercancel = () => this.release()
    }
    this.slider.onkeydown = event => this.press_key(event)
    this.slider.onblur = () => this.timer && this.send()
    this.watch = new ResizeObserver(() => this.data && this.draw())
    this.watch.observe(this.find(".left"))
  }

  take(data, setStateValue) {
    this.data = data
    this.setStateValue = setStateValue
    this.top = Math.min(1, data.threshold[Math.max(data.threshold.length - 2, 0)] * 1.03 || 1)
    this.half = outcome(data.tp[data.half], data.fp[data.half], data)
    if (!this.dragging && !this.timer) {
      this.index = nearest(data.threshold, data.at.threshold)
      this.exact = data.at
    }
    this.label()
    this.draw()
  }

  label() {
    const { data, slider } = this
    this.find(".pos th").textContent = data.names[1]
    this.find(".neg th").textContent = data.names[0]
    slider.setAttribute("aria-valuemin", "0")
    slider.setAttribute("aria-valuemax", "1")
    this.find(".hint").textContent =
      "Drag, click or use the arrow keys (Page Up and Down for bigger steps, Home for everyone, End for nobody)." +
      (data.stability ? " The shaded range is where the best threshold falls when the rows are drawn again." : "")
    const rows = ["Precision", "Recall", "F1", "Alert rate", ...(data.cost ? ["Cost per 1,000 rows"] : [])]
    const body = this.find(".values tbody")
    if (body.children.length !== rows.length) {
      body.replaceChildren(...rows.map(name => {
        const row = document.createElement("tr"), head = document.createElement("th")
        head.scope = "row"
        head.textContent = name
        row.append(head, document.createElement("td"), document.createElement("td"))
        return row
      }))
    }
    this.cells = [...body.querySelectorAll("td")]
    this.counts = ["tp", "fn", "fp", "tn"].map(name => this.count_cell(name))
    this.write_values(this.half, 1)
  }

  count_cell(name) {
    const cell = this.find(`[data-count=${name}]`)
    if (!cell.firstChild) {
      for (const kind of ["count", "half", "bar"]) {
        const part = document.createElement("span")
        part.className = kind
        cell.append(part)
      }
    }
    const [count, half, bar] = cell.children
    half.textContent = `at 0.5: ${whole.format(this.half[name])}`
    return { name, count, bar, of: name === "tp" || name === "fn" ? this.data.positives : this.data.negatives }
  }

  write_values(now, column) {
    const values = [share(now.precision), share(now.recall), figure(now.f1), share(now.alerts)]
    if (this.data.cost) values.push(money(now.cost, this.data.cost.currency))
    values.forEach((text, row) => { this.cells[2 * row + column].textContent = text })
  }

  x(threshold) { return Math.min(threshold / this.top, 1) * this.width }

  draw() {
    const { data, plot } = this
    this.width = Math.max(this.find(".left").clientWidth, 120)
    const height = TOP + PANEL + GAP + (data.cost ? COST + GAP : 0)
    plot.replaceChildren()
    plot.setAttribute("height", height)
    plot.setAttribute("viewBox", `0 0 ${this.width} ${height}`)
    this.draw_bands(height)
    this.draw_axes(height)
    const curve = this.curve()
    this.dots = LINES.map((line, k) => this.draw_line(line, curve.map(p => [p.x, p.values[k]]), TOP, PANEL, 1))
    if (data.cost) {
      this.cost_top = Math.max(...curve.map(p => p.cost), 1e-12)
      const line = { name: "Cost", color: "var(--st-text-color)", dash: "" }
      this.dots.push(this.draw_line(line, curve.map(p => [p.x, p.cost]), TOP + PANEL + GAP, COST, this.cost_top))
      element("text", { x: 4, y: TOP + PANEL + GAP - 6 }, plot).textContent =
        `Expected cost per 1,000 rows, up to ${money(this.cost_top, data.cost.currency)}`
    }
    this.mark = element("line", { class: "mark", y1: 0, y2: height - GAP + 6 }, plot)
    this.draw_key()
    this.show()
  }

  draw_bands(height) {
    const range = this.find(".range"), { stability } = this.data
    range.hidden = !stability
    if (!stability) return
    const left = this.x(stability[0]), width = Math.max(this.x(stability[1]) - left, 3)
    element("rect", { class: "band", x: left, y: 0, width, height: height - GAP + 6 }, this.plot)
    range.style.left = `${left}px`
    range.style.width = `${width}px`
  }

  draw_axes(height) {
    for (const level of [0, 0.5, 1]) {
      const y = TOP + PANEL * (1 - level)
      element("line", { class: "grid", x1: 0, x2: this.width, y1: y, y2: y }, this.plot)
      element("text", { x: 4, y: y - 3 }, this.plot).textContent = level === 0.5 ? "50 %" : `${100 * level} %`
    }
    const step = [0.01, 0.02, 0.05, 0.1, 0.2].find(s => this.top / s <= 6) ?? 0.2
    for (let at = 0; at <= this.top + 1e-9; at += step) {
      const anchor = at === 0 ? "start" : this.width - this.x(at) < 16 ? "end" : "middle"
      element("text", { x: this.x(at), y: height - 4, "text-anchor": anchor }, this.plot).textContent = at.toFixed(2)
    }
    if (this.top >= 0.5) {
      element("line", { class: "half", x1: this.x(0.5), x2: this.x(0.5), y1: 0, y2: height - GAP + 6 }, this.plot)
    }
  }

  // At most POINTS places along the axis, at equal pixels: what lies between two pixels cannot be seen.
  curve() {
    const { data } = this, places = []
    let last = -1
    for (let i = 0; i < data.threshold.length; i++) {
      const x = this.x(data.threshold[i]), bucket = Math.floor(x / this.width * POINTS)
      if (bucket === last && i < data.threshold.length - 1) continue
      last = bucket
      const now = outcome(data.tp[i], data.fp[i], data)
      places.push({ x, values: [now.precision, now.recall, now.f1], cost: now.cost })
    }
    return places
  }

  draw_line(line, points, top, height, scale) {
    const y = value => top + height * (1 - value / scale)
    const drawn = points.filter(p => Number.isFinite(p[1]))
    const path = drawn.map((p, k) => `${k ? "L" : "M"}${p[0].toFixed(1)} ${y(p[1]).toFixed(1)}`).join("")
    element("path", { d: path, style: `stroke: ${line.color}`, "stroke-dasharray": line.dash }, this.plot)
    return { dot: element("circle", { r: 5, style: `fill: ${line.color}` }, this.plot), y }
  }

  draw_key() {
    const key = this.find(".key")
    if (key.children.length) return
    for (const line of LINES) {
      const item = document.createElement("li"), swatch = element("svg", { viewBox: "0 0 26 8" }, item)
      const dash = { "stroke-dasharray": line.dash, "stroke-width": 2.5 }
      element("line", { x1: 0, x2: 26, y1: 4, y2: 4, style: `stroke: ${line.color}`, ...dash }, swatch)
      item.append(line.name)
      key.append(item)
    }
    const item = document.createElement("li")
    item.append("┆ 0.5")
    key.append(item)
  }

  // One step: text, four bars, a line and four dots. Nothing is measured, so the browser lays out once.
  show() {
    const { data } = this
    const at = this.exact ?? { threshold: data.threshold[this.index], tp: data.tp[this.index], fp: data.fp[this.index] }
    const now = outcome(at.tp, at.fp, data), x = this.x(at.threshold)
    this.current = at.threshold
    this.mark.setAttribute("transform", `translate(${x} 0)`)
    const values = [now.precision, now.recall, now.f1, now.cost]
    this.dots.forEach(({ dot, y }, k) => {
      const known = Number.isFinite(values[k])
      dot.setAttribute("opacity", known ? 1 : 0)
      if (known) dot.setAttribute("transform", `translate(${x} ${y(values[k])})`)
    })
    this.find(".handle").style.transform = `translateX(${x}px)`
    for (const { name, count, bar, of } of this.counts) {
      count.textContent = whole.format(now[name])
      bar.style.transform = `scaleX(${of ? now[name] / of : 0})`
    }
    this.write_values(now, 0)
    this.say(at.threshold, now)
  }

  say(threshold, now) {
    const { data } = this, name = data.names[1]
    const text = `From a score of ${figure(threshold)}: ${whole.format(now.tp)} of ${whole.format(data.positives)} ` +
      `“${name}” are found, ${whole.format(now.fn)} are missed, with ${whole.format(now.fp)} false alarms` +
      (data.cost ? `; mistakes cost ${money(now.cost, data.cost.currency)} per 1,000 rows.` : ".")
    this.find(".said").textContent = text
    this.slider.setAttribute("aria-valuenow", threshold)
    this.slider.setAttribute("aria-valuetext", text)
  }

  go(index) {
    this.index = Math.max(0, Math.min(index, this.data.threshold.length - 1))
    this.exact = null
    this.show()
  }

  press(event, place) {
    event.preventDefault()
    this.slider.focus()
    if (event.isTrusted) place.setPointerCapture(event.pointerId)
    this.dragging = true
    this.left = this.plot.getBoundingClientRect().left
    this.point(event)
  }

  point(event) {
    this.go(nearest(this.data.threshold, (event.clientX - this.left) / this.width * this.top))
  }

  release() {
    if (!this.dragging) return
    this.dragging = false
    this.send()
  }

  press_key(event) {
    const big = Math.max(10, Math.round(this.data.threshold.length / 20)), last = this.data.threshold.length - 1
    const to = {
      ArrowRight: this.index + 1, ArrowUp: this.index + 1, ArrowLeft: this.index - 1, ArrowDown: this.index - 1,
      PageUp: this.index + big, PageDown: this.index - big, Home: 0, End: last,
    }[event.key]
    if (to === undefined) return
    event.preventDefault()
    this.go(to)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.send(), 400)
  }

  send() {
    clearTimeout(this.timer)
    this.timer = 0
    this.setStateValue("threshold", this.current)
  }

  stop() {
    clearTimeout(this.timer)
    this.watch.disconnect()
  }
}

export default function ({ parentElement, data, setStateValue }) {
  if (!instances.has(parentElement)) instances.set(parentElement, new Threshold(parentElement))
  const shown = instances.get(parentElement)
  shown.take(data, setStateValue)
  return () => {
    shown.stop()
    instances.delete(parentElement)
  }
}
