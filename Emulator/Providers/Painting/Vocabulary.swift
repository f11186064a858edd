/// What the painter understands of a prompt, in English and Chinese.
struct Vocabulary: Sendable {
    enum Weather: Sendable {
        case rain, snow, storm, cloud, fog

        var phrase: String {
            switch self {
            case .rain: "soft rain and wet reflections"
            case .snow: "falling snow"
            case .storm: "a gathering storm"
            case .cloud: "drifting clouds"
            case .fog: "a veil of fog"
            }
        }
    }

    enum Mood: Sendable {
        case calm, happy, sad, dreamy, wild, neutral

        var phrase: String {
            switch self {
            case .calm: "a calm mood in gentle tones"
            case .happy: "a joyful mood in bright warm colours"
            case .sad: "a wistful mood in muted blues"
            case .dreamy: "a dreamy mood in violet and rose"
            case .wild: "a wild mood in strong contrasts"
            case .neutral: "a balanced mood"
            }
        }
    }

    enum Motif: String, CaseIterable, Sendable {
        case hills, mountains, sea, city, trees, house, flowers, cat, bird, boat
    }

    let isNight: Bool
    let isDusk: Bool
    let weather: Weather?
    let mood: Mood
    let motifs: [Motif]

    var light: String { isDusk ? "golden evening" : "clear day" }

    init(_ prompt: String) {
        let text = prompt.lowercased()
        let words = Set(text.split { !$0.isLetter }.map(String.init))
        func has(_ names: String...) -> Bool {
            names.contains { name in
                // Chinese has no spaces between words; English words have to match whole, or in the plural.
                name.utf8.allSatisfy { $0 < 128 }
                    ? words.contains(name) || words.contains(name + "s") : text.contains(name)
            }
        }
        isNight = has("night", "midnight", "moon", "moonlight", "star", "夜", "月", "星")
        isDusk = has("dusk", "dawn", "sunset", "sunrise", "evening", "morning", "傍晚", "日落", "日出", "黄昏")
        weather =
            has("storm", "stormy", "thunder", "thunderstorm", "lightning", "雷", "暴")
            ? .storm
            : has("snow", "snowy", "snowing", "winter", "雪")
                ? .snow
                : has("rain", "rainy", "raining", "drizzle", "shower", "雨")
                    ? .rain
                    : has("fog", "foggy", "mist", "misty", "haze", "雾", "霾")
                        ? .fog
                        : has("cloud", "cloudy", "clouds", "overcast", "云", "阴") ? .cloud : nil
        mood =
            has("calm", "peaceful", "quiet", "serene", "平静", "安静")
            ? .calm
            : has("happy", "joyful", "bright", "cheerful", "sunny", "shining", "开心", "快乐", "高兴")
                ? .happy
                : has("sad", "lonely", "melancholy", "blue", "难过", "悲", "孤")
                    ? .sad
                    : has("dreamy", "dream", "magic", "fantasy", "romantic", "梦", "浪漫")
                        ? .dreamy
                        : has("wild", "angry", "dramatic", "excited", "energetic", "激", "愤")
                            ? .wild : .neutral
        var found: [Motif] = []
        if has("mountain", "alps", "peak", "山") { found.append(.mountains) }
        if has("hill", "meadow", "field", "countryside", "valley", "丘", "草") { found.append(.hills) }
        if has("sea", "ocean", "beach", "lake", "river", "water", "coast", "海", "湖", "河") {
            found.append(.sea)
        }
        if has("city", "town", "street", "skyline", "building", "tower", "城", "街", "楼") {
            found.append(.city)
        }
        if has("tree", "forest", "wood", "garden", "park", "树", "森", "林") { found.append(.trees) }
        if has("house", "home", "cottage", "cabin", "roof", "hut", "屋", "房", "家") { found.append(.house) }
        if has("flower", "rose", "blossom", "spring", "garden", "花") { found.append(.flowers) }
        if has("cat", "kitten", "猫") { found.append(.cat) }
        if has("bird", "gull", "swallow", "鸟") { found.append(.bird) }
        if has("boat", "ship", "sail", "船") { found.append(.boat) }
        motifs = found
    }
}
