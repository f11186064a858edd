import Digests
import Glibc

/// Paints a prompt as a landscape: sky, light, ground, the motifs that the prompt names, weather on top.
struct Painter {
    private let words: Vocabulary
    private let palette: Palette
    private var canvas: Canvas
    private var random: SeededGenerator
    private var unit: Double { Double(min(canvas.width, canvas.height)) }
    private var width: Double { Double(canvas.width) }
    private var height: Double { Double(canvas.height) }
    private var horizon: Double { height * 0.62 }

    static func paint(_ prompt: String, width: Int, height: Int) -> Canvas {
        let seed = SHA256.hash(prompt).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var painter = Painter(Vocabulary(prompt), seed: seed, width: width, height: height)
        painter.paintAll()
        return painter.canvas
    }

    private init(_ words: Vocabulary, seed: UInt64, width: Int, height: Int) {
        self.words = words
        palette = Palette(words)
        canvas = Canvas(width: width, height: height)
        random = SeededGenerator(seed: seed)
    }

    private mutating func paintAll() {
        canvas.gradient(from: palette.skyTop, to: palette.skyBottom, rows: 0..<Int(height))
        paintLight()
        paintClouds()
        if words.motifs.contains(.mountains) { paintMountains() }
        paintHills(base: horizon - unit * 0.03, swing: unit * 0.06, palette.far, palette.far.lit(0.8))
        if words.motifs.contains(.city) { paintCity() }
        if words.motifs.contains(.sea) { paintSea() }
        paintHills(base: height * 0.84, swing: unit * 0.04, palette.near, palette.near.lit(0.6))
        if words.motifs.contains(.boat) { paintBoat() }
        if words.motifs.contains(.trees) || words.motifs.isEmpty { paintTrees() }
        if words.motifs.contains(.house) { paintHouse() }
        if words.motifs.contains(.flowers) { paintFlowers() }
        if words.motifs.contains(.cat) { paintCat() }
        if words.motifs.contains(.bird) || words.motifs.count < 2 { paintBirds() }
        paintWeather()
    }

    private mutating func paintLight() {
        let x = random.number(0.2...0.8) * width
        let y = height * (words.isDusk ? 0.5 : random.number(0.15...0.3))
        let radius = unit * 0.07
        for step in (1...6).reversed() {
            canvas.ellipse(
                x, y, radius * (1 + Double(step) * 0.7), radius * (1 + Double(step) * 0.7), palette.glow,
                alpha: 0.06,
                soft: 1)
        }
        canvas.ellipse(x, y, radius, radius, palette.glow, alpha: words.weather == nil ? 1 : 0.6, soft: 0.08)
        guard words.isNight else { return }
        canvas.ellipse(
            x + radius * 0.4, y - radius * 0.2, radius * 0.85, radius * 0.85, palette.skyTop, soft: 0.08)
        for _ in 0..<140 {
            let size = random.number(0.0008...0.0024) * unit
            canvas.ellipse(
                random.number(0...1) * width, random.number(0...0.6) * height, size, size, palette.glow,
                alpha: random.number(0.4...1), soft: 0.6)
        }
    }

    private mutating func paintClouds() {
        let count: Int
        switch words.weather {
        case .cloud, .rain, .storm: count = 9
        case .fog, .snow: count = 5
        case nil: count = words.isNight ? 1 : 3
        }
        let dark =
            words.weather == .storm
            ? Colour(0x3A4152) : Colour(0xFFFFFF).mixed(palette.skyTop, words.isNight ? 0.8 : 0.15)
        for _ in 0..<count {
            let x = random.number(0...1) * width
            let y = random.number(0.06...0.4) * height
            let size = random.number(0.05...0.1) * unit
            for _ in 0..<7 {
                canvas.ellipse(
                    x + random.number(-1.6...1.6) * size, y + random.number(-0.25...0.25) * size,
                    size * random.number(0.6...1.2), size * random.number(0.35...0.6), dark, alpha: 0.35,
                    soft: 0.8)
            }
        }
    }

    private mutating func paintHills(base: Double, swing: Double, _ top: Colour, _ bottom: Colour) {
        let phase = random.number(0...6.28)
        let (waves, width) = (random.number(1.2...2.4), width)
        canvas.ground(top, bottom) { x in
            let t = x / width * 6.28 * waves
            return base + sin(t + phase) * swing + sin(t * 2.3 + phase * 1.7) * swing * 0.35
        }
    }

