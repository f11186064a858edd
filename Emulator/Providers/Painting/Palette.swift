/// The colours of a picture, by light, mood and weather.
struct Palette: Sendable {
    var skyTop: Colour
    var skyBottom: Colour
    var far: Colour
    var near: Colour
    var water: Colour
    var glow: Colour

    init(_ words: Vocabulary) {
        if words.isNight {
            self.init(0x0B1433, 0x2B3A67, 0x1B2A4A, 0x0E1A2B, 0x16305A, 0xF4F1DE)
        } else if words.isDusk {
            self.init(0x3D4E8A, 0xF6A96C, 0x6B5B7B, 0x3B3A4A, 0x7A6C9C, 0xFFE0A3)
        } else {
            self.init(0x4A90D9, 0xCFE8F7, 0x8FB98B, 0x4E8B4F, 0x2F7FA8, 0xFFF3B8)
        }
        switch words.mood {
        case .calm: tint(0xA8C8C0, 0.18)
        case .happy: tint(0xFFC85C, 0.16)
        case .sad: tint(0x4A5A78, 0.38)
        case .dreamy: tint(0xC58BD9, 0.32)
        case .wild: tint(0xD9483B, 0.22)
        case .neutral: break
        }
        switch words.weather {
        case .rain, .cloud: grey(0.45)
        case .storm: grey(0.65)
        case .fog: grey(0.35)
        case .snow:
            grey(0.3)
            far = far.mixed(Colour(0xF2F6FA), 0.7)
            near = near.mixed(Colour(0xF8FBFF), 0.8)
        case nil: break
        }
    }

    private init(
        _ skyTop: UInt32, _ skyBottom: UInt32, _ far: UInt32, _ near: UInt32, _ water: UInt32, _ glow: UInt32
    ) {
        self.skyTop = Colour(skyTop)
        self.skyBottom = Colour(skyBottom)
        self.far = Colour(far)
        self.near = Colour(near)
        self.water = Colour(water)
        self.glow = Colour(glow)
    }

    private mutating func tint(_ hex: UInt32, _ share: Double) {
        let colour = Colour(hex)
        skyTop = skyTop.mixed(colour, share)
        skyBottom = skyBottom.mixed(colour, share)
        far = far.mixed(colour, share * 0.6)
        near = near.mixed(colour, share * 0.3)
        water = water.mixed(colour, share * 0.5)
    }

    private mutating func grey(_ share: Double) {
        for path in [\Palette.skyTop, \Palette.skyBottom, \Palette.water] {
            let colour = self[keyPath: path]
            let level = (colour.red + colour.green + colour.blue) / 3 * 0.9
            self[keyPath: path] = colour.mixed(Colour(level, level, level * 1.05), share)
        }
    }
}
