import Glibc

/// A colour; components 0 to 1.
struct Colour: Sendable, Equatable {
    var red: Double
    var green: Double
    var blue: Double

    init(_ red: Double, _ green: Double, _ blue: Double) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// `0xRRGGBB`.
    init(_ hex: UInt32) {
        self.init(Double(hex >> 16 & 255) / 255, Double(hex >> 8 & 255) / 255, Double(hex & 255) / 255)
    }

    func mixed(_ other: Colour, _ share: Double) -> Colour {
        Colour(
            red + (other.red - red) * share, green + (other.green - green) * share,
            blue + (other.blue - blue) * share)
    }

    func lit(_ factor: Double) -> Colour { Colour(red * factor, green * factor, blue * factor) }
}

/// A raster of red, green and blue bytes. Coordinates are pixels from the top left; shapes are clipped.
struct Canvas {
    let width: Int
    let height: Int
    private(set) var pixels: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = [UInt8](repeating: 0, count: width * height * 3)
    }

    mutating func set(_ x: Int, _ y: Int, _ colour: Colour, alpha: Double = 1) {
        guard x >= 0, y >= 0, x < width, y < height, alpha > 0 else { return }
        let index = (y * width + x) * 3
        let share = min(1, alpha)
        pixels[index] = Self.blend(pixels[index], colour.red, share)
        pixels[index + 1] = Self.blend(pixels[index + 1], colour.green, share)
        pixels[index + 2] = Self.blend(pixels[index + 2], colour.blue, share)
    }

    private static func blend(_ old: UInt8, _ new: Double, _ alpha: Double) -> UInt8 {
        UInt8(max(0, min(255, Double(old) * (1 - alpha) + new * 255 * alpha)))
    }

    mutating func gradient(from top: Colour, to bottom: Colour, rows: Range<Int>) {
        for y in rows.clamped(to: 0..<height) {
            let colour = top.mixed(bottom, Double(y - rows.lowerBound) / Double(max(1, rows.count)))
            for x in 0..<width { set(x, y, colour) }
        }
    }

    /// An ellipse whose edge fades over `soft` of its radius.
    mutating func ellipse(
        _ centreX: Double, _ centreY: Double, _ radiusX: Double, _ radiusY: Double, _ colour: Colour,
        alpha: Double = 1, soft: Double = 0.03
    ) {
        guard radiusX > 0, radiusY > 0 else { return }
        for y in Int(centreY - radiusY)...Int(centreY + radiusY) + 1 {
            for x in Int(centreX - radiusX)...Int(centreX + radiusX) + 1 {
                let dx = (Double(x) - centreX) / radiusX
                let dy = (Double(y) - centreY) / radiusY
                let distance = (dx * dx + dy * dy).squareRoot()
                if distance < 1 { set(x, y, colour, alpha: alpha * min(1, (1 - distance) / soft)) }
            }
        }
    }

    mutating func rectangle(
        _ x: Double, _ y: Double, _ width: Double, _ height: Double, _ colour: Colour, alpha: Double = 1
    ) {
        guard width > 0, height > 0 else { return }
        for row in Int(y)..<Int(y + height) + 1 {
            for column in Int(x)..<Int(x + width) + 1 { set(column, row, colour, alpha: alpha) }
        }
    }

    /// A triangle with a horizontal base.
    mutating func triangle(apex: (Double, Double), baseY: Double, halfWidth: Double, _ colour: Colour) {
        let height = baseY - apex.1
        guard height > 0 else { return }
        for y in Int(apex.1)...Int(baseY) {
            let half = max(0, halfWidth * (Double(y) - apex.1) / height)
            for x in Int(apex.0 - half)...Int(apex.0 + half) { set(x, y, colour) }
        }
    }

    mutating func line(
        from start: (Double, Double), to end: (Double, Double), thickness: Double, _ colour: Colour,
        alpha: Double = 1
    ) {
        let steps = Int(max(abs(end.0 - start.0), abs(end.1 - start.1))) + 1
        for step in 0...steps {
            let share = Double(step) / Double(steps)
            let x = start.0 + (end.0 - start.0) * share
            let y = start.1 + (end.1 - start.1) * share
            if thickness <= 1.5 {
                set(Int(x), Int(y), colour, alpha: alpha)
            } else {
                ellipse(x, y, thickness / 2, thickness / 2, colour, alpha: alpha, soft: 0.5)
            }
        }
    }

    /// Everything below a ridge: `ridge` gives the height of the ground for each column.
    mutating func ground(_ top: Colour, _ bottom: Colour, ridge: (Double) -> Double) {
        for x in 0..<width {
            let start = Int(ridge(Double(x)))
            guard start < height else { continue }
            for y in max(0, start)..<height {
                set(x, y, top.mixed(bottom, Double(y - start) / Double(max(1, height - start))))
            }
        }
    }
}

/// SplitMix64: the same picture for the same prompt, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }

    mutating func number(_ range: ClosedRange<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * Double(next() >> 11) / Double(1 << 53)
    }
}