    private mutating func paintMountains() {
        for layer in 0..<2 {
            let colour = palette.far.mixed(palette.skyBottom, layer == 0 ? 0.55 : 0.25)
            for _ in 0..<4 {
                let x = random.number(0...1) * width
                let peak = horizon - random.number(0.18...0.36) * unit
                let half = random.number(0.2...0.34) * unit
                canvas.triangle(apex: (x, peak), baseY: horizon + unit * 0.05, halfWidth: half, colour)
                canvas.triangle(
                    apex: (x, peak), baseY: peak + (horizon - peak) * 0.28, halfWidth: half * 0.24,
                    Colour(0xF4F7FA))
            }
        }
    }

    private mutating func paintSea() {
        let top = Int(horizon)
        canvas.gradient(
            from: palette.water.mixed(palette.skyBottom, 0.4), to: palette.water.lit(0.7),
            rows: top..<Int(height))
        for _ in 0..<Int(unit / 5) {
            let y = horizon + random.number(0.01...1) * (height - horizon)
            let x = random.number(0...1) * width
            let length = (y - horizon) / (height - horizon) * unit * 0.09 + unit * 0.01
            canvas.line(
                from: (x, y), to: (x + length, y), thickness: 1, Colour(0xFFFFFF),
                alpha: random.number(0.15...0.45))
        }
    }

    private mutating func paintCity() {
        var x = -unit * 0.02
        while x < width {
            let wide = random.number(0.05...0.1) * unit
            let tall = random.number(0.1...0.34) * unit
            let colour = palette.far.mixed(palette.skyTop, random.number(0.25...0.6)).lit(0.75)
            canvas.rectangle(x, horizon - tall, wide, tall + unit * 0.06, colour)
            var y = horizon - tall + unit * 0.015
            while y < horizon - unit * 0.01 {
                var column = x + unit * 0.008
                while column < x + wide - unit * 0.012 {
                    let isLit = random.number(0...1) < (words.isNight || words.isDusk ? 0.55 : 0.25)
                    canvas.rectangle(
                        column, y, unit * 0.008, unit * 0.011, isLit ? Colour(0xFFDF8E) : colour.lit(0.7))
                    column += unit * 0.018
                }
                y += unit * 0.025
            }
            x += wide + random.number(0...0.01) * unit
        }
    }
}

/// The motifs in front.
extension Painter {
    private mutating func paintTrees() {
        for _ in 0..<7 {
            let x = random.number(0.03...0.97) * width
            let y = height * random.number(0.82...0.93)
            let size = random.number(0.05...0.1) * unit
            canvas.rectangle(x - size * 0.08, y - size * 0.7, size * 0.16, size * 0.9, Colour(0x5B4030))
            let leaves = words.weather == .snow ? Colour(0xE8F0F4) : palette.near.mixed(Colour(0x2E6B34), 0.5)
            if random.number(0...1) < 0.5 {
                for level in 0..<3 {
                    let top = y - size * (2.1 - Double(level) * 0.5)
                    canvas.triangle(
                        apex: (x, top), baseY: top + size * 0.8,
                        halfWidth: size * (0.35 + Double(level) * 0.14),
                        leaves.lit(0.75 + Double(level) * 0.1))
                }
            } else {
                for _ in 0..<9 {
                    canvas.ellipse(
                        x + random.number(-0.45...0.45) * size, y - size * random.number(0.8...1.6),
                        size * 0.42,
                        size * 0.38, leaves.lit(random.number(0.75...1.1)), alpha: 0.9, soft: 0.25)
                }
            }
        }
    }

    private mutating func paintHouse() {
        let x = random.number(0.3...0.6) * width
        let y = height * 0.88
        let size = unit * 0.2
        let wall = Colour(random.number(0...1) < 0.5 ? 0xB5493A : 0xE9D8B4)
        canvas.rectangle(x, y - size * 0.7, size, size * 0.7, wall)
        canvas.rectangle(x, y - size * 0.7, size * 0.3, size * 0.7, wall.lit(0.85))
        canvas.rectangle(x + size * 0.72, y - size * 1.25, size * 0.12, size * 0.4, wall.lit(0.6))
        canvas.triangle(
            apex: (x + size / 2, y - size * 1.25), baseY: y - size * 0.68, halfWidth: size * 0.62,
            Colour(0x5A3A34))
        let window = words.isNight || words.isDusk ? Colour(0xFFD97A) : Colour(0xBFDDEB)
        for offset in [0.14, 0.66] {
            canvas.rectangle(x + size * offset, y - size * 0.52, size * 0.2, size * 0.2, Colour(0x3E2A24))
            canvas.rectangle(x + size * (offset + 0.02), y - size * 0.5, size * 0.16, size * 0.16, window)
        }
        canvas.rectangle(x + size * 0.42, y - size * 0.36, size * 0.18, size * 0.36, Colour(0x3E2A24))
    }

