import Glibc

/// A city of the offline weather model.
struct Place: Sendable {
    let id: Int
    let english: String
    let chinese: String
    let country: String
    let latitude: Double
    let longitude: Double

    /// The nearest city to a point, by great-circle distance.
    static func nearest(latitude: Double, longitude: Double) -> Place {
        all.min { $0.distance(latitude, longitude) < $1.distance(latitude, longitude) } ?? all[0]
    }

    /// Central angle in radians (haversine).
    private func distance(_ otherLatitude: Double, _ otherLongitude: Double) -> Double {
        let radians = Double.pi / 180
        let dLatitude = (otherLatitude - latitude) * radians
        let dLongitude = (otherLongitude - longitude) * radians
        let half =
            sin(dLatitude / 2) * sin(dLatitude / 2)
            + cos(latitude * radians) * cos(otherLatitude * radians) * sin(dLongitude / 2)
            * sin(dLongitude / 2)
        return 2 * asin(min(1, half.squareRoot()))
    }

    private init(
        _ id: Int, _ english: String, _ chinese: String, _ country: String, _ latitude: Double,
        _ longitude: Double
    ) {
        self.id = id
        self.english = english
        self.chinese = chinese
        self.country = country
        self.latitude = latitude
        self.longitude = longitude
    }

    /// Ids are our own; the real service's differ.
    static let all: [Place] = [
        Place(1, "Shanghai", "上海", "CN", 31.23, 121.47), Place(2, "Beijing", "北京", "CN", 39.90, 116.40),
        Place(3, "Guangzhou", "广州", "CN", 23.13, 113.26), Place(4, "Shenzhen", "深圳", "CN", 22.54, 114.06),
        Place(5, "Chengdu", "成都", "CN", 30.57, 104.07), Place(6, "Harbin", "哈尔滨", "CN", 45.80, 126.53),
        Place(7, "Urumqi", "乌鲁木齐", "CN", 43.83, 87.62), Place(8, "Hong Kong", "香港", "HK", 22.32, 114.17),
        Place(9, "Taipei", "台北", "TW", 25.03, 121.57), Place(10, "Tokyo", "东京", "JP", 35.68, 139.69),
        Place(11, "Seoul", "首尔", "KR", 37.57, 126.98), Place(12, "Singapore", "新加坡", "SG", 1.35, 103.82),
        Place(13, "Bangkok", "曼谷", "TH", 13.76, 100.50), Place(14, "Jakarta", "雅加达", "ID", -6.21, 106.85),
        Place(15, "Mumbai", "孟买", "IN", 19.08, 72.88), Place(16, "Delhi", "德里", "IN", 28.61, 77.21),
        Place(17, "Dubai", "迪拜", "AE", 25.20, 55.27), Place(18, "Istanbul", "伊斯坦布尔", "TR", 41.01, 28.98),
        Place(19, "Moscow", "莫斯科", "RU", 55.76, 37.62), Place(20, "Berlin", "柏林", "DE", 52.52, 13.41),
        Place(21, "Paris", "巴黎", "FR", 48.86, 2.35), Place(22, "London", "伦敦", "GB", 51.51, -0.13),
        Place(23, "Madrid", "马德里", "ES", 40.42, -3.70), Place(24, "Rome", "罗马", "IT", 41.90, 12.50),
        Place(25, "Stockholm", "斯德哥尔摩", "SE", 59.33, 18.07),
        Place(26, "Reykjavik", "雷克雅未克", "IS", 64.15, -21.94),
        Place(27, "Cairo", "开罗", "EG", 30.04, 31.24), Place(28, "Lagos", "拉各斯", "NG", 6.52, 3.38),
        Place(29, "Nairobi", "内罗毕", "KE", -1.29, 36.82), Place(30, "Cape Town", "开普敦", "ZA", -33.92, 18.42),
        Place(31, "New York", "纽约", "US", 40.71, -74.01), Place(32, "Chicago", "芝加哥", "US", 41.88, -87.63),
        Place(33, "San Francisco", "旧金山", "US", 37.77, -122.42),
        Place(34, "Seattle", "西雅图", "US", 47.61, -122.33),
        Place(35, "Denver", "丹佛", "US", 39.74, -104.99),
        Place(36, "Mexico City", "墨西哥城", "MX", 19.43, -99.13),
        Place(37, "Toronto", "多伦多", "CA", 43.65, -79.38), Place(38, "Sao Paulo", "圣保罗", "BR", -23.55, -46.63),
        Place(39, "Buenos Aires", "布宜诺斯艾利斯", "AR", -34.60, -58.38),
        Place(40, "Lima", "利马", "PE", -12.05, -77.04),
        Place(41, "Sydney", "悉尼", "AU", -33.87, 151.21), Place(42, "Auckland", "奥克兰", "NZ", -36.85, 174.76),
        Place(43, "Honolulu", "檀香山", "US", 21.31, -157.86),
        Place(44, "Anchorage", "安克雷奇", "US", 61.22, -149.90),
    ]
}