    private mutating func paintFlowers() {
        let colours: [UInt32] = [0xE4572E, 0xF3A712, 0xE5D9F2, 0xF06292, 0xFFFFFF, 0x8E6BBF]
        for _ in 0..<90 {
            let x = random.number(0...1) * width
            let y = height * random.number(0.88...0.99)
            let size = unit * random.number(0.004...0.009)
            let colour = Colour(colours[Int(random.next() % UInt64(colours.count))])
            canvas.line(from: (x, y), to: (x, y + size * 4), thickness: 1.5, palette.near.lit(0.7))
            for petal in 0..<5 {
                let angle = Double(petal) * 1.2566
                canvas.ellipse(
                    x + cos(angle) * size, y + sin(angle) * size, size * 0.8, size * 0.8, colour, soft: 0.4)
            }
            canvas.ellipse(x, y, size * 0.6, size * 0.6, Colour(0xF7E07A), soft: 0.4)
        }
    }

    private mutating func paintCat() {
        let x = width * random.number(0.25...0.75)
        let y = height * 0.93
        let size = unit * 0.09
        let fur = Colour(words.isNight ? 0x15151C : 0x3A3238)
        canvas.ellipse(x, y - size * 0.55, size * 0.5, size * 0.65, fur)
        canvas.ellipse(x, y - size * 1.3, size * 0.36, size * 0.32, fur)
        for side in [-1.0, 1.0] {
            canvas.triangle(
                apex: (x + side * size * 0.26, y - size * 1.78), baseY: y - size * 1.38,
                halfWidth: size * 0.14, fur)
            canvas.ellipse(
                x + side * size * 0.13, y - size * 1.33, size * 0.055, size * 0.075, Colour(0xE8C547),
                soft: 0.3)
        }
        for step in 0..<24 {
            let t = Double(step) / 23
            canvas.ellipse(
                x + size * (0.4 + t * 0.7), y - size * (0.15 + sin(t * 3) * 0.35), size * 0.08, size * 0.08,
                fur)
        }
    }

    private mutating func paintBirds() {
        for _ in 0..<5 {
            let x = random.number(0.1...0.9) * width
            let y = random.number(0.12...0.4) * height
            let size = random.number(0.008...0.018) * unit
            let ink = palette.skyTop.lit(0.35)
            canvas.line(from: (x - size, y - size * 0.5), to: (x, y), thickness: unit * 0.003, ink)
            canvas.line(from: (x, y), to: (x + size, y - size * 0.5), thickness: unit * 0.003, ink)
        }
    }

    private mutating func paintBoat() {
        let x = width * random.number(0.2...0.7)
        let y = horizon + unit * 0.09
        let size = unit * 0.12
        canvas.triangle(apex: (x, y - size), baseY: y - size * 0.1, halfWidth: size * 0.42, Colour(0xF7F3E8))
        canvas.line(from: (x, y - size), to: (x, y), thickness: unit * 0.004, Colour(0x4B3526))
        canvas.ellipse(x, y, size * 0.6, size * 0.13, Colour(0x6B3E2A))
        canvas.ellipse(
            x, y - size * 0.1, size * 0.62, size * 0.09, palette.water.mixed(Colour(0xF7F3E8), 0.3))
    }

    private mutating func paintWeather() {
        switch words.weather {
        case .rain, .storm:
            for _ in 0..<Int(unit * 0.9) {
                let x = random.number(-0.1...1) * width
                let y = random.number(-0.1...1) * height
                let length = random.number(0.015...0.04) * unit
                canvas.line(
                    from: (x, y), to: (x + length * 0.25, y + length), thickness: 1, Colour(0xDCE7F2),
                    alpha: 0.4)
            }
            if words.weather == .storm { paintLightning() }
        case .snow:
            for _ in 0..<Int(unit * 0.6) {
                let size = random.number(0.0015...0.005) * unit
                canvas.ellipse(
                    random.number(0...1) * width, random.number(0...1) * height, size, size, Colour(0xFFFFFF),
                    alpha: 0.85, soft: 0.7)
            }
        case .fog:
            for band in 0..<6 {
                canvas.ellipse(
                    random.number(0...1) * width, horizon + (Double(band) - 3) * unit * 0.07, width * 0.8,
                    unit * 0.09,
                    Colour(0xEDF1F4), alpha: 0.35, soft: 1)
            }
        case .cloud, nil: break
        }
    }

    private mutating func paintLightning() {
        var x = random.number(0.2...0.8) * width
        var y = height * 0.1
        while y < horizon {
            let next = (x + random.number(-0.05...0.05) * unit, y + random.number(0.03...0.07) * unit)
            canvas.line(from: (x, y), to: next, thickness: unit * 0.005, Colour(0xFFFBE0))
            (x, y) = next
        }
    }
}
